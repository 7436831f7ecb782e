#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/kind.h"
#include "common/resource/writer.h"

namespace oversight::resource {

// What the requests of the standard methods ask for, one resource each. Their fields have the names that the
// AIPs give them. A request must outlive its mutation.

// `parent` is the name of the new resource's parent; `chosen_id` is taken where the request names none.
absl::StatusOr<Mutation> CreateMutation(const Kind& kind, const Message& request, const std::string& parent,
                                        const std::string& chosen_id);
absl::StatusOr<Mutation> UpdateMutation(const Kind& kind, const Message& request);
absl::StatusOr<Mutation> DeleteMutation(const Kind& kind, const Message& request);
absl::StatusOr<Mutation> UndeleteMutation(const Kind& kind, const Message& request);
// Takes back what lies beneath as well. INVALID_FIELDS without a reason.
absl::StatusOr<Mutation> VoidMutation(const Kind& kind, const Message& request, const Registry& kinds);

// What a custom verb does to one live resource: `change` alters the state it is given, or refuses; it may run
// several times.
Mutation VerbMutation(const Kind& kind, const Key& key, const std::string& etag,
                      std::function<absl::Status(Message& state)> change);

// 20 characters that no other resource has.
std::string NewId();

// The change set of a request that has one mutation.
ChangeSet OneChange(Mutation mutation, const std::string& actor, absl::string_view method,
                    const Message& request);

// INVALID_ARGUMENT (INVALID_NAME) unless the name has the kind's pattern.
absl::StatusOr<Key> ParseName(const Kind& kind, absl::string_view name, absl::string_view field);
// Sets the message's `name` to what its key says.
void SetName(const Kind& kind, const Key& key, Message& state);
// `reason` of a request that needs one. INVALID_FIELDS when it is empty or too long.
absl::StatusOr<std::string> ReasonIn(const Message& request);

}  // namespace oversight::resource
