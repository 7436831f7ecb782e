#include "common/access/workforce_feed.h"

#include <utility>

#include "common/log/log.h"
#include "common/status/error.h"

namespace oversight::access {
namespace {

constexpr char kLedger[] = "workforce";

}  // namespace

WorkforceFeed::WorkforceFeed(WorkforceView* view, ledger::Tailer* tailer, const Clock* clock)
    : view_(view), tailer_(tailer), clock_(clock) {}

WorkforceFeed::WorkforceFeed(WorkforceView* view, std::shared_ptr<rpc::Client> workforce, const Clock* clock)
    : view_(view),
      clock_(clock),
      follower_(std::make_unique<ledger::LedgerFollower>(
          kLedger, std::move(workforce),
          [this](const ledger::LedgerMessage& message) { return Take(message); })) {}

WorkforceFeed::~WorkforceFeed() { Stop(); }

void WorkforceFeed::Start() {
  if (follower_ != nullptr) {
    follower_->Start();
  } else {
    WatchOwn();
  }
}

void WorkforceFeed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (follower_ != nullptr) follower_->Stop();
}

bool WorkforceFeed::Take(const ledger::LedgerMessage& message) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return false;
  if (message.diverged) {
    view_->Clear();
  } else {
    view_->Apply(message.content, clock_->Now());
  }
  return true;
}

void WorkforceFeed::WatchOwn() {
  ledger::v1::WatchRequest all;
  all.set_all_authorities(true);
  const absl::Status watching =
      tailer_->Watch(all, std::make_shared<ledger::OwnLedgerFeed>(
                              kLedger, [this](const ledger::LedgerMessage& message) { return Take(message); },
                              [this] { WatchOwn(); }));
  if (!watching.ok())
    log::Warning("this service's own ledger cannot be watched", {{"reason", ReasonOf(watching)}});
}

}  // namespace oversight::access
