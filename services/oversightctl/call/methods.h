#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "services/oversightctl/cli/services.h"

namespace oversight::ctl {

// A method that a service serves, and what it is called on the command line.
struct CallableMethod {
  ServiceId service;
  // `workforce.GetWorker`.
  std::string short_name;
  // `/oversight.workforce.v1.WorkforceService/GetWorker`.
  std::string full_name;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
};

// All methods, by service and in the order of their definition; those of the ledger once for each service.
const std::vector<CallableMethod>& AllMethods();

// Finds `workforce.GetWorker`, in any case, or `oversight.workforce.v1.WorkforceService/GetWorker`.
// Errors: NOT_FOUND, naming what comes close.
absl::StatusOr<CallableMethod> FindMethod(absl::string_view name);

}  // namespace oversight::ctl
