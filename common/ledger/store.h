#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ledger/hash_chain.h"
#include "common/mysql/connection.h"

namespace oversight::ledger {

// The newest entry of an authority; revision 0 and the genesis hash when there is none yet.
struct HeadRow {
  std::string authority;
  std::string incarnation;
  uint64_t revision = 0;
  std::string hash;
  absl::Time time;
};

// A change that is to become an entry.
struct NewEntry {
  pb::Change change = pb::CHANGE_UNSPECIFIED;
  std::string resource_name;
  std::string resource_type;
  uint64_t resource_version = 0;
  std::string payload;
  std::vector<std::string> depends_on;
  std::vector<uint64_t> erased_revisions;
};

// Locks the authority's head until the transaction ends, making it when the authority is new.
absl::StatusOr<HeadRow> LockHead(mysql::Connection& connection, const std::string& authority);

// Appends entries, in order, and moves the head; the last act of a transaction before COMMIT. Returns the new
// head. An entry's time is `now`, but never before its predecessor's.
absl::StatusOr<HeadRow> Append(mysql::Connection& connection, const std::string& authority,
                               const std::string& actor, absl::string_view method, absl::Time now,
                               std::span<const NewEntry> entries);

// The head as last committed; revision 0 when the authority has none.
absl::StatusOr<HeadRow> ReadHead(mysql::Connection& connection, const std::string& authority);
absl::StatusOr<std::vector<HeadRow>> ReadHeads(mysql::Connection& connection);

// As many as those who read a whole ledger ask for at a time.
inline constexpr int kEntriesPerRead = 500;

// Reads at most `limit` entries from revision `from` on, in order.
absl::Status ReadEntries(mysql::Connection& connection, const std::string& authority, uint64_t from,
                         int limit, absl::FunctionRef<absl::Status(StoredEntry)> reader);

// The entry with this revision, or nothing.
absl::StatusOr<std::optional<StoredEntry>> ReadEntry(mysql::Connection& connection,
                                                     const std::string& authority, uint64_t revision);

// Starts a new incarnation, after a restore; older tokens are refused from then on. A transaction of its own.
absl::Status StartNewIncarnation(mysql::Connection& connection, absl::Time now);

pb::Token TokenOf(absl::string_view ledger, const HeadRow& head);
// The entry as watchers see it. Its token is of the present incarnation, so that a watch can go on from it.
pb::Entry ToProto(absl::string_view ledger, const StoredEntry& entry, const std::string& incarnation);

// Blanks the payloads of these entries; the chain still verifies.
absl::Status ErasePayloads(mysql::Connection& connection, const std::string& authority,
                           std::span<const uint64_t> revisions);

}  // namespace oversight::ledger
