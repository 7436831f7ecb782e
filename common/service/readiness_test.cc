#include "common/service/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/migrate/migrate.h"
#include "common/rpc/healthcheck.h"
#include "common/rpc/test_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::service {
namespace {

using ::oversight::testing::FakeClock;
using ::oversight::testing::IsOk;
using ::oversight::testing::MigrateSchema;
using ::oversight::testing::NewSchema;
using ::oversight::testing::PrivateMariaDb;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Not;

int SchemaVersion(const mysql::ConnectionOptions& database) {
  const auto connection = mysql::Connection::Open(database);
  EXPECT_THAT(connection, IsOk());
  int version = 0;
  EXPECT_THAT((*connection)
                  ->Query("SELECT MAX(version) FROM schema_migration", {},
                          [&](const mysql::Row& row) {
                            version = static_cast<int>(row.Int64(0));
                            return absl::OkStatus();
                          }),
              IsOk());
  return version;
}

// A server that is guarded as `serve` guards its own.
class GuardedServer {
 public:
  GuardedServer(const mysql::ConnectionOptions& database, int accepted_schema_version)
      : pool_(database, 2, &metrics_),
        readiness_(&pool_, &clock_, accepted_schema_version,
                   [this](bool ready) {
                     server_.server->SetServing(ready);
                     absl::MutexLock lock(&mutex_);
                     if (told_.empty() || told_.back() != ready) told_.push_back(ready);
                     return ready;
                   }),
        server_(readiness_.Guard(rpc::LedgerMethods())) {
    readiness_.Start();
  }
  ~GuardedServer() {
    readiness_.Stop();
    server_.server->Drain();
  }

  absl::Status Call() const { return server_.GetHead("authorities/a"); }
  bool Healthy() const {
    return rpc::CheckHealth({.target = server_.target()}, rpc::kLedgerService, absl::Seconds(5)).ok();
  }
  // Each change, and what it told first.
  std::vector<bool> told() const {
    absl::MutexLock lock(&mutex_);
    return told_;
  }
  // Waits until it has looked at the database so many times more, with or without success.
  void AwaitChecks(int count) {
    const int64_t before = Checks();
    rpc::Eventually([&] { return Checks() >= before + count; });
  }

 private:
  int64_t Checks() const {
    int64_t checks = 0;
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(metrics_.Render(), '\n'))) {
      for (const char* metric :
           {"oversight_mysql_pool_wait_seconds_count ", "oversight_mysql_connect_failures_total "}) {
        int64_t value = 0;
        if (line.rfind(metric, 0) == 0 && absl::SimpleAtoi(line.substr(std::string(metric).size()), &value)) {
          checks += value;
        }
      }
    }
    return checks;
  }

  metrics::Registry metrics_;
  FakeClock clock_{absl::FromUnixSeconds(1767225600)};
  mysql::Pool pool_;
  mutable absl::Mutex mutex_;
  std::vector<bool> told_ ABSL_GUARDED_BY(mutex_);
  Readiness readiness_;
  rpc::TestServer server_;
};

TEST(ReadinessTest, ADatabaseThatComesLaterAndGoesAndComesBack) {
  PrivateMariaDb database;
  OVERSIGHT_ASSERT_OK(database.Start());
  const auto schema = database.CreateSchema();
  OVERSIGHT_ASSERT_OK(schema);
  OVERSIGHT_ASSERT_OK(MigrateSchema("workforce", *schema));
  const int version = SchemaVersion(*schema);
  OVERSIGHT_ASSERT_OK(database.Stop());

  GuardedServer server(*schema, version);
  server.AwaitChecks(2);
  const absl::Status refused = server.Call();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, "NOT_READY"));
  EXPECT_GT(RetryDelayOf(refused), absl::ZeroDuration());
  EXPECT_FALSE(server.Healthy());

  OVERSIGHT_ASSERT_OK(database.Start());
  rpc::Eventually([&] { return server.Healthy(); });
  EXPECT_THAT(server.Call(), IsOk());

  OVERSIGHT_ASSERT_OK(database.Kill());
  rpc::Eventually([&] { return !server.Healthy(); });
  EXPECT_THAT(server.Call(), IsOk()) << "once it was ready, each call says for itself what it cannot do";

  OVERSIGHT_ASSERT_OK(database.Start());
  rpc::Eventually([&] { return server.Healthy(); });
  EXPECT_THAT(server.told(), ElementsAre(false, true, false, true));
}

TEST(ReadinessTest, AnUnsafeDatabaseIsNotServedFrom) {
  PrivateMariaDb database({.arguments = {"--innodb-flush-log-at-trx-commit=2"}});
  OVERSIGHT_ASSERT_OK(database.Start());
  const auto schema = database.CreateSchema();
  OVERSIGHT_ASSERT_OK(schema);
  OVERSIGHT_ASSERT_OK(MigrateSchema("workforce", *schema));
  GuardedServer server(*schema, SchemaVersion(*schema));
  server.AwaitChecks(2);
  EXPECT_THAT(server.Call(), StatusIs(absl::StatusCode::kUnavailable, "NOT_READY"));
  EXPECT_FALSE(server.Healthy());
  // Somebody mends it: no restart is needed.
  const auto root = mysql::Connection::Open(database.RootOptions());
  OVERSIGHT_ASSERT_OK(root);
  OVERSIGHT_ASSERT_OK((*root)->ExecuteText("SET GLOBAL innodb_flush_log_at_trx_commit = 1"));
  rpc::Eventually([&] { return server.Healthy(); });
  EXPECT_THAT(server.Call(), IsOk());
}

TEST(ReadinessTest, SchemaVersions) {
  const mysql::ConnectionOptions schema = NewSchema();
  {
    GuardedServer server(schema, 1);
    server.AwaitChecks(2);
    EXPECT_THAT(server.Call(), Not(IsOk())) << "nothing is there yet";
    OVERSIGHT_ASSERT_OK(MigrateSchema("workforce", schema));
  }
  const int have = SchemaVersion(schema);
  for (const auto& [accepted, ready] : std::vector<std::pair<int, bool>>{
           {have - 2, false}, {have - 1, true}, {have, true}, {have + 1, false}}) {
    GuardedServer server(schema, accepted);
    server.AwaitChecks(1);
    if (ready) {
      rpc::Eventually([&] { return server.Healthy(); });
    } else {
      server.AwaitChecks(1);
    }
    EXPECT_EQ(server.Call().ok(), ready) << "accepts " << accepted << ", has " << have;
    EXPECT_EQ(server.Healthy(), ready);
  }
}

TEST(ReadinessTest, ForgetsOldRequestsWhileAtIt) {
  const mysql::ConnectionOptions schema = NewSchema();
  OVERSIGHT_ASSERT_OK(MigrateSchema("workforce", schema));
  const auto connection = mysql::Connection::Open(schema);
  OVERSIGHT_ASSERT_OK(connection);
  const absl::Time now = absl::FromUnixSeconds(1767225600);  // as its clock says
  // 2,500 of 31 days ago, one of 29 days ago.
  for (int i = 0; i <= 2500; ++i) {
    const absl::Time when = now - absl::Hours(24 * (i == 2500 ? 29 : 31));
    const std::vector<mysql::Value> values = {absl::StrCat("r", i), std::string(32, 'h'), when};
    OVERSIGHT_ASSERT_OK(
        (*connection)
            ->Execute("INSERT INTO ledger_request (authority, actor, request_id, request_hash, "
                      "revision, time) VALUES ('a', 'u', ?, ?, 1, ?)",
                      values));
  }
  GuardedServer server(schema, SchemaVersion(schema));
  rpc::Eventually([&] {
    std::vector<std::string> left;
    EXPECT_THAT((*connection)
                    ->Query("SELECT request_id FROM ledger_request LIMIT 2", {},
                            [&](const mysql::Row& row) {
                              left.push_back(row.Bytes(0));
                              return absl::OkStatus();
                            }),
                IsOk());
    return left == std::vector<std::string>{"r2500"};
  });
}

}  // namespace
}  // namespace oversight::service
