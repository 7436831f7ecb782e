#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "common/metrics/metrics.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/time/clock.h"
#include "gtest/gtest.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::rpc {

namespace ledger_v1 = ::oversight::ledger::v1;

inline constexpr char kLedgerService[] = "oversight.ledger.v1.LedgerService";

inline std::string LedgerMethod(const std::string& name) {
  return "/oversight.ledger.v1.LedgerService/" + name;
}

// Handlers for all methods of the ledger service, which the tests replace one by one: GetHead answers with
// the name it was asked for, the streams end at once.
inline Methods LedgerMethods() {
  Methods methods;
  methods.Unary<ledger_v1::GetHeadRequest, ledger_v1::Head>(
      kLedgerService, "GetHead", [](Call&, const ledger_v1::GetHeadRequest& request, ledger_v1::Head& head) {
        head.set_authority(request.name());
        return absl::OkStatus();
      });
  const UnaryHandler nothing = [](Call&, const Message&, Message&) { return absl::OkStatus(); };
  methods.Unary(kLedgerService, "EraseResource", nothing);
  methods.Unary(kLedgerService, "LookUp", nothing);
  const StreamHandler empty = [](Call&, const Message&, StreamWriter&) { return absl::OkStatus(); };
  methods.Stream(kLedgerService, "Snapshot", empty);
  methods.Stream(kLedgerService, "VerifyLedger", empty);
  methods.Feed(kLedgerService, "Watch", [](Call&, const Message&, std::shared_ptr<Feed> feed) {
    feed->Close(absl::OkStatus());
    return absl::OkStatus();
  });
  return methods;
}

// Options for a server in demo mode that stops without waiting.
inline ServerOptions DemoOptions() {
  ServerOptions options;
  options.demo_mode = true;
  options.worker_threads = 2;
  options.stream_threads = 1;
  options.drain_notice = absl::ZeroDuration();
  options.drain_timeout = absl::Seconds(20);
  return options;
}

// Waits until the condition holds; for what other threads do in their own time.
inline void Eventually(const std::function<bool()>& condition) {
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  while (!condition()) {
    ASSERT_LT(absl::Now(), limit) << "did not happen";
    absl::SleepFor(absl::Milliseconds(1));
  }
}

// A running server and a client of it.
class TestServer {
 public:
  explicit TestServer(const Methods& methods, const ServerOptions& options = DemoOptions(),
                      ClientOptions client_options = {}, const Clock* clock = nullptr) {
    absl::StatusOr<std::unique_ptr<Server>> started =
        Server::Start(options, methods, &metrics, clock == nullptr ? &system_clock_ : clock);
    EXPECT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
    if (client_options.target.empty()) client_options.target = target();
    client = Connect(client_options);
  }

  std::string target() const { return "127.0.0.1:" + std::to_string(server->port()); }

  std::unique_ptr<Client> Connect(ClientOptions options = {}) const {
    if (options.target.empty()) options.target = target();
    absl::StatusOr<std::unique_ptr<Client>> created = Client::Create(options);
    EXPECT_TRUE(created.ok()) << created.status();
    return *std::move(created);
  }

  absl::Status GetHead(const std::string& name, ledger_v1::Head* head = nullptr,
                       const CallOptions& options = {}) const {
    ledger_v1::GetHeadRequest request;
    request.set_name(name);
    ledger_v1::Head ignored;
    return client->Unary(LedgerMethod("GetHead"), request, head == nullptr ? &ignored : head, options);
  }

  // The metric's line, value included, stands in the present metrics.
  bool Shows(const std::string& line) const { return absl::StrContains(metrics.Render(), line + "\n"); }

  metrics::Registry metrics;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

 private:
  SystemClock system_clock_;
};

}  // namespace oversight::rpc
