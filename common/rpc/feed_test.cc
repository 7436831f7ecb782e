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

using ledger_v1::WatchRequest;
using ledger_v1::WatchResponse;

// The owner of a server's feeds: keeps the last one opened and counts how often it was told that one is
// ready.
class Owner {
 public:
  FeedHandler Handler() {
    return [this](Call&, const Message&, std::shared_ptr<Feed> feed) {
      feed->SetReadyCallback([this] { ++ready; });
      const absl::MutexLock lock(&mutex_);
      feed_ = std::move(feed);
      return absl::OkStatus();
    };
  }

  std::shared_ptr<Feed> feed() {
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::shared_ptr<Feed>* feed) { return *feed != nullptr; }, &feed_));
    return std::move(feed_);
  }

  std::atomic<int> ready{0};

 private:
  absl::Mutex mutex_;
  std::shared_ptr<Feed> feed_;
};

Methods WithWatch(FeedHandler handler) {
  Methods methods = LedgerMethods();
  methods.Feed(kLedgerService, "Watch", std::move(handler));
  return methods;
}

std::unique_ptr<StreamReader> Open(const TestServer& server, const CallOptions& options = {}) {
  return server.client->Stream(LedgerMethod("Watch"), WatchRequest(), options);
}

WatchResponse Numbered(int number, size_t bytes = 0) {
  WatchResponse response;
  response.add_entries()->set_revision(number);
  response.add_heads(std::string(bytes, 'x'));
  return response;
}

TEST(Feed, CarriesMessagesAndThenItsStatus) {
  Owner owner;
  const TestServer server(WithWatch(owner.Handler()));
  const auto reader = Open(server);
  const std::shared_ptr<Feed> feed = owner.feed();
  WatchResponse response;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(feed->TrySend(Numbered(i)));
    ASSERT_TRUE(reader->Read(&response));
    EXPECT_EQ(response.entries(0).revision(), i);
  }
  ASSERT_TRUE(feed->TrySend(Numbered(3)));
  feed->Close(Error(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED", "restored"));
  feed->Close(absl::OkStatus());
  EXPECT_TRUE(feed->ended());
  EXPECT_FALSE(feed->TrySend(Numbered(4)));
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.entries(0).revision(), 3);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(ReasonOf(reader->Finish()), "LEDGER_DIVERGED");
}

TEST(Feed, HoldsNoWorker) {
  Owner owner;
  ServerOptions options = DemoOptions();
  options.worker_threads = 1;
  const TestServer server(WithWatch(owner.Handler()), options);
  std::vector<std::unique_ptr<StreamReader>> readers;
  for (int i = 0; i < 20; ++i) {
    readers.push_back(Open(server));
    owner.feed();
  }
  EXPECT_TRUE(server.GetHead("x").ok());
  EXPECT_TRUE(server.Shows("oversight_rpc_open_feeds 20"));
}

TEST(Feed, FullBufferTakesNoMoreUntilTheReadyCallbackAndLosesNothing) {
  Owner owner;
  const TestServer server(WithWatch(owner.Handler()));
  const auto reader = Open(server);
  const std::shared_ptr<Feed> feed = owner.feed();
  int sent = 0;
  int read = 0;
  for (int round = 0; round < 3; ++round) {
    const int ready_before = owner.ready;
    // The connection's own windows fill up first.
    while (feed->TrySend(Numbered(sent, 50'000))) {
      ++sent;
      ASSERT_LT(sent, 10'000) << "nothing bounds the feed";
    }
    EXPECT_FALSE(feed->ended());
    WatchResponse response;
    while (owner.ready == ready_before) {
      ASSERT_LT(read, sent) << "the owner was never told";
      ASSERT_TRUE(reader->Read(&response));
      ASSERT_EQ(response.entries(0).revision(), read++);
    }
    ASSERT_TRUE(feed->TrySend(Numbered(sent++)));
  }
  feed->Close(absl::OkStatus());
  WatchResponse response;
  while (reader->Read(&response)) ASSERT_EQ(response.entries(0).revision(), read++);
  EXPECT_EQ(read, sent);
  EXPECT_TRUE(reader->Finish().ok());
}

TEST(Feed, OwnerIsToldWhenTheCallerGoes) {
  Owner owner;
  const TestServer server(WithWatch(owner.Handler()));
  auto reader = Open(server);
  const std::shared_ptr<Feed> feed = owner.feed();
  EXPECT_FALSE(feed->ended());
  reader->Cancel();
  Eventually([&] { return feed->ended() && owner.ready > 0; });
  EXPECT_FALSE(feed->TrySend(Numbered(1)));
  Eventually([&] { return server.Shows("oversight_rpc_open_feeds 0"); });
}

TEST(Feed, EndsAtTheCallersDeadline) {
  Owner owner;
  const TestServer server(WithWatch(owner.Handler()));
  const auto reader = Open(server, {.deadline = absl::Now() + absl::Milliseconds(200)});
  const std::shared_ptr<Feed> feed = owner.feed();
  Eventually([&] { return feed->ended(); });
  EXPECT_EQ(reader->Finish().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Feed, ErrorOfTheHandlerEndsIt) {
  const TestServer server(WithWatch([](Call&, const Message&, std::shared_ptr<Feed>) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", "no authority");
  }));
  EXPECT_EQ(ReasonOf(Open(server)->Finish()), "INVALID_FIELDS");
}

TEST(Feed, NumberOfOpenFeedsIsLimited) {
  Owner owner;
  ServerOptions options = DemoOptions();
  options.feed_limit = 1;
  const TestServer server(WithWatch(owner.Handler()), options);
  auto first = Open(server);
  owner.feed();
  const absl::Status refused = Open(server)->Finish();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  first.reset();
  Eventually([&] { return server.Shows("oversight_rpc_open_feeds 0"); });
  const auto second = Open(server);
  EXPECT_FALSE(owner.feed()->ended());
}

TEST(Feed, OutlivesItsServerHarmlessly) {
  Owner owner;
  std::shared_ptr<Feed> feed;
  {
    const TestServer server(WithWatch(owner.Handler()));
    const auto reader = Open(server);
    feed = owner.feed();
  }
  EXPECT_TRUE(feed->ended());
  EXPECT_FALSE(feed->TrySend(Numbered(1)));
  feed->Close(absl::OkStatus());
}

TEST(Feed, ManySendersAndComingAndGoingReaders) {
  Owner owner;
  const TestServer server(WithWatch(owner.Handler()));
  for (int round = 0; round < 30; ++round) {
    auto reader = Open(server);
    const std::shared_ptr<Feed> feed = owner.feed();
    std::vector<std::thread> senders;
    for (int i = 0; i < 3; ++i) {
      senders.emplace_back([feed] {
        while (!feed->ended()) feed->TrySend(Numbered(1, 1000));
      });
    }
    WatchResponse response;
    for (int i = 0; i < round; ++i) ASSERT_TRUE(reader->Read(&response));
    if (round % 2 == 0) reader.reset();
    if (round % 2 == 1) feed->Close(absl::OkStatus());
    for (std::thread& sender : senders) sender.join();
  }
  Eventually([&] { return server.Shows("oversight_rpc_open_feeds 0"); });
}

}  // namespace
}  // namespace oversight::rpc
