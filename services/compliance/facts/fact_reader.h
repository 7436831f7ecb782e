#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/any.pb.h"
#include "services/compliance/engine/facts.h"

namespace oversight::compliance {

// The engine knows resources by their names within the authority, `workers/w1`: shorter, and the same for
// all.
std::string RelativeName(absl::string_view resource_name);
std::string FullName(absl::string_view authority, absl::string_view relative_name);

// What is packed; null when it is no record that compliance holds, or cannot be read.
std::unique_ptr<google::protobuf::Message> Unpacked(const google::protobuf::Any& resource);

// Puts the state of a resource, as a ledger tells it, into the facts. Resources of other services change
// nothing. DATA_LOSS (RESOURCE_UNREADABLE) when the bytes are not of the type they claim.
absl::StatusOr<engine::DirtySet> PutResource(engine::AuthorityFacts& facts, absl::string_view resource_name,
                                             const google::protobuf::Any& resource);
// The same for a message and its name within the authority.
engine::DirtySet PutMessage(engine::AuthorityFacts& facts, absl::string_view relative_name,
                            const google::protobuf::Message& message);

// PutResource for very many, one after the other: what they are read into is kept from one to the next, and
// with it what the last of each type said. Not synchronised.
class FactReader {
 public:
  absl::StatusOr<engine::DirtySet> Put(engine::AuthorityFacts& facts, absl::string_view resource_name,
                                       const google::protobuf::Any& resource);

 private:
  // Null where it is no record that compliance holds.
  google::protobuf::Message* MessageFor(const google::protobuf::Any& resource);

  absl::flat_hash_map<std::string, std::unique_ptr<google::protobuf::Message>> messages_;  // by type URL
};

// Forgets a resource that was deleted.
engine::DirtySet RemoveResource(engine::AuthorityFacts& facts, absl::string_view resource_name);
// Forgets a resource and all that lies beneath it, names included, because the law had it erased. A name that
// another record still says stays as long as that does. Takes as long as there are facts.
engine::DirtySet EraseResource(engine::AuthorityFacts& facts, absl::string_view resource_name);
// Forgets everything that the ledger of one service told: workforce, caseload or supervision.
engine::DirtySet RemoveAllOf(engine::AuthorityFacts& facts, absl::string_view ledger);

}  // namespace oversight::compliance
