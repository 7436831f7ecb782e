#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/oversightctl/import/plan.h"

namespace oversight::ctl {

// Reads the extract and the suite's own CSV files of a directory and plans their import. Faults of rows and
// files are in the plan. `authority` is an id; `source` the system of the external ids. Errors: NOT_FOUND
// when there is no such directory, or none of the files.
absl::Status PlanDirectory(const std::string& directory, absl::string_view authority,
                           absl::string_view source, Plan& plan);

}  // namespace oversight::ctl
