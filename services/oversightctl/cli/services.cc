#include "services/oversightctl/cli/services.h"

#include "absl/strings/str_cat.h"

namespace oversight::ctl {

const ServiceInfo& InfoOf(ServiceId service) {
  static const auto& infos = *new std::array<ServiceInfo, 4>{{
      {"workforce", "oversight.workforce.v1.WorkforceService", "127.0.0.1:50051",
       "OVERSIGHT_WORKFORCE_TARGET"},
      {"caseload", "oversight.caseload.v1.CaseloadService", "127.0.0.1:50052", "OVERSIGHT_CASELOAD_TARGET"},
      {"supervision", "oversight.supervision.v1.SupervisionService", "127.0.0.1:50053",
       "OVERSIGHT_SUPERVISION_TARGET"},
      {"compliance", "oversight.compliance.v1.ComplianceService", "127.0.0.1:50054",
       "OVERSIGHT_COMPLIANCE_TARGET"},
  }};
  return infos[static_cast<size_t>(service)];
}

std::optional<ServiceId> ServiceNamed(absl::string_view name) {
  for (const ServiceId service : kAllServices) {
    if (InfoOf(service).name == name) return service;
  }
  return std::nullopt;
}

std::string MethodOf(ServiceId service, absl::string_view method) {
  return absl::StrCat("/", InfoOf(service).rpc_service, "/", method);
}

std::string LedgerMethod(absl::string_view method) {
  return absl::StrCat("/oversight.ledger.v1.LedgerService/", method);
}

}  // namespace oversight::ctl
