#include "common/mysql/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/mysql/errors.h"
#include "common/status/error.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::mysql {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::NewSchema;
using ::oversight::testing::StatusIs;

class TransactionTest : public ::testing::Test {
 protected:
  TransactionTest() : schema_(NewSchema()), pool_(schema_, 8, nullptr) {
    EXPECT_THAT(Run([](Connection& connection) -> absl::Status {
                  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText(
                      "CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL) ENGINE=InnoDB"));
                  return connection.Execute("INSERT INTO account VALUES (1, 100), (2, 100)", {}).status();
                }),
                IsOk());
  }

  absl::Status Run(absl::FunctionRef<absl::Status(Connection&)> body, TransactionOptions options = {}) {
    if (options.deadline == absl::InfiniteFuture()) options.deadline = absl::Now() + absl::Seconds(60);
    return RunTransaction(pool_, options, body);
  }

  static absl::Status Add(Connection& connection, int id, int amount) {
    return connection
        .Execute("UPDATE account SET balance = balance + ? WHERE id = ?", {{Value(amount), Value(id)}})
        .status();
  }

  int64_t Balance(int id) {
    int64_t balance = -1;
    EXPECT_THAT(Run([&](Connection& connection) { return ReadBalance(connection, id, balance); }), IsOk());
    return balance;
  }

  static absl::Status ReadBalance(Connection& connection, int id, int64_t& balance) {
    return connection.Query("SELECT balance FROM account WHERE id = ?", {{Value(id)}}, [&](const Row& row) {
      balance = row.Int64(0);
      return absl::OkStatus();
    });
  }

  static void KillSession(Connection& connection) {
    std::string id;
    ASSERT_THAT(connection.Query("SELECT CONNECTION_ID()", {},
                                 [&](const Row& row) {
                                   id = row.Bytes(0);
                                   return absl::OkStatus();
                                 }),
                IsOk());
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto root, Connection::Open(testing::SharedMariaDb().RootOptions()));
    OVERSIGHT_ASSERT_OK(root->ExecuteText(absl::StrCat("KILL CONNECTION ", id)));
  }

  ConnectionOptions schema_;
  Pool pool_;
};

TEST_F(TransactionTest, CommitsWhenTheBodySucceeds) {
  OVERSIGHT_EXPECT_OK(Run([](Connection& connection) { return Add(connection, 1, 5); }));
  EXPECT_EQ(Balance(1), 105);
}

TEST_F(TransactionTest, RollsBackAndReturnsTheBodysError) {
  EXPECT_THAT(Run([](Connection& connection) -> absl::Status {
                OVERSIGHT_RETURN_IF_ERROR(Add(connection, 1, 5));
                return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "changed meanwhile");
              }),
              StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_EQ(Balance(1), 100);
}

TEST_F(TransactionTest, TheBodysOwnAbortedIsNotRerun) {
  int runs = 0;
  EXPECT_THAT(Run([&](Connection&) -> absl::Status {
                ++runs;
                return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "changed meanwhile");
              }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(runs, 1);
}

TEST_F(TransactionTest, ADeadlockIsRerunUntilBothSucceed) {
  absl::Barrier* both_hold_one = new absl::Barrier(2);
  std::atomic<int> runs{0};
  auto transfer = [&](int from, int to) {
    bool first = true;
    return Run([&, from, to](Connection& connection) -> absl::Status {
      ++runs;
      OVERSIGHT_RETURN_IF_ERROR(Add(connection, from, -10));
      if (std::exchange(first, false) && both_hold_one->Block()) delete both_hold_one;
      return Add(connection, to, 10);
    });
  };
  absl::Status there, back;
  std::thread one([&] { there = transfer(1, 2); });
  std::thread two([&] { back = transfer(2, 1); });
  one.join();
  two.join();
  EXPECT_THAT(there, IsOk());
  EXPECT_THAT(back, IsOk());
  EXPECT_GE(runs, 3) << "the loser of the deadlock must have run twice";
  EXPECT_EQ(Balance(1), 100);
  EXPECT_EQ(Balance(2), 100);
}

TEST_F(TransactionTest, ASwallowedConflictIsRerunToo) {
  // The deadlock rolls back the first change; committing only the second would tear the transaction.
  absl::Barrier* both_hold_one = new absl::Barrier(2);
  auto careless = [&](int mine, int other) {
    bool first = true;
    return Run([&, mine, other](Connection& connection) -> absl::Status {
      OVERSIGHT_RETURN_IF_ERROR(Add(connection, mine, 1));
      if (std::exchange(first, false) && both_hold_one->Block()) delete both_hold_one;
      Add(connection, other, 1).IgnoreError();
      return absl::OkStatus();
    });
  };
  std::thread one([&] { EXPECT_THAT(careless(1, 2), IsOk()); });
  std::thread two([&] { EXPECT_THAT(careless(2, 1), IsOk()); });
  one.join();
  two.join();
  EXPECT_EQ(Balance(1), 102);
  EXPECT_EQ(Balance(2), 102);
}

TEST_F(TransactionTest, GivesUpAfterTheLastAttempt) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto blocker, Connection::Open(schema_));
  OVERSIGHT_ASSERT_OK(blocker->ExecuteText("START TRANSACTION"));
  OVERSIGHT_ASSERT_OK(Add(*blocker, 1, 1));
  int runs = 0;
  EXPECT_THAT(Run(
                  [&](Connection& connection) -> absl::Status {
                    ++runs;
                    OVERSIGHT_RETURN_IF_ERROR(Add(connection, 2, 7));
                    return connection.Query("SELECT id FROM account WHERE id = 1 FOR UPDATE NOWAIT", {},
                                            [](const Row&) { return absl::OkStatus(); });
                  },
                  {.max_attempts = 2}),
              StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Balance(2), 100);
}

TEST_F(TransactionTest, NoRerunBeyondTheDeadline) {
  int runs = 0;
  EXPECT_THAT(Run(
                  [&](Connection&) -> absl::Status {
                    ++runs;
                    return absl::OkStatus();
                  },
                  {.deadline = absl::Now() - absl::Seconds(1)}),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LE(runs, 1);
}

TEST_F(TransactionTest, ADeadlinePassedBeforeTheCommitChangesNothing) {
  { EXPECT_THAT(pool_.Acquire(absl::Now() + absl::Seconds(30)), IsOk()); }
  const absl::Time deadline = absl::Now() + absl::Milliseconds(20);
  EXPECT_THAT(Run(
                  [&](Connection& connection) -> absl::Status {
                    OVERSIGHT_RETURN_IF_ERROR(Add(connection, 1, 5));
                    absl::SleepFor(deadline - absl::Now());
                    return absl::OkStatus();
                  },
                  {.deadline = deadline}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "TRANSACTION_TIMEOUT"));
  EXPECT_EQ(Balance(1), 100);
}

TEST_F(TransactionTest, ALostConnectionBeforeCommitIsRerunOnAnother) {
  int runs = 0;
  OVERSIGHT_EXPECT_OK(Run([&](Connection& connection) -> absl::Status {
    if (++runs == 1) KillSession(connection);
    return Add(connection, 1, 5);
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Balance(1), 105);
}

TEST_F(TransactionTest, AConnectionLostDuringCommitLeavesTheOutcomeUnknown) {
  int runs = 0;
  EXPECT_THAT(Run([&](Connection& connection) -> absl::Status {
                ++runs;
                OVERSIGHT_RETURN_IF_ERROR(Add(connection, 1, 5));
                KillSession(connection);
                return absl::OkStatus();
              }),
              StatusIs(absl::StatusCode::kUnavailable, "COMMIT_OUTCOME_UNKNOWN"));
  EXPECT_EQ(runs, 1) << "it may have been committed, so it must not run again";
  EXPECT_EQ(Balance(1), 100);
}

TEST_F(TransactionTest, ASnapshotSeesOneMomentAndCannotWrite) {
  int64_t before = 0, after = 0;
  OVERSIGHT_EXPECT_OK(Run(
      [&](Connection& connection) -> absl::Status {
        // The snapshot is as of the start, not as of the first read.
        OVERSIGHT_RETURN_IF_ERROR(Run([](Connection& other) { return Add(other, 1, 1); }));
        OVERSIGHT_RETURN_IF_ERROR(ReadBalance(connection, 1, before));
        OVERSIGHT_RETURN_IF_ERROR(Run([](Connection& other) { return Add(other, 1, 1); }));
        return ReadBalance(connection, 1, after);
      },
      {.isolation = Isolation::kSnapshot}));
  EXPECT_EQ(before, 100);
  EXPECT_EQ(after, 100);
  EXPECT_EQ(Balance(1), 102);
  EXPECT_THAT(
      Run([](Connection& connection) { return Add(connection, 1, 1); }, {.isolation = Isolation::kSnapshot}),
      StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  // The connection goes back to READ COMMITTED by itself.
  OVERSIGHT_EXPECT_OK(Run([&](Connection& connection) -> absl::Status {
    OVERSIGHT_RETURN_IF_ERROR(ReadBalance(connection, 1, before));
    OVERSIGHT_RETURN_IF_ERROR(Run([](Connection& other) { return Add(other, 1, 1); }));
    return ReadBalance(connection, 1, after);
  }));
  EXPECT_EQ(after, before + 1);
}

TEST_F(TransactionTest, AReadOnlyServerIsUnavailableAndNothingIsWritten) {
  testing::PrivateMariaDb server;
  OVERSIGHT_ASSERT_OK(server.Start());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const ConnectionOptions options, server.CreateSchema());
  Pool pool(options, 1, nullptr);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto root, Connection::Open(server.RootOptions()));
  const TransactionOptions transaction{.deadline = absl::Now() + absl::Seconds(60)};
  auto insert = [](Connection& connection) {
    return connection.Execute("INSERT INTO t VALUES (1)", {}).status();
  };
  OVERSIGHT_ASSERT_OK(RunTransaction(pool, transaction, [](Connection& connection) {
    return connection.ExecuteText("CREATE TABLE t (id INT)");
  }));
  OVERSIGHT_ASSERT_OK(root->ExecuteText("SET GLOBAL read_only = 1"));
  EXPECT_THAT(RunTransaction(pool, transaction, insert),
              StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  OVERSIGHT_ASSERT_OK(root->ExecuteText("SET GLOBAL read_only = 0"));
  EXPECT_THAT(RunTransaction(pool, transaction, insert), IsOk());
}

// Writers go on while the server is killed again and again. Every acknowledged row must be there, and no row
// whose transaction was refused outright.
TEST(TransactionCrashTest, AcknowledgedCommitsSurviveKills) {
  testing::PrivateMariaDb server;
  OVERSIGHT_ASSERT_OK(server.Start());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const ConnectionOptions options, server.CreateSchema());
  Pool pool(options, 4, nullptr);
  OVERSIGHT_ASSERT_OK(
      RunTransaction(pool, {.deadline = absl::Now() + absl::Seconds(60)}, [](Connection& connection) {
        return connection.ExecuteText("CREATE TABLE written (id BIGINT PRIMARY KEY) ENGINE=InnoDB");
      }));

  constexpr int kWriters = 4;
  constexpr int kKills = 5;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> acknowledged_count{0};
  std::vector<std::vector<int64_t>> acknowledged(kWriters), refused(kWriters);
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int64_t i = 0; !stop; ++i) {
        const int64_t id = i * kWriters + w;
        const absl::Status status =
            RunTransaction(pool, {.deadline = absl::Now() + absl::Seconds(30)}, [&](Connection& connection) {
              return connection.Execute("INSERT INTO written VALUES (?)", {{Value(id)}}).status();
            });
        if (status.ok()) {
          acknowledged[w].push_back(id);
          ++acknowledged_count;
        } else if (ReasonOf(status) != "COMMIT_OUTCOME_UNKNOWN") {
          refused[w].push_back(id);
          absl::SleepFor(absl::Milliseconds(5));
        }
      }
    });
  }
  for (int kill = 0; kill < kKills; ++kill) {
    const int64_t seen = acknowledged_count;
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    while (acknowledged_count < seen + 50 && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(1));
    EXPECT_GE(acknowledged_count, seen + 50) << "writers did not recover";
    EXPECT_THAT(server.Kill(), IsOk());
    EXPECT_THAT(server.Start(), IsOk());
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();

  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(options));
  auto exists = [&](int64_t id) {
    bool found = false;
    EXPECT_THAT(connection->Query("SELECT id FROM written WHERE id = ?", {{Value(id)}},
                                  [&](const Row&) {
                                    found = true;
                                    return absl::OkStatus();
                                  }),
                IsOk());
    return found;
  };
  for (int w = 0; w < kWriters; ++w) {
    for (int64_t id : acknowledged[w]) EXPECT_TRUE(exists(id)) << id << " was acknowledged and is lost";
    for (int64_t id : refused[w]) EXPECT_FALSE(exists(id)) << id << " was refused and is there";
  }
}

}  // namespace
}  // namespace oversight::mysql
