#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/rpc/test_server.h"
#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"

namespace oversight::rpc {
namespace {

using ledger_v1::EraseResourceRequest;
using ledger_v1::EraseResourceResponse;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;

// A server whose EraseResource is a bulk call with this handler.
Methods WithBulk(std::function<void()> handler) {
  Methods methods = LedgerMethods();
  methods.Bulk(kLedgerService, "EraseResource", [handler](Call&, const Message&, Message&) {
    handler();
    return absl::OkStatus();
  });
  return methods;
}

absl::Status CallBulk(const TestServer& server) {
  EraseResourceResponse response;
  return server.client->Unary(LedgerMethod("EraseResource"), EraseResourceRequest(), &response, {});
}

int Niceness() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST(Bulk, GivesWayToOtherCalls) {
  int bulk = 0;
  int other = 0;
  Methods methods = WithBulk([&] { bulk = Niceness(); });
  methods.Unary(kLedgerService, "LookUp", [&](Call&, const Message&, Message&) {
    other = Niceness();
    return absl::OkStatus();
  });
  const TestServer server(methods);
  ASSERT_THAT(CallBulk(server), IsOk());
  ledger_v1::LookUpResponse response;
  ASSERT_THAT(server.client->Unary(LedgerMethod("LookUp"), ledger_v1::LookUpRequest(), &response, {}),
              IsOk());
  EXPECT_EQ(other, Niceness());
  // The kernel knows no niceness above 19.
  EXPECT_EQ(bulk, std::min(19, std::max(other, 10)));
}

// The test's limits: two bulk threads, of which each keeps two of a caller's calls waiting.
TEST(Bulk, AFloodNeitherStopsOtherCallsNorQueuesWithoutEnd) {
  absl::Notification go;
  std::atomic<int> running{0};
  ServerOptions options = DemoOptions();
  options.bulk_threads = 2;
  const TestServer server(WithBulk([&] {
                            ++running;
                            go.WaitForNotification();
                          }),
                          options);
  std::atomic<int> succeeded{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  const auto call = [&] {
    const absl::Status status = CallBulk(server);
    if (status.ok()) {
      ++succeeded;
    } else {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
      EXPECT_GT(RetryDelayOf(status), absl::ZeroDuration());
      ++refused;
    }
  };
  for (int i = 0; i < 2; ++i) callers.emplace_back(call);
  Eventually([&] { return running == 2; });
  for (int i = 0; i < 7; ++i) callers.emplace_back(call);
  Eventually([&] { return refused == 3; });
  EXPECT_THAT(server.GetHead("authorities/a"), IsOk()) << "more bulk calls than workers, and yet";
  go.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(succeeded, 6);
  EXPECT_EQ(refused, 3);
}

TEST(Bulk, TheCallerIsKnownBeforeAnythingIsRead) {
  std::atomic<int> handled{0};
  const TestServer server(WithBulk([&] { ++handled; }), DemoOptions(), {.demo_user = std::string(300, 'x')});
  EXPECT_THAT(CallBulk(server), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_DEMO_USER"));
  EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace oversight::rpc
