#include "common/rpc/fair_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace oversight::rpc {
namespace {

// Lanes are kept for reuse, but callers choose their names.
constexpr size_t kMostLanes = 2048;

// On Linux the weight belongs to the thread. Where it cannot be lowered, work goes on with the usual one.
void LowerPriorityOfThisThread() {
  constexpr int kNice = 10;
  [[maybe_unused]] const int failed = setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

FairPool::FairPool(const Options& options) : options_(options) {
  threads_.reserve(std::max(1, options_.threads));
  for (int i = 0; i < std::max(1, options_.threads); ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

FairPool::~FairPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_or_end_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

FairPool::Lane& FairPool::LaneOf(absl::string_view name) {
  const auto known = lanes_.find(name);
  if (known != lanes_.end()) return known->second;
  if (lanes_.size() >= kMostLanes) {
    absl::erase_if(lanes_, [](const auto& entry) { return entry.second.length == 0; });
  }
  return lanes_[std::string(name)];
}

bool FairPool::Admit(absl::string_view lane_name, Task* task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    Lane& lane = LaneOf(lane_name);
    const bool thread_free = waiting_ < idle_threads_;
    if (!thread_free && (waiting_ >= options_.queue_limit || lane.length >= options_.lane_limit))
      return false;
    task->next_ = nullptr;
    task->since_ = std::chrono::steady_clock::now();
    (lane.first == nullptr ? lane.first : lane.last->next_) = task;
    lane.last = task;
    if (++lane.length == 1) {
      (first_in_turn_ == nullptr ? first_in_turn_ : last_in_turn_->next_in_turn) = &lane;
      last_in_turn_ = &lane;
    }
    ++waiting_;
    wake = idle_threads_ > 0;
  }
  if (options_.queue_length != nullptr) options_.queue_length->Increment();
  if (wake) work_or_end_.notify_one();
  return true;
}

FairPool::Task* FairPool::TakeNext() {
  Lane* lane = first_in_turn_;
  first_in_turn_ = lane->next_in_turn;
  lane->next_in_turn = nullptr;
  Task* task = lane->first;
  lane->first = task->next_;
  --waiting_;
  if (--lane->length > 0) {
    (first_in_turn_ == nullptr ? first_in_turn_ : last_in_turn_->next_in_turn) = lane;
    last_in_turn_ = lane;
  }
  return task;
}

void FairPool::Work() {
  if (options_.gives_way) LowerPriorityOfThisThread();
  std::unique_lock lock(mutex_);
  while (true) {
    while (waiting_ == 0 && !ending_) {
      ++idle_threads_;
      work_or_end_.wait(lock);
      --idle_threads_;
    }
    if (waiting_ == 0) return;
    Task* task = TakeNext();
    lock.unlock();
    if (options_.queue_length != nullptr) options_.queue_length->Decrement();
    if (options_.queue_wait_seconds != nullptr) {
      options_.queue_wait_seconds->Observe(SecondsSince(task->since_));
    }
    task->Run();
    lock.lock();
  }
}

}  // namespace oversight::rpc
