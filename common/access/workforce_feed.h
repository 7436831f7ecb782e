#pragma once

#include <memory>

#include "absl/synchronization/mutex.h"
#include "common/access/workforce_view.h"
#include "common/ledger/follower.h"
#include "common/ledger/tailer.h"
#include "common/rpc/client.h"
#include "common/time/clock.h"

namespace oversight::access {

// Keeps a view of workforce up to date from its ledger, for as long as it lives after Start.
class WorkforceFeed {
 public:
  // In workforce itself: through its own tailer.
  WorkforceFeed(WorkforceView* view, ledger::Tailer* tailer, const Clock* clock);
  // Elsewhere.
  WorkforceFeed(WorkforceView* view, std::shared_ptr<rpc::Client> workforce, const Clock* clock);
  ~WorkforceFeed();

  void Start();
  void Stop();

 private:
  bool Take(const ledger::LedgerMessage& message);
  void WatchOwn();

  WorkforceView* const view_;
  ledger::Tailer* const tailer_ = nullptr;
  const Clock* const clock_;
  std::unique_ptr<ledger::LedgerFollower> follower_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace oversight::access
