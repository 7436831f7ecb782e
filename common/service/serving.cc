#include "common/service/serving.h"

#include <utility>

#include "common/log/log.h"
#include "common/status/error.h"

namespace oversight::service {

Serving::Serving(Extension* extension, std::function<bool()> caught_up)
    : extension_(extension), follows_caught_up_(std::move(caught_up)) {}

bool Serving::MayServe(bool ready) {
  if (ready && extension_ != nullptr && !started_) {
    started_ = true;
    if (absl::Status status = extension_->Start(); !status.ok()) {
      log::Error("could not start", {{"reason", ReasonOf(status)}, {"problem", status.message()}});
      failed_ = true;
    }
  }
  return ready && !failed_ && CaughtUp();
}

bool Serving::CaughtUp() {
  if (!caught_up_) caught_up_ = follows_caught_up_() && (extension_ == nullptr || extension_->CaughtUp());
  if (!caught_up_ && !told_waiting_) log::Info("reading the ledgers that it follows before it serves");
  told_waiting_ = true;
  return caught_up_;
}

void Serving::Stop() {
  if (started_) extension_->Stop();
}

}  // namespace oversight::service
