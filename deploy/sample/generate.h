#pragma once

#include "absl/status/statusor.h"
#include "deploy/sample/model.h"

namespace oversight::sample {

// Makes up a whole authority. The same options give the same authority on every machine. INVALID_ARGUMENT
// when the sizes are out of bounds.
absl::StatusOr<Authority> Generate(const Options& options);

}  // namespace oversight::sample
