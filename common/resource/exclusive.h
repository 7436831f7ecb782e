#pragma once

#include "absl/status/status.h"
#include "common/resource/kind.h"

namespace oversight::resource {

// Whether the kind's annotation says that its resources follow each other (ResourceOptions.exclusive).
bool IsExclusive(const Kind& kind);

// FAILED_PRECONDITION (PERIOD_OVERLAP) when a sibling of `key` with the same `exclusive_by` shares a day with
// `after`; the metadata `conflicting_resource` names it. Only for an exclusive kind.
absl::Status RefuseOverlap(WriteContext& context, const Kind& kind, const Key& key, const Message& after);

}  // namespace oversight::resource
