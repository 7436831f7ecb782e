#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::ledger {

namespace pb = ::oversight::ledger::v1;

inline constexpr size_t kHashBytes = 32;
inline constexpr size_t kIncarnationBytes = 16;
inline constexpr size_t kSaltBytes = 32;

// What an entry says about a resource: the part that the law may have erased.
struct Payload {
  std::string resource_name;
  // Full message name, `oversight.workforce.v1.Post`.
  std::string resource_type;
  // The message's deterministic bytes, as they were stored.
  std::string bytes;
  std::string salt;
};

// One entry of the chain as it is stored.
struct StoredEntry {
  std::string authority;
  uint64_t revision = 0;
  std::string incarnation;
  absl::Time time;
  std::string actor;
  std::string method;
  pb::Change change = pb::CHANGE_UNSPECIFIED;
  uint64_t resource_version = 0;
  // Absent once erased.
  std::optional<Payload> payload;
  std::string commitment;
  std::vector<std::string> depends_on;
  std::vector<uint64_t> erased_revisions;
  std::string hash;
};

// The salted commitment to a payload, which is all that the chain holds of it: HMAC-SHA256 keyed with the
// salt, so that nobody can guess at an erased payload by trying.
std::string Commitment(const Payload& payload);

// SHA-256 over the predecessor's hash (32 zero bytes for the first) and every stored field but the payload.
// The encoding is fixed for ever: a tag with its version, then each field with its length in eight bytes, big
// endian.
std::string EntryHash(absl::string_view previous_hash, const StoredEntry& entry);

std::string Sha256(absl::string_view bytes);
// Bytes fit for keys and salts.
std::string RandomBytes(size_t count);
// The hash before the first entry.
std::string GenesisHash();

}  // namespace oversight::ledger
