#include "common/rpc/waiting_calls.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace oversight::rpc {
namespace {

// What is left to say, within the deadline, that it did not happen.
constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(50);
// Callers who have gone give their place free that soon.
constexpr absl::Duration kLookAround = absl::Seconds(1);

}  // namespace

void Wait::End() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kRunning) state_ = State::kRunningAndEnded;
    if (state_ != State::kWaiting) return;
    state_ = State::kOver;
  }
  // Last of all: the call may give up its place in the server with it.
  CallThatWaits* const call = call_;
  all_->Remove(this);
  call->GoOn();
}

void Wait::Begin() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kRunning) {
      state_ = State::kWaiting;
      return;
    }
    state_ = State::kOver;
  }
  CallThatWaits* const call = call_;
  all_->Remove(this);
  call->GoOn();
}

void Wait::Drop() {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kOver;
  }
  all_->Remove(this);
}

absl::Time Wait::Due() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::kWaiting && call_->cancelled()) return absl::InfinitePast();
  return state_ == State::kRunning || state_ == State::kWaiting ? until_ : absl::InfiniteFuture();
}

WaitingCalls::WaitingCalls(const Options& options) : options_(options) {
  watcher_ = std::thread([this] { Watch(); });
}

WaitingCalls::~WaitingCalls() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

absl::StatusOr<std::shared_ptr<Wait>> WaitingCalls::Add(CallThatWaits* call, absl::string_view lane,
                                                        absl::Time deadline) {
  const absl::Time until = deadline - kTimeToAnswer;
  if (absl::Now() >= until) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                 "it did not happen within the deadline");
  }
  std::shared_ptr<Wait> wait(new Wait(this, call, std::string(lane), until));
  {
    const std::lock_guard lock(mutex_);
    if (draining_) {
      return Error(absl::StatusCode::kUnavailable, "DRAINING",
                   "the server is shutting down: ask again, elsewhere");
    }
    size_t& of_lane = lanes_[wait->lane_];
    if (waits_.size() >= options_.limit || of_lane >= options_.lane_limit) {
      if (of_lane == 0) lanes_.erase(wait->lane_);
      return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_WAITING",
                   "too many calls are waiting for what they asked for to happen: try again shortly")
          .RetryAfter(absl::Milliseconds(200));
    }
    ++of_lane;
    waits_.emplace(wait.get(), wait);
  }
  if (options_.waiting != nullptr) options_.waiting->Increment();
  changed_.notify_all();
  return wait;
}

void WaitingCalls::Remove(Wait* wait) {
  std::shared_ptr<Wait> last;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waits_.find(wait);
    if (found == waits_.end()) return;
    last = std::move(found->second);
    waits_.erase(found);
    const auto lane = lanes_.find(wait->lane_);
    if (--lane->second == 0) lanes_.erase(lane);
  }
  if (options_.waiting != nullptr) options_.waiting->Decrement();
}

void WaitingCalls::Drain() {
  std::vector<std::shared_ptr<Wait>> all;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const auto& [key, wait] : waits_) all.push_back(wait);
  }
  for (const std::shared_ptr<Wait>& wait : all) wait->End();
}

void WaitingCalls::Watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const absl::Time now = absl::Now();
    absl::Time next = waits_.empty() ? absl::InfiniteFuture() : now + kLookAround;
    std::vector<std::shared_ptr<Wait>> due;
    for (const auto& [key, wait] : waits_) {
      const absl::Time at = wait->Due();
      if (at <= now) due.push_back(wait);
      next = std::min(next, at);
    }
    if (!due.empty()) {
      lock.unlock();
      for (const std::shared_ptr<Wait>& wait : due) wait->End();
      due.clear();
      lock.lock();
    } else if (next == absl::InfiniteFuture()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, absl::ToChronoTime(next));
    }
  }
}

}  // namespace oversight::rpc
