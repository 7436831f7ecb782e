#include "common/mysql/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::mysql {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::NewSchema;
using ::oversight::testing::StatusIs;
using ::testing::HasSubstr;

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

std::string SessionId(Connection& connection) {
  std::string id;
  EXPECT_THAT(connection.Query("SELECT CONNECTION_ID()", {},
                               [&](const Row& row) {
                                 id = row.Bytes(0);
                                 return absl::OkStatus();
                               }),
              IsOk());
  return id;
}

TEST(PoolTest, LendsTheSameConnectionAgain) {
  Pool pool(NewSchema(), 3, nullptr);
  EXPECT_EQ(pool.size(), 3);
  std::string first;
  {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease lease, pool.Acquire(Soon()));
    first = SessionId(*lease);
  }
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease again, pool.Acquire(Soon()));
  EXPECT_EQ(SessionId(*again), first);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease other, pool.Acquire(Soon()));
  EXPECT_NE(SessionId(*other), first);
}

TEST(PoolTest, ExhaustionEndsAtTheDeadline) {
  metrics::Registry registry;
  Pool pool(NewSchema(), 1, &registry);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease held, pool.Acquire(Soon()));
  const absl::Time begin = absl::Now();
  EXPECT_THAT(pool.Acquire(begin + absl::Milliseconds(50)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "POOL_EXHAUSTED"));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(50));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_mysql_pool_connections{state=\"in_use\"} 1"));
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_mysql_pool_wait_seconds_count 2"));
}

TEST(PoolTest, AWaiterGetsTheConnectionThatComesBack) {
  Pool pool(NewSchema(), 1, nullptr);
  absl::StatusOr<Pool::Lease> held = pool.Acquire(Soon());
  ASSERT_THAT(held, IsOk());
  std::optional<Pool::Lease> lease(*std::move(held));
  absl::Notification started;
  absl::Status waited = absl::UnknownError("did not run");
  std::thread waiter([&] {
    started.Notify();
    waited = pool.Acquire(Soon()).status();
  });
  started.WaitForNotification();
  lease.reset();
  waiter.join();
  EXPECT_THAT(waited, IsOk());
}

TEST(PoolTest, ManyThreadsShareFewConnections) {
  metrics::Registry registry;
  Pool pool(NewSchema(), 4, &registry);
  {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease lease, pool.Acquire(Soon()));
    OVERSIGHT_ASSERT_OK(lease->ExecuteText("CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT)"));
    OVERSIGHT_ASSERT_OK(lease->ExecuteText("INSERT INTO counter VALUES (1, 0)"));
  }
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        absl::StatusOr<Pool::Lease> lease = pool.Acquire(Soon());
        if (!lease.ok() ||
            !(*lease)->Execute("UPDATE counter SET n = n + 1 WHERE id = ?", {{Value(1)}}).ok()) {
          ++failures;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease lease, pool.Acquire(Soon()));
  OVERSIGHT_EXPECT_OK(lease->Query("SELECT n FROM counter", {}, [](const Row& row) {
    EXPECT_EQ(row.Int64(0), 400);
    return absl::OkStatus();
  }));
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_mysql_pool_connections{state=\"in_use\"} 1"));
}

TEST(PoolTest, ABrokenConnectionIsReplaced) {
  metrics::Registry registry;
  Pool pool(NewSchema(), 2, &registry);
  std::string broken_id;
  {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease idle, pool.Acquire(Soon()));
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease lease, pool.Acquire(Soon()));
    broken_id = SessionId(*lease);
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto root, Connection::Open(testing::SharedMariaDb().RootOptions()));
    OVERSIGHT_ASSERT_OK(root->ExecuteText(absl::StrCat("KILL CONNECTION ", broken_id)));
    EXPECT_THAT(lease->ExecuteText("DO 0"), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_TRUE(lease->broken());
  }
  for (int i = 0; i < 3; ++i) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease one, pool.Acquire(Soon()));
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease two, pool.Acquire(Soon()));
    EXPECT_NE(SessionId(*one), broken_id);
    EXPECT_NE(SessionId(*two), broken_id);
  }
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_mysql_pool_connections{state=\"in_use\"} 0"));
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_mysql_pool_connections{state=\"idle\"} 2"));
}

TEST(PoolTest, TheDatabaseGoesAndComesBack) {
  testing::PrivateMariaDb server;
  OVERSIGHT_ASSERT_OK(server.Start());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const ConnectionOptions options, server.CreateSchema());
  metrics::Registry registry;
  Pool pool(options, 2, &registry);
  {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease lease, pool.Acquire(Soon()));
    OVERSIGHT_ASSERT_OK(server.Kill());
    EXPECT_THAT(lease->ExecuteText("DO 0"), StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(pool.Acquire(Soon()), StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  }
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_mysql_connect_failures_total 5"));
  OVERSIGHT_ASSERT_OK(server.Start());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(Pool::Lease lease, pool.Acquire(Soon()));
  EXPECT_THAT(lease->ExecuteText("DO 0"), IsOk());
}

}  // namespace
}  // namespace oversight::mysql
