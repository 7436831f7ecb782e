#pragma once

#include "absl/status/statusor.h"
#include "common/resource/kind.h"
#include "common/resource/writer.h"

namespace oversight::resource {

// What a Merge request asks for: the duplicate `name` is joined to `into`, for the reason given. The
// duplicate stays as a deleted resource that says so; what lies beneath it moves to the survivor; whatever of
// this service refers to it or to what moved refers to the survivor's from then on; the survivor gets its
// external ids. Errors: INVALID_FIELDS; while it is carried out RESOURCE_NOT_FOUND for either, and whatever
// the rules of the moved and changed resources say, PERIOD_OVERLAP for example: void the double entry first.
// `resource` in the metadata names the one at fault.
absl::StatusOr<Mutation> MergeMutation(const Kind& kind, const Message& request, const Registry& kinds);

}  // namespace oversight::resource
