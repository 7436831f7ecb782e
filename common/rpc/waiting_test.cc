// Calls that wait for something to happen elsewhere: without a thread, bounded, and never for good.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/test_server.h"
#include "common/rpc/wait_aside.h"
#include "common/rpc/wire.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace oversight::rpc {
namespace {

using ledger_v1::GetHeadRequest;
using ledger_v1::Head;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::SizeIs;

// A server with one worker, whose GetHead waits until the name it was asked for has happened.
class Waiting : public ::testing::Test {
 protected:
  Waiting() { options_.worker_threads = 1; }
  ~Waiting() override {
    for (std::thread& caller : callers_) caller.join();
  }

  TestServer& server() {
    if (server_ == nullptr) server_ = std::make_unique<TestServer>(Handlers(), options_);
    return *server_;
  }

  void Happens(const std::string& name) {
    std::vector<std::function<void()>> tell;
    {
      const absl::MutexLock lock(&mutex_);
      happened_.insert(name);
      tell = std::exchange(waiters_[name], {});
    }
    for (const auto& each : tell) each();
  }

  // Calls from a thread of its own; the status is in `ended` once it is there.
  void Send(const std::string& name, absl::Duration patience = absl::Seconds(20)) {
    callers_.emplace_back([this, name, patience, &server = server()] {
      absl::Status status = server.GetHead(name, nullptr, {.deadline = absl::Now() + patience});
      const absl::MutexLock lock(&mutex_);
      ended_.push_back(std::move(status));
    });
  }
  std::vector<absl::Status> Ended() {
    for (std::thread& caller : callers_) caller.join();
    callers_.clear();
    const absl::MutexLock lock(&mutex_);
    return ended_;
  }
  void AwaitWaiting(int calls) {
    Eventually([&] { return server().Shows("oversight_rpc_waiting_calls " + std::to_string(calls)); });
  }

  ServerOptions options_ = DemoOptions();
  // How often the handler ran.
  std::atomic<int> runs_ = 0;
  // It happens while the handler is still on its thread.
  bool at_once_ = false;

 private:
  Methods Handlers() {
    Methods methods = LedgerMethods();
    methods.Unary<GetHeadRequest, Head>(
        kLedgerService, "GetHead",
        [this](Call& call, const GetHeadRequest& request, Head& head) -> absl::Status {
          ++runs_;
          head.set_authority(request.name());
          {
            const absl::MutexLock lock(&mutex_);
            if (request.name().empty() || happened_.contains(request.name())) return absl::OkStatus();
            auto tell = WaitAside(call);
            if (!tell.ok()) return tell.status();
            waiters_[request.name()].push_back(*tell);
          }
          if (at_once_) Happens(request.name());
          return absl::UnavailableError("nobody sees this");
        });
    return methods;
  }

  absl::Mutex mutex_;
  std::set<std::string> happened_;
  std::map<std::string, std::vector<std::function<void()>>> waiters_;
  std::vector<absl::Status> ended_;
  std::vector<std::thread> callers_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(Waiting, HoldsNoThread) {
  for (int i = 0; i < 20; ++i) Send("authorities/kent");
  AwaitWaiting(20);
  // The one thread is free for others.
  EXPECT_TRUE(server().GetHead("").ok());
  Happens("authorities/kent");
  EXPECT_THAT(Ended(), AllOf(SizeIs(20), Each(absl::OkStatus())));
  EXPECT_EQ(runs_, 2 * 20 + 1);
  AwaitWaiting(0);
  EXPECT_TRUE(server().Shows("oversight_rpc_in_flight 0"));
}

TEST_F(Waiting, WhatHappensBeforeTheHandlerHasReturnedIsNotMissed) {
  at_once_ = true;
  Send("authorities/kent");
  EXPECT_THAT(Ended(), Each(absl::OkStatus()));
  EXPECT_EQ(runs_, 2);
}

TEST_F(Waiting, IsAskedOnceMoreBeforeTheDeadlineSoThatItCanSayWhy) {
  options_.longest_deadline = absl::Milliseconds(400);
  const absl::Time began = absl::Now();
  const absl::Status status = server().GetHead("authorities/kent");
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(status), "DEADLINE_EXCEEDED");
  EXPECT_THAT(absl::Now() - began, Ge(absl::Milliseconds(300)));
  EXPECT_EQ(runs_, 2);
  AwaitWaiting(0);
  // Told too late: nobody is there any more.
  Happens("authorities/kent");
}

TEST_F(Waiting, OnlySoManyWait) {
  options_.queue_limit = 3;
  options_.queue_limit_per_authority = 2;
  Send("authorities/kent");
  Send("authorities/kent");
  AwaitWaiting(2);
  const absl::Status third = server().GetHead("authorities/kent");
  EXPECT_EQ(third.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(third), "TOO_MANY_WAITING");
  EXPECT_GT(RetryDelayOf(third), absl::ZeroDuration());
  // One authority leaves room for another.
  Send("authorities/devon");
  AwaitWaiting(3);
  EXPECT_EQ(ReasonOf(server().GetHead("authorities/essex")), "TOO_MANY_WAITING");
  Happens("authorities/kent");
  AwaitWaiting(1);
  Send("authorities/essex");
  AwaitWaiting(2);
  Happens("authorities/essex");
  Happens("authorities/devon");
  EXPECT_THAT(Ended(), Each(absl::OkStatus()));
}

TEST_F(Waiting, CallerWhoHasGoneGivesItsPlaceFree) {
  grpc::GenericStub stub(grpc::CreateChannel(server().target(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  GetHeadRequest request;
  request.set_name("authorities/kent");
  grpc::ByteBuffer bytes = SerializeBytes(request), reply;
  absl::Notification done;
  stub.UnaryCall(&context, LedgerMethod("GetHead"), {}, &bytes, &reply, [&](grpc::Status) { done.Notify(); });
  AwaitWaiting(1);
  context.TryCancel();
  done.WaitForNotification();
  AwaitWaiting(0);
}

TEST_F(Waiting, DrainEndsItWithoutWaitingForIt) {
  Send("authorities/kent");
  AwaitWaiting(1);
  const absl::Time began = absl::Now();
  server().server->Drain();
  EXPECT_LT(absl::Now() - began, absl::Seconds(10));
  const std::vector<absl::Status> ended = Ended();
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(ended[0]), "DRAINING");
}

TEST_F(Waiting, ManyAtOnceFromManySides) {
  options_.worker_threads = 4;
  options_.queue_limit_per_authority = 1000;
  std::atomic<bool> stop = false;
  std::thread happening([&] {
    for (int i = 0; !stop; i = (i + 1) % 50) Happens("authorities/a" + std::to_string(i));
  });
  for (int i = 0; i < 100; ++i) Send("authorities/a" + std::to_string(i % 50));
  EXPECT_THAT(Ended(), AllOf(SizeIs(100), Each(absl::OkStatus())));
  stop = true;
  happening.join();
  AwaitWaiting(0);
}

}  // namespace
}  // namespace oversight::rpc
