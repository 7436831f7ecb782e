#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/oversightctl/cli/console.h"

namespace oversight::ctl {

// Prints which files an import reads, each with its columns; or the columns of one, with what they accept.
// `file` is its name, with or without `.csv`; empty for all. Errors: NOT_FOUND, naming the files there are.
absl::Status PrintColumns(const std::string& file, const Console& console);

}  // namespace oversight::ctl
