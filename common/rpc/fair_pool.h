#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"

namespace oversight::rpc {

// A bounded pool of threads for work that blocks. Waiting tasks stand in lanes, one for each authority, and
// the lanes are served in turn, so that one authority's flood delays another's task by one task at most.
// Thread-safe.
class FairPool {
 public:
  // Something to run once. The pool never owns it: from Run on, it looks after itself.
  class Task {
   public:
    virtual ~Task() = default;
    virtual void Run() = 0;

   private:
    friend class FairPool;
    Task* next_ = nullptr;
    std::chrono::steady_clock::time_point since_;
  };

  struct Options {
    int threads = 1;
    // Tasks waiting while all threads are busy: in all, and in one lane.
    int queue_limit = 0;
    int lane_limit = 0;
    // Its threads give way to those of other pools: they are scheduled with less weight (`nice` 10).
    bool gives_way = false;
    // May be null.
    prometheus::Gauge* queue_length = nullptr;
    prometheus::Histogram* queue_wait_seconds = nullptr;
  };

  explicit FairPool(const Options& options);
  // Runs what waits, then ends the threads.
  ~FairPool();
  FairPool(const FairPool&) = delete;
  FairPool& operator=(const FairPool&) = delete;

  // False, and the task is not touched, when too many wait already.
  bool Admit(absl::string_view lane, Task* task);

 private:
  struct Lane {
    Task* first = nullptr;
    Task* last = nullptr;
    int length = 0;
    Lane* next_in_turn = nullptr;
  };

  Lane& LaneOf(absl::string_view name);
  Task* TakeNext();
  void Work();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable work_or_end_;
  absl::node_hash_map<std::string, Lane> lanes_;
  // The lanes with tasks, as a ring cut open: taken from the front, put back at the end.
  Lane* first_in_turn_ = nullptr;
  Lane* last_in_turn_ = nullptr;
  int waiting_ = 0;
  int idle_threads_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace oversight::rpc
