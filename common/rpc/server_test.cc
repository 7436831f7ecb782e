// A server's life: health, reflection, drain.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/healthcheck.h"
#include "common/rpc/test_server.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace oversight::rpc {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(10);

TEST(Health, SaysServingOnlyWhenToldSo) {
  const TestServer server(LedgerMethods());
  const ClientOptions options{.target = server.target()};
  for (const std::string service : {"", kLedgerService}) {
    EXPECT_EQ(CheckHealth(options, service, kPatience).code(), absl::StatusCode::kUnavailable);
    server.server->SetServing(true);
    EXPECT_TRUE(CheckHealth(options, service, kPatience).ok());
    server.server->SetServing(false);
  }
  EXPECT_EQ(CheckHealth(options, "unknown.Service", kPatience).code(), absl::StatusCode::kNotFound);
}

TEST(Health, NothingThereIsUnavailable) {
  EXPECT_EQ(CheckHealth({.target = "127.0.0.1:1"}, "", kPatience).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CheckAlive({.target = "127.0.0.1:1"}, kPatience).code(), absl::StatusCode::kUnavailable);
}

TEST(Health, WhoAnswersIsAliveServingOrNot) {
  const TestServer server(LedgerMethods());
  EXPECT_TRUE(CheckAlive({.target = server.target()}, kPatience).ok());
  server.server->SetServing(true);
  EXPECT_TRUE(CheckAlive({.target = server.target()}, kPatience).ok());
}

// One question to the reflection service, and its answer, both as bytes of the message.
std::string Reflect(const TestServer& server, const std::string& question) {
  grpc::GenericStub stub(grpc::CreateChannel(server.target(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto stream =
      stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  stream->StartCall(nullptr);
  queue.Next(&tag, &ok);
  const grpc::Slice slice(question);
  stream->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  queue.Next(&tag, &ok);
  grpc::Slice bytes;
  EXPECT_TRUE(ok && answer.DumpToSingleSlice(&bytes).ok());
  grpc::Status status;
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

TEST(Reflection, ListsServicesAndDescribesThem) {
  const TestServer server(LedgerMethods());
  // list_services = 7.
  const std::string services = Reflect(server, "\x3a\x01*");
  EXPECT_THAT(services, HasSubstr(kLedgerService));
  EXPECT_THAT(services, HasSubstr("grpc.health.v1.Health"));
  // file_containing_symbol = 4.
  const std::string symbol = kLedgerService;
  const std::string file = Reflect(server, absl::StrCat("\x22", std::string(1, char(symbol.size())), symbol));
  EXPECT_THAT(file, HasSubstr("oversight/ledger/v1/ledger.proto"));
  EXPECT_THAT(file, HasSubstr("EraseResource"));
}

TEST(Start, SecondServerOnThePortIsRefused) {
  const TestServer first(LedgerMethods());
  ServerOptions options = DemoOptions();
  options.listen = first.target();
  metrics::Registry metrics;
  SystemClock clock;
  EXPECT_EQ(Server::Start(options, LedgerMethods(), &metrics, &clock).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Connections, GrowOldWithoutLosingCalls) {
  ServerOptions options = DemoOptions();
  options.max_connection_age = absl::Milliseconds(50);
  const TestServer server(LedgerMethods(), options);
  const absl::Time end = absl::Now() + absl::Milliseconds(400);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (absl::Now() < end) {
        const absl::Status status = server.GetHead("x");
        EXPECT_TRUE(status.ok()) << status;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(Drain, FinishesRunningCallsAndRefusesNewOnes) {
  absl::Notification held;
  absl::Notification release;
  Methods methods = LedgerMethods();
  methods.Unary(kLedgerService, "GetHead", [&](Call&, const Message&, Message&) {
    held.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  });
  const TestServer server(methods);
  server.server->SetServing(true);
  std::thread caller([&] { EXPECT_TRUE(server.GetHead("x").ok()); });
  held.WaitForNotification();
  std::thread drainer([&] { server.server->Drain(); });
  const auto other = server.Connect();
  Eventually([&] {
    ledger_v1::Head head;
    return absl::IsUnavailable(other->Unary(LedgerMethod("LookUp"), ledger_v1::LookUpRequest(), &head,
                                            {.deadline = absl::Now() + kPatience}));
  });
  release.Notify();
  caller.join();
  drainer.join();
}

TEST(Drain, SaysNotServingFirstAndIgnoresSetServingFromThenOn) {
  ServerOptions options = DemoOptions();
  options.drain_notice = absl::Milliseconds(500);
  const TestServer server(LedgerMethods(), options);
  server.server->SetServing(true);
  const ClientOptions client{.target = server.target()};
  ASSERT_TRUE(CheckHealth(client, "", kPatience).ok());
  std::thread drainer([&] { server.server->Drain(); });
  absl::Status health;
  Eventually([&] {
    server.server->SetServing(true);
    health = CheckHealth(client, "", kPatience);
    return !health.ok();
  });
  EXPECT_THAT(std::string(health.message()), HasSubstr("not serving"));
  EXPECT_TRUE(server.GetHead("x").ok()) << "during the notice calls are still served";
  drainer.join();
}

TEST(Drain, EndsFeedsWithUnavailable) {
  absl::Notification opened;
  std::shared_ptr<Feed> feed;
  Methods methods = LedgerMethods();
  methods.Feed(kLedgerService, "Watch", [&](Call&, const Message&, std::shared_ptr<Feed> new_feed) {
    feed = std::move(new_feed);
    opened.Notify();
    return absl::OkStatus();
  });
  const TestServer server(methods);
  const auto reader = server.client->Stream(LedgerMethod("Watch"), ledger_v1::WatchRequest(), {});
  opened.WaitForNotification();
  server.server->Drain();
  const absl::Status status = reader->Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
}

TEST(Drain, UnderLoadEveryHandledCallIsAnswered) {
  std::atomic<int> handled{0};
  Methods methods = LedgerMethods();
  methods.Unary(kLedgerService, "GetHead", [&](Call&, const Message&, Message&) {
    absl::SleepFor(absl::Microseconds(200));
    ++handled;
    return absl::OkStatus();
  });
  const TestServer server(methods);
  std::atomic<int> answered{0};
  std::atomic<int> started{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      ++started;
      while (true) {
        const absl::Status status = server.GetHead("x");
        if (status.ok()) {
          ++answered;
          continue;
        }
        EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
        break;
      }
    });
  }
  Eventually([&] { return answered > 200; });
  server.server->Drain();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, handled);
}

bool Served(const TestServer& server) {
  return absl::StrContains(server.metrics.Render(), "oversight_rpc_requests_total{code=\"OK\"");
}

TEST(Drain, CallersThatFollowHealthLoseNothingInARollingRestart) {
  ServerOptions options = DemoOptions();
  options.drain_notice = absl::Milliseconds(300);
  auto first = std::make_unique<TestServer>(LedgerMethods(), options);
  const TestServer second(LedgerMethods(), options);
  const auto client = second.Connect(
      {.target = absl::StrCat("ipv4:", first->target(), ",", second.target()), .follow_health = true});
  const auto call = [&] {
    ledger_v1::Head head;
    return client->Unary(LedgerMethod("GetHead"), ledger_v1::GetHeadRequest(), &head,
                         {.deadline = absl::Now() + kPatience});
  };
  EXPECT_EQ(call().code(), absl::StatusCode::kUnavailable) << "neither serves yet";
  first->server->SetServing(true);
  second.server->SetServing(true);
  Eventually([&] { return call().ok() && Served(*first) && Served(second); });
  std::atomic<bool> stop{false};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) EXPECT_TRUE(call().ok());
    });
  }
  const absl::Time start = absl::Now();
  first->server->Drain();
  EXPECT_LT(absl::Now() - start, absl::Seconds(10)) << "open health watches must not hold the drain";
  stop = true;
  for (std::thread& caller : callers) caller.join();
}

TEST(Drain, CallsThatTakeTooLongAreCancelled) {
  ServerOptions options = DemoOptions();
  options.drain_timeout = absl::Milliseconds(50);
  absl::Notification held;
  Methods methods = LedgerMethods();
  methods.Unary(kLedgerService, "GetHead", [&](Call& call, const Message&, Message&) {
    held.Notify();
    Eventually([&] { return call.cancelled(); });
    return absl::OkStatus();
  });
  const TestServer server(methods, options);
  std::thread caller([&] { EXPECT_FALSE(server.GetHead("x").ok()); });
  held.WaitForNotification();
  server.server->Drain();
  caller.join();
}

}  // namespace
}  // namespace oversight::rpc
