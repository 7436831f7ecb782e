#pragma once

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace oversight::compliance {

// Calls `work` with each number below `count`, on as many threads as there are cores, this one among them;
// returns once all of it is done.
void InParallel(size_t count, absl::FunctionRef<void(size_t)> work);

}  // namespace oversight::compliance
