#include "services/caseload/peers/connect.h"

#include <utility>

#include "common/service/service_settings.h"
#include "common/status/macros.h"

namespace oversight::caseload {
namespace {

constexpr char kComplianceTarget[] = "compliance-target";

class NothingMore final : public service::Extension {
 public:
  void Register(rpc::Methods&) override {}
  absl::Status Start() override { return absl::OkStatus(); }
  void Stop() override {}
};

}  // namespace

void DeclarePeerSettings(config::Settings& settings) {
  settings
      .AddText(
          kComplianceTarget,
          "Address of the compliance service, which is asked before a case is allocated. Without it every "
          "allocation is refused unless its caller says why it must go ahead unchecked.")
      .Optional();
}

absl::StatusOr<std::unique_ptr<service::Extension>> ConnectPeers(const service::Runtime& runtime,
                                                                 PeersPtr peers) {
  std::shared_ptr<rpc::Client> compliance;
  if (runtime.settings->Has(kComplianceTarget)) {
    OVERSIGHT_ASSIGN_OR_RETURN(
        compliance, rpc::Client::Create(service::ClientOptionsOf(*runtime.settings, "caseload",
                                                                 runtime.settings->Text(kComplianceTarget))));
  }
  const auto workforce = runtime.clients.find("workforce");
  peers->Set(workforce == runtime.clients.end() ? nullptr : workforce->second, std::move(compliance));
  return std::make_unique<NothingMore>();
}

}  // namespace oversight::caseload
