#include "common/ledger/store.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/ledger/token.h"
#include "common/mysql/batch.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"

namespace oversight::ledger {
namespace {

using mysql::Connection;
using mysql::Row;
using mysql::Value;

constexpr char kSelectIncarnation[] = "SELECT incarnation FROM ledger_incarnation WHERE id = 1";
constexpr char kInsertHead[] =
    "INSERT IGNORE INTO ledger_head (authority, incarnation, revision, hash, time) VALUES (?, ?, 0, ?, ?)";
constexpr char kLockHead[] =
    "SELECT authority, incarnation, revision, hash, time FROM ledger_head WHERE authority = ? FOR UPDATE";
constexpr char kSelectHead[] =
    "SELECT authority, incarnation, revision, hash, time FROM ledger_head WHERE authority = ?";
constexpr char kSelectHeads[] = "SELECT authority, incarnation, revision, hash, time FROM ledger_head";
constexpr char kUpdateHead[] = "UPDATE ledger_head SET revision = ?, hash = ?, time = ? WHERE authority = ?";
constexpr char kInsertEntry[] =
    "INSERT INTO ledger_entry (authority, revision, incarnation, time, actor, method, change_kind, "
    "resource_version, "
    "resource_name, resource_type, payload, salt, commitment, depends_on, erased_revisions, hash) VALUES ";
constexpr int kEntryColumns = 16;
constexpr char kSelectEntries[] =
    "SELECT authority, revision, incarnation, time, actor, method, change_kind, resource_version, "
    "resource_name, "
    "resource_type, payload, salt, commitment, depends_on, erased_revisions, hash FROM ledger_entry "
    "WHERE authority = ? AND revision >= ? ORDER BY revision LIMIT ?";
constexpr char kErasePayload[] =
    "UPDATE ledger_entry SET resource_name = NULL, resource_type = NULL, payload = NULL, salt = NULL "
    "WHERE authority = ? AND revision = ?";
constexpr char kUpdateIncarnation[] = "UPDATE ledger_incarnation SET incarnation = ?, since = ? WHERE id = 1";
constexpr char kUpdateHeadIncarnations[] = "UPDATE ledger_head SET incarnation = ?";

HeadRow ReadHeadRow(const Row& row) {
  return {.authority = row.Bytes(0),
          .incarnation = row.Bytes(1),
          .revision = row.Uint64(2),
          .hash = row.Bytes(3),
          .time = row.Time(4)};
}

std::string JoinRevisions(const std::vector<uint64_t>& revisions) { return absl::StrJoin(revisions, ","); }

absl::StatusOr<StoredEntry> ReadEntryRow(const Row& row) {
  StoredEntry entry{.authority = row.Bytes(0),
                    .revision = row.Uint64(1),
                    .incarnation = row.Bytes(2),
                    .time = row.Time(3),
                    .actor = row.Bytes(4),
                    .method = row.Bytes(5),
                    .change = static_cast<pb::Change>(row.Int64(6)),
                    .resource_version = row.Uint64(7)};
  if (!row.IsNull(10)) {
    entry.payload = Payload{.resource_name = row.Bytes(8),
                            .resource_type = row.Bytes(9),
                            .bytes = row.Bytes(10),
                            .salt = row.Bytes(11)};
  }
  entry.commitment = row.Bytes(12);
  if (std::string tokens = row.Bytes(13); !tokens.empty()) entry.depends_on = absl::StrSplit(tokens, '\n');
  if (std::string revisions = row.Bytes(14); !revisions.empty()) {
    for (absl::string_view part : absl::StrSplit(revisions, ',')) {
      uint64_t revision = 0;
      if (!absl::SimpleAtoi(part, &revision)) {
        return Error(absl::StatusCode::kDataLoss, "LEDGER_UNREADABLE",
                     absl::StrCat("entry ", entry.revision, " lists erased revisions that are no numbers"));
      }
      entry.erased_revisions.push_back(revision);
    }
  }
  entry.hash = row.Bytes(15);
  return entry;
}

absl::StatusOr<std::string> ReadIncarnation(Connection& connection) {
  std::string incarnation;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectIncarnation, {}, [&](const Row& row) {
    incarnation = row.Bytes(0);
    return absl::OkStatus();
  }));
  if (incarnation.size() != kIncarnationBytes) {
    return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
                 "the ledger has no incarnation; run `migrate up`");
  }
  return incarnation;
}

absl::StatusOr<std::optional<HeadRow>> SelectHead(Connection& connection, absl::string_view sql,
                                                  const std::string& authority) {
  std::optional<HeadRow> head;
  const std::array<Value, 1> parameters = {authority};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(sql, parameters, [&](const Row& row) {
    head = ReadHeadRow(row);
    return absl::OkStatus();
  }));
  return head;
}

// What of an entry does not depend on those before it.
struct Sealed {
  Payload payload;
  std::string commitment;
};

std::vector<Sealed> Seal(std::span<const NewEntry> entries) {
  const std::string salts = RandomBytes(kSaltBytes * entries.size());
  std::vector<Sealed> sealed;
  sealed.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    Payload payload{.resource_name = entries[i].resource_name,
                    .resource_type = entries[i].resource_type,
                    .bytes = entries[i].payload,
                    .salt = salts.substr(i * kSaltBytes, kSaltBytes)};
    std::string commitment = Commitment(payload);
    sealed.push_back({std::move(payload), std::move(commitment)});
  }
  return sealed;
}

template <typename... Columns>
void AddRow(std::vector<Value>& values, Columns&&... columns) {
  (values.emplace_back(std::forward<Columns>(columns)), ...);
}

}  // namespace

absl::StatusOr<HeadRow> LockHead(Connection& connection, const std::string& authority) {
  OVERSIGHT_ASSIGN_OR_RETURN(std::optional<HeadRow> head, SelectHead(connection, kLockHead, authority));
  if (head.has_value()) return *head;
  OVERSIGHT_ASSIGN_OR_RETURN(std::string incarnation, ReadIncarnation(connection));
  const std::array<Value, 4> parameters = {authority, incarnation, GenesisHash(), absl::UnixEpoch()};
  OVERSIGHT_ASSIGN_OR_RETURN(int64_t inserted, connection.Execute(kInsertHead, parameters));
  static_cast<void>(inserted);  // 0 when another transaction was first
  OVERSIGHT_ASSIGN_OR_RETURN(head, SelectHead(connection, kLockHead, authority));
  if (!head.has_value()) {
    return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                 "the ledger's head was taken away meanwhile");
  }
  return *head;
}

absl::StatusOr<HeadRow> Append(Connection& connection, const std::string& authority, const std::string& actor,
                               absl::string_view method, absl::Time now, std::span<const NewEntry> entries) {
  // Worked out before the head is locked, so that the authority's other writers wait no longer than they
  // must.
  const std::vector<Sealed> sealed = Seal(entries);
  OVERSIGHT_ASSIGN_OR_RETURN(HeadRow head, LockHead(connection, authority));
  if (entries.empty()) return head;
  // Instants are stored in microseconds, and the hash must be of what is stored.
  const absl::Time time = std::max(absl::FromUnixMicros(absl::ToUnixMicros(now)), head.time);
  std::vector<Value> values;
  values.reserve(entries.size() * kEntryColumns);
  for (size_t i = 0; i < entries.size(); ++i) {
    const NewEntry& change = entries[i];
    const Payload& payload = sealed[i].payload;
    StoredEntry entry{.authority = authority,
                      .revision = head.revision + 1,
                      .incarnation = head.incarnation,
                      .time = time,
                      .actor = actor,
                      .method = std::string(method),
                      .change = change.change,
                      .resource_version = change.resource_version,
                      .commitment = sealed[i].commitment,
                      .depends_on = change.depends_on,
                      .erased_revisions = change.erased_revisions};
    head.hash = EntryHash(head.hash, entry);
    head.revision = entry.revision;
    AddRow(values, authority, entry.revision, entry.incarnation, time, actor, entry.method,
           static_cast<int64_t>(entry.change), entry.resource_version, payload.resource_name,
           payload.resource_type, payload.bytes, payload.salt, entry.commitment,
           absl::StrJoin(entry.depends_on, "\n"), JoinRevisions(entry.erased_revisions), head.hash);
  }
  head.time = time;
  OVERSIGHT_RETURN_IF_ERROR(mysql::InsertRows(connection, kInsertEntry, kEntryColumns, "", values));
  const std::array<Value, 4> parameters = {head.revision, head.hash, head.time, authority};
  OVERSIGHT_ASSIGN_OR_RETURN(int64_t updated, connection.Execute(kUpdateHead, parameters));
  if (updated != 1) {
    return Error(absl::StatusCode::kInternal, "LEDGER_HEAD_LOST", "the ledger's head row was not updated");
  }
  return head;
}

absl::StatusOr<HeadRow> ReadHead(Connection& connection, const std::string& authority) {
  OVERSIGHT_ASSIGN_OR_RETURN(std::optional<HeadRow> head, SelectHead(connection, kSelectHead, authority));
  if (head.has_value()) return *head;
  HeadRow none{.authority = authority, .hash = GenesisHash(), .time = absl::UnixEpoch()};
  OVERSIGHT_ASSIGN_OR_RETURN(none.incarnation, ReadIncarnation(connection));
  return none;
}

absl::StatusOr<std::vector<HeadRow>> ReadHeads(Connection& connection) {
  std::vector<HeadRow> heads;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectHeads, {}, [&](const Row& row) {
    heads.push_back(ReadHeadRow(row));
    return absl::OkStatus();
  }));
  return heads;
}

absl::Status ReadEntries(Connection& connection, const std::string& authority, uint64_t from, int limit,
                         absl::FunctionRef<absl::Status(StoredEntry)> reader) {
  const std::array<Value, 3> parameters = {authority, from, int64_t{limit}};
  return connection.Query(kSelectEntries, parameters, [&](const Row& row) {
    OVERSIGHT_ASSIGN_OR_RETURN(StoredEntry entry, ReadEntryRow(row));
    return reader(std::move(entry));
  });
}

absl::StatusOr<std::optional<StoredEntry>> ReadEntry(Connection& connection, const std::string& authority,
                                                     uint64_t revision) {
  std::optional<StoredEntry> found;
  OVERSIGHT_RETURN_IF_ERROR(ReadEntries(connection, authority, revision, 1, [&](StoredEntry entry) {
    if (entry.revision == revision) found = std::move(entry);
    return absl::OkStatus();
  }));
  return found;
}

absl::Status StartNewIncarnation(Connection& connection, absl::Time now) {
  const std::string incarnation = RandomBytes(kIncarnationBytes);
  const std::array<Value, 2> parameters = {incarnation, now};
  const std::array<Value, 1> head_parameters = {incarnation};
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("START TRANSACTION"));
  OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kUpdateIncarnation, parameters).status());
  OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kUpdateHeadIncarnations, head_parameters).status());
  return connection.ExecuteText("COMMIT");
}

absl::Status ErasePayloads(Connection& connection, const std::string& authority,
                           std::span<const uint64_t> revisions) {
  for (uint64_t revision : revisions) {
    const std::array<Value, 2> parameters = {authority, revision};
    OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kErasePayload, parameters).status());
  }
  return absl::OkStatus();
}

pb::Token TokenOf(absl::string_view ledger, const HeadRow& head) {
  pb::Token token;
  token.set_ledger(std::string(ledger));
  token.set_authority(absl::StrCat("authorities/", head.authority));
  token.set_incarnation(head.incarnation);
  token.set_revision(static_cast<int64_t>(head.revision));
  token.set_hash(head.hash);
  return token;
}

pb::Entry ToProto(absl::string_view ledger, const StoredEntry& entry, const std::string& incarnation) {
  pb::Entry out;
  out.set_authority(absl::StrCat("authorities/", entry.authority));
  out.set_revision(static_cast<int64_t>(entry.revision));
  *out.mutable_time() = ToTimestamp(entry.time);
  out.set_actor(entry.actor);
  out.set_method(entry.method);
  out.set_change(entry.change);
  out.set_resource_version(static_cast<int64_t>(entry.resource_version));
  if (entry.payload.has_value()) {
    out.set_resource_name(entry.payload->resource_name);
    out.mutable_resource()->set_type_url(absl::StrCat("type.googleapis.com/", entry.payload->resource_type));
    out.mutable_resource()->set_value(entry.payload->bytes);
  } else {
    out.set_erased(true);
  }
  for (const std::string& token : entry.depends_on) out.add_depends_on(token);
  for (uint64_t revision : entry.erased_revisions) out.add_erased_revisions(static_cast<int64_t>(revision));
  out.set_token(EncodeToken(TokenOf(ledger, {.authority = entry.authority,
                                             .incarnation = incarnation,
                                             .revision = entry.revision,
                                             .hash = entry.hash,
                                             .time = entry.time})));
  return out;
}

}  // namespace oversight::ledger
