#include "common/service/extension_start.h"

#include "common/log/log.h"
#include "common/status/error.h"

namespace oversight::service {

bool ExtensionStart::MayServe(bool ready) {
  if (ready && extension_ != nullptr && !started_) {
    started_ = true;
    if (absl::Status status = extension_->Start(); !status.ok()) {
      log::Error("could not start", {{"reason", ReasonOf(status)}, {"problem", status.message()}});
      failed_ = true;
    }
  }
  return ready && !failed_;
}

void ExtensionStart::Stop() {
  if (started_) extension_->Stop();
}

}  // namespace oversight::service
