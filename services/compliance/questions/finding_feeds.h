#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "oversight/compliance/v1/compliance_service.pb.h"

namespace oversight::compliance {

// Serves WatchFindings: every stored change of an authority's findings in the order of storing, whichever
// replica stored it. One thread for all watchers; a slow one falls behind without holding up others. Batches
// are numbered without a gap and stored whole, so going on after a number skips nothing.
class FindingFeeds {
 public:
  // `pool` must outlive it.
  explicit FindingFeeds(mysql::Pool* pool) : pool_(pool) {}
  ~FindingFeeds() { Stop(); }

  void Start();
  // Ends all watches with UNAVAILABLE.
  void Stop();
  // Errors: INVALID_FIELDS, INVALID_PAGE_TOKEN for a resume token of another authority, UNAVAILABLE once
  // stopped.
  absl::Status Watch(const v1::WatchFindingsRequest& request, std::shared_ptr<rpc::Feed> feed);

 private:
  struct Watcher {
    std::string authority;
    std::shared_ptr<rpc::Feed> feed;
    uint64_t batch = 0;
    uint32_t number = 0;
    absl::Time last_sent;
    std::shared_ptr<std::atomic<bool>> has_room = std::make_shared<std::atomic<bool>>(true);
  };
  void Run();
  // Sends what there is; false when the watcher has ended.
  bool Serve(mysql::Connection& connection, Watcher& watcher);
  static std::string ResumeToken(const Watcher& watcher);

  mysql::Pool* const pool_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Watcher>> arriving_ ABSL_GUARDED_BY(mutex_);
  // Of the thread alone.
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::thread thread_;
};

}  // namespace oversight::compliance
