#include "common/service/program_directory.h"

#include <unistd.h>

#include <climits>

#include "absl/strings/str_cat.h"

namespace oversight::service {

std::string BesideProgram(absl::string_view service, absl::string_view folder) {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) return std::string(folder);
  const std::string program(path, static_cast<size_t>(length));
  const std::string directory = program.substr(0, program.rfind('/'));
  const std::string of_service = absl::StrCat(directory, "/", service, "/", folder);
  return ::access(of_service.c_str(), F_OK) == 0 ? of_service : absl::StrCat(directory, "/", folder);
}

}  // namespace oversight::service
