#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/client.h"

namespace oversight::ctl {

// The four services.
enum class ServiceId { kWorkforce, kCaseload, kSupervision, kCompliance };
inline constexpr std::array<ServiceId, 4> kAllServices = {ServiceId::kWorkforce, ServiceId::kCaseload,
                                                          ServiceId::kSupervision, ServiceId::kCompliance};

struct ServiceInfo {
  // `workforce`: its ledger's name, the option and part of the environment variable.
  std::string name;
  // `oversight.workforce.v1.WorkforceService`.
  std::string rpc_service;
  std::string default_target;
  // `OVERSIGHT_WORKFORCE_TARGET`.
  std::string target_variable;
};
const ServiceInfo& InfoOf(ServiceId service);
std::optional<ServiceId> ServiceNamed(absl::string_view name);

// The full gRPC method name: `/oversight.workforce.v1.WorkforceService/GetWorker`.
std::string MethodOf(ServiceId service, absl::string_view method);
// Of the ledger, which every service serves.
std::string LedgerMethod(absl::string_view method);

// Connections to the services. Thread-safe once a client has been given out.
class Services {
 public:
  virtual ~Services() = default;
  // Errors: INVALID_ARGUMENT for settings that cannot work. Does not connect yet.
  virtual absl::StatusOr<rpc::Client*> Get(ServiceId service) = 0;
};

}  // namespace oversight::ctl
