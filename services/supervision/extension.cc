#include "services/supervision/extension.h"

#include "common/log/log.h"
#include "common/service/service_settings.h"
#include "common/status/macros.h"

namespace oversight::supervision {
namespace {

constexpr char kComplianceTarget[] = "compliance-target";

}  // namespace

void DeclareSupervisionSettings(config::Settings& settings) {
  settings
      .AddText(kComplianceTarget,
               "Address of the compliance service, which is asked how often policies want a worker to be "
               "supervised. Without it a series is planned only at frequencies that its caller gives.")
      .Optional();
  settings.Section("Session records");
  settings
      .AddFile("record-key-file",
               "Keys with which the texts of session records are encrypted (common/crypto/README.md); read "
               "again when "
               "it changes. Without it no texts are kept.")
      .Optional();
  settings
      .AddInteger(
          "record-reader-levels",
          "Levels of line managers above a session's supervisee and supervisor who may read its record.", 0,
          20)
      .Default("1");
}

absl::StatusOr<std::unique_ptr<service::Extension>> MakeSupervision(
    const service::Runtime& runtime, std::shared_ptr<Surroundings> surroundings) {
  surroundings->workforce = runtime.workforce;
  surroundings->access_log = runtime.access_log;
  surroundings->reader_levels = static_cast<int>(runtime.settings->Integer("record-reader-levels"));
  if (runtime.settings->Has("record-key-file")) {
    OVERSIGHT_ASSIGN_OR_RETURN(
        surroundings->keys, crypto::KeyRing::Open(runtime.settings->Text("record-key-file"), runtime.clock));
  } else {
    log::Info("no record-key-file is set, so no texts of session records are kept");
  }
  if (runtime.settings->Has(kComplianceTarget)) {
    OVERSIGHT_ASSIGN_OR_RETURN(surroundings->compliance, rpc::Client::Create(service::ClientOptionsOf(
                                                             *runtime.settings, "supervision",
                                                             runtime.settings->Text(kComplianceTarget))));
  }
  return nullptr;
}

}  // namespace oversight::supervision
