#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"

namespace oversight::service {

// Watches whether the service can do its work: the database answers, its settings lose no commit, its schema
// is one that this program knows. Tells after each look, and keeps house (old request ids) while at it.
class Readiness {
 public:
  // `accepted_schema_version` and the next one are accepted. `tell` is called from the watching thread, and
  // says whether the service serves: it looks again sooner while it does not.
  Readiness(mysql::Pool* pool, const Clock* clock, int accepted_schema_version,
            std::function<bool(bool ready)> tell);
  ~Readiness();

  void Start();
  void Stop();
  // True from the first time it was ready.
  bool was_ready() const { return was_ready_.load(std::memory_order_acquire); }

  // The same methods, which answer UNAVAILABLE (NOT_READY) until the service was ready for the first time.
  rpc::Methods Guard(const rpc::Methods& methods) const;

 private:
  void Run();
  absl::Status Check();
  void KeepHouse();
  absl::Status NotReady() const;

  mysql::Pool* const pool_;
  const Clock* const clock_;
  const int schema_version_;
  const std::function<bool(bool)> tell_;
  std::atomic<bool> was_ready_{false};
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace oversight::service
