#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace oversight::service {

// The folder of this name beside the running program, where its data are installed; where one program is all
// services (deploy/image), in the folder of the service beside it.
std::string BesideProgram(absl::string_view service, absl::string_view folder);

}  // namespace oversight::service
