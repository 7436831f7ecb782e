#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "prometheus/gauge.h"

namespace oversight::rpc {

// A call as it is while it waits.
class CallThatWaits {
 public:
  virtual ~CallThatWaits() = default;
  virtual bool cancelled() const = 0;
  // Runs it again. It may be gone afterwards.
  virtual void GoOn() = 0;
};

class WaitingCalls;

// One wait of one call. Thread-safe.
class Wait {
 public:
  // Brings the call back once it has left its thread; from any thread, any number of times, also when the
  // call is long gone.
  void End();
  // The call's thread is done with it. From here on any thread may run it.
  void Begin();
  // The call needs no wait after all: it answers from its own thread.
  void Drop();

 private:
  friend class WaitingCalls;
  enum class State { kRunning, kRunningAndEnded, kWaiting, kOver };
  Wait(WaitingCalls* all, CallThatWaits* call, std::string lane, absl::Time until)
      : all_(all), call_(call), lane_(std::move(lane)), until_(until) {}
  // When it is to be ended by the clock, or is abandoned by its caller; the infinite future once it was
  // ended.
  absl::Time Due();

  WaitingCalls* const all_;
  CallThatWaits* const call_;
  const std::string lane_;
  const absl::Time until_;
  std::mutex mutex_;
  State state_ = State::kRunning;
};

// The unary calls of a server that wait for something to happen elsewhere. They hold no thread: the handler
// returns, and is called again from its beginning when it has happened, or shortly before the deadline.
// Thread-safe.
class WaitingCalls {
 public:
  struct Options {
    // Calls waiting at once: in all, and in one lane, so that one authority does not take all places.
    size_t limit = 0;
    size_t lane_limit = 0;
    // May be null.
    prometheus::Gauge* waiting = nullptr;
  };
  explicit WaitingCalls(const Options& options);
  // All waits must be over.
  ~WaitingCalls();
  WaitingCalls(const WaitingCalls&) = delete;
  WaitingCalls& operator=(const WaitingCalls&) = delete;

  // Errors: DEADLINE_EXCEEDED when nothing is left to wait, RESOURCE_EXHAUSTED (TOO_MANY_WAITING),
  // UNAVAILABLE (DRAINING).
  absl::StatusOr<std::shared_ptr<Wait>> Add(CallThatWaits* call, absl::string_view lane, absl::Time deadline);
  // Ends all waits, and lets none begin.
  void Drain();

 private:
  friend class Wait;
  void Remove(Wait* wait);
  void Watch();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool draining_ = false;
  bool stopping_ = false;
  std::map<Wait*, std::shared_ptr<Wait>> waits_;
  std::map<std::string, size_t, std::less<>> lanes_;
  std::thread watcher_;
};

}  // namespace oversight::rpc
