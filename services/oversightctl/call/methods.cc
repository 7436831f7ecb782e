#include "services/oversightctl/call/methods.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"

namespace oversight::ctl {
namespace {

constexpr size_t kMostMethods = 8;

std::vector<CallableMethod> MakeMethods() {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  std::vector<CallableMethod> methods;
  for (const ServiceId service : kAllServices) {
    for (const std::string& rpc_service :
         {InfoOf(service).rpc_service, std::string("oversight.ledger.v1.LedgerService"),
          std::string("oversight.access.v1.AccessService")}) {
      const auto* descriptor = pool->FindServiceByName(rpc_service);
      if (descriptor == nullptr) continue;
      for (int i = 0; i < descriptor->method_count(); ++i) {
        const auto* method = descriptor->method(i);
        methods.push_back({service, absl::StrCat(InfoOf(service).name, ".", method->name()),
                           absl::StrCat("/", rpc_service, "/", method->name()), method});
      }
    }
  }
  return methods;
}

// The methods that a mistyped name may mean: of the same service, sharing the noun.
std::vector<std::string> Suggestions(absl::string_view name) {
  const std::string wanted = absl::AsciiStrToLower(name.substr(name.find_last_of("./") + 1));
  std::vector<std::string> close;
  for (const CallableMethod& method : AllMethods()) {
    const std::string lower = absl::AsciiStrToLower(method.descriptor->name());
    if ((absl::StrContains(lower, wanted) || absl::StrContains(wanted, lower)) &&
        close.size() < kMostMethods) {
      close.push_back(method.short_name);
    }
  }
  return close;
}

}  // namespace

const std::vector<CallableMethod>& AllMethods() {
  static const auto& methods = *new std::vector<CallableMethod>(MakeMethods());
  return methods;
}

absl::StatusOr<CallableMethod> FindMethod(absl::string_view name) {
  const std::string full = absl::StrCat("/", absl::StripPrefix(name, "/"));
  for (const CallableMethod& method : AllMethods()) {
    // The ledger's full names fit every service, so they do not say whom to ask.
    const bool of_ledger = absl::StrContains(method.full_name, ".LedgerService/");
    if (absl::EqualsIgnoreCase(method.short_name, name) || (method.full_name == full && !of_ledger))
      return method;
  }
  const auto close = Suggestions(name);
  return absl::NotFoundError(absl::StrCat(
      "no method \"", name,
      "\" (expected SERVICE.METHOD, for example workforce.GetWorker; `oversightctl methods` lists all)",
      close.empty() ? "" : absl::StrCat("; perhaps ", absl::StrJoin(close, ", "))));
}

}  // namespace oversight::ctl
