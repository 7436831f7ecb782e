#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace oversight::ctl {

// What the process says to the shell.
enum ExitCode {
  kAllWell = 0,
  // The answer is no: rows were refused, nothing was found, a check failed.
  kRefused = 1,
  // The command line, or a file named in it, cannot be used.
  kUsage = 2,
  // A service is away or failed.
  kServiceFailed = 3,
};

// Where output goes. Results go to `out`, all else to `err`.
struct Console {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  // Progress may overwrite its own line.
  bool err_is_terminal = false;
  // Machine output.
  bool json = false;
};

// The error of a service's reply, with the details of its ErrorInfo and BadRequest.
absl::Status FromRpcStatus(const google::rpc::Status& status);

// `field: description` of each violation.
std::vector<std::string> ViolationTexts(const absl::Status& status);

// Tells what went wrong and returns the exit code that fits. `what` says what was tried: `cannot list the
// findings`.
ExitCode ReportError(const Console& console, absl::string_view what, const absl::Status& status);

// `12,345`.
std::string Thousands(int64_t number);

}  // namespace oversight::ctl
