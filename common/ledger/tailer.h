#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/ledger/store.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::ledger {

struct TailerOptions {
  // How often heads are read for changes that other replicas made; changes of this process are told by Nudge.
  absl::Duration poll_interval = absl::Milliseconds(50);
  absl::Duration heartbeat_interval = absl::Seconds(10);
};

// Follows the ledger of this service for all its watchers: one thread and one connection for the whole
// process, however many watch. Each watcher has its own position; a slow one falls behind without holding up
// others.
class Tailer {
 public:
  Tailer(std::string ledger, mysql::ConnectionOptions database, TailerOptions options);
  ~Tailer();

  // Adds a watcher. INVALID_ARGUMENT for a token of another ledger, malformed names, or two positions in one
  // authority.
  absl::Status Watch(const pb::WatchRequest& request, std::shared_ptr<rpc::Feed> feed);
  // Something was committed here: look at once.
  void Nudge();
  // Ends all watches with UNAVAILABLE and the thread.
  void Stop();
  int watchers() const;

 private:
  // How far one watcher has been served in one authority.
  struct Position {
    uint64_t revision = 0;
    std::string hash = GenesisHash();
    // Empty when it began before the first entry.
    std::string incarnation;
  };
  struct Watcher {
    std::shared_ptr<rpc::Feed> feed;
    bool all = false;
    std::map<std::string, Position> positions;
    absl::Time last_sent;
    bool caught_up_told = false;
    // False while its buffer is full: it costs nothing until it says that it can take more.
    std::shared_ptr<std::atomic<bool>> has_room = std::make_shared<std::atomic<bool>>(true);
  };
  struct Chunk;

  void Run();
  absl::Status ServeAll(mysql::Connection& connection);
  // False when the watcher has ended.
  bool Serve(mysql::Connection& connection, const std::map<std::string, HeadRow>& heads, Watcher& watcher,
             std::map<std::pair<std::string, uint64_t>, std::shared_ptr<const Chunk>>& chunks,
             absl::Status& database);
  // Sends what there is for one authority; false when the buffer is full or the watcher has ended.
  bool ServeAuthority(mysql::Connection& connection, const HeadRow& head, Watcher& watcher,
                      Position& position,
                      std::map<std::pair<std::string, uint64_t>, std::shared_ptr<const Chunk>>& chunks,
                      absl::Status& database);
  static bool Send(Watcher& watcher, const pb::WatchResponse& message);
  bool Heartbeat(const std::map<std::string, HeadRow>& heads, Watcher& watcher);

  const std::string ledger_;
  const TailerOptions options_;
  mysql::Pool pool_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool nudged_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Watcher>> arriving_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the thread alone.
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::thread thread_;
};

}  // namespace oversight::ledger
