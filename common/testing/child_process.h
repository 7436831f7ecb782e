#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace oversight::testing {

// Starts a program whose output is appended to `log_file`; it is killed when this process dies, whichever
// thread started it. `arguments` holds the program's path first.
absl::StatusOr<pid_t> StartChild(const std::vector<std::string>& arguments, const std::string& log_file);

// Waits until the child has ended and returns its wait status; nothing when it still runs after `limit`.
std::optional<int> AwaitChild(pid_t pid, absl::Duration limit);

}  // namespace oversight::testing
