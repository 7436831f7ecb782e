// How calls get to a worker, or not: deadlines, cancellation, full queues, fairness.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/test_server.h"
#include "common/status/error.h"
#include "gmock/gmock.h"

namespace oversight::rpc {
namespace {

using ledger_v1::GetHeadRequest;
using ledger_v1::Head;
using ::testing::ElementsAre;
using ::testing::Gt;

// A server with one worker, whose handler notes each name and holds on to `hold` until released.
class OneWorker {
 public:
  explicit OneWorker(ServerOptions options = DemoOptions()) : server(Handlers(), OneThread(options)) {
    Send("hold");
    held_.WaitForNotification();
  }
  ~OneWorker() { Release(); }

  // Sends a call from a thread of its own.
  void Send(const std::string& name) {
    callers_.emplace_back([this, name] { EXPECT_TRUE(server.GetHead(name).ok()); });
  }

  void WaitUntilQueued(int calls) {
    Eventually(
        [&] { return server.Shows("oversight_rpc_queue_length{pool=\"worker\"} " + std::to_string(calls)); });
  }

  void Release() {
    if (!release_.HasBeenNotified()) release_.Notify();
    for (std::thread& caller : callers_) caller.join();
    callers_.clear();
  }

  std::vector<std::string> handled() {
    const absl::MutexLock lock(&mutex_);
    return handled_;
  }

 private:
  static ServerOptions OneThread(ServerOptions options) {
    options.worker_threads = 1;
    return options;
  }
  Methods Handlers() {
    Methods methods = LedgerMethods();
    methods.Unary<GetHeadRequest, Head>(kLedgerService, "GetHead",
                                        [this](Call&, const GetHeadRequest& request, Head&) {
                                          {
                                            const absl::MutexLock lock(&mutex_);
                                            handled_.push_back(request.name());
                                          }
                                          if (request.name() == "hold") {
                                            held_.Notify();
                                            release_.WaitForNotification();
                                          }
                                          return absl::OkStatus();
                                        });
    return methods;
  }

  absl::Notification held_;
  absl::Notification release_;
  absl::Mutex mutex_;
  std::vector<std::string> handled_;
  std::vector<std::thread> callers_;

 public:
  TestServer server;
};

TEST(Admission, CallWhoseDeadlinePassedInTheQueueIsNotHandled) {
  OneWorker worker;
  const absl::Status late =
      worker.server.GetHead("late", nullptr, {.deadline = absl::Now() + absl::Milliseconds(50)});
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
  worker.Release();
  ASSERT_TRUE(worker.server.GetHead("next").ok());
  EXPECT_THAT(worker.handled(), ElementsAre("hold", "next"));
}

TEST(Admission, FullQueueIsRefusedWithARetryHint) {
  ServerOptions options = DemoOptions();
  options.queue_limit = 2;
  OneWorker worker(options);
  worker.Send("authorities/a");
  worker.Send("authorities/b");
  worker.WaitUntilQueued(2);
  const absl::Status refused = worker.server.GetHead("authorities/c");
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_THAT(RetryDelayOf(refused), Gt(absl::ZeroDuration()));
  worker.Release();
  EXPECT_TRUE(worker.server.GetHead("authorities/c").ok());
}

TEST(Admission, FloodOfOneAuthorityLeavesRoomForOthersAndTheyComeNext) {
  ServerOptions options = DemoOptions();
  options.queue_limit_per_authority = 3;
  OneWorker worker(options);
  for (int i = 1; i <= 3; ++i) {
    worker.Send("authorities/flood/workers/w");
    worker.WaitUntilQueued(i);
  }
  EXPECT_EQ(ReasonOf(worker.server.GetHead("authorities/flood/workers/w")), "OVERLOADED");
  worker.Send("authorities/quiet");
  worker.WaitUntilQueued(4);
  worker.Release();
  EXPECT_THAT(worker.handled(), ElementsAre("hold", "authorities/flood/workers/w", "authorities/quiet",
                                            "authorities/flood/workers/w", "authorities/flood/workers/w"));
}

TEST(Admission, ServersLongestDeadlineHoldsForCallersWithoutOne) {
  ServerOptions options = DemoOptions();
  options.longest_deadline = absl::ZeroDuration();
  const TestServer server(LedgerMethods(), options);
  const absl::Status status = server.GetHead("x");
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(status), "DEADLINE_EXCEEDED");
}

TEST(Admission, HandlerLearnsThatItsCallerHasGone) {
  absl::Notification noticed;
  Methods methods = LedgerMethods();
  methods.Unary(kLedgerService, "GetHead", [&](Call& call, const Message&, Message&) {
    Eventually([&] { return call.cancelled(); });
    noticed.Notify();
    return absl::OkStatus();
  });
  const TestServer server(methods);
  // Whether the caller still hears of it is a race between two clocks.
  server.GetHead("x", nullptr, {.deadline = absl::Now() + absl::Milliseconds(50)}).IgnoreError();
  noticed.WaitForNotification();
}

}  // namespace
}  // namespace oversight::rpc
