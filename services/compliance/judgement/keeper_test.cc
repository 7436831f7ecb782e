// Keeping the judgement up to date: entries in an order that makes sense, midnights, restarts, replicas,
// restored ledgers.

#include "services/compliance/judgement/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/judgement/kept_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::FakeClock;
using oversight::testing::IsOkAndHolds;
using oversight::testing::StatusIs;
using testing::AnnaAndBen;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Replica;
using testing::SessionOf;
using testing::TellAll;
using testing::ToldLedgers;

const CivilDay kToday(2026, 4, 10);

absl::Time Noon(CivilDay day) {
  return absl::FromCivil(absl::CivilHour(day.civil()) + 12, absl::UTCTimeZone());
}

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() : database_(oversight::testing::NewSchema()) {
    OVERSIGHT_EXPECT_OK(oversight::testing::MigrateSchema("compliance", database_));
  }

  std::unique_ptr<Replica> MakeReplica() {
    auto replica = std::make_unique<Replica>(database_, &policies_, &clock_);
    replica->Start();
    return replica;
  }
  // One that has read everything.
  std::unique_ptr<Replica> CaughtUpReplica() {
    auto replica = MakeReplica();
    TellAll(*replica, told_);
    replica->TellHeads();
    replica->AwaitJudged(CivilDay::Of(clock_.Now()));
    return replica;
  }
  void Tell(Replica& replica, const std::string& ledger, const ledger::v1::Entry& entry) {
    told_.emplace_back(ledger, entry);
    replica.Tell(ledger, {entry});
  }
  int64_t Count(const std::string& of) { return CountIn(database_, of); }
  static int64_t CountIn(const mysql::ConnectionOptions& database, const std::string& of) {
    int64_t count = -1;
    auto connection = mysql::Connection::Open(database);
    OVERSIGHT_EXPECT_OK(connection.status());
    OVERSIGHT_EXPECT_OK(
        (*connection)->Query(absl::StrCat("SELECT COUNT(*) FROM ", of), {}, [&](const mysql::Row& row) {
          count = row.Int64(0);
          return absl::OkStatus();
        }));
    return count;
  }
  // `2026-04-03 anna 3>4` of every stored change.
  std::vector<std::string> StoredChanges() {
    std::vector<std::string> changes;
    auto connection = mysql::Connection::Open(database_);
    OVERSIGHT_EXPECT_OK(connection.status());
    OVERSIGHT_EXPECT_OK(
        (*connection)
            ->Query("SELECT b.judged_date, c.subject, c.from_status, c.to_status FROM finding_change c "
                    "JOIN judgement_batch b ON b.authority = c.authority AND b.batch = c.batch "
                    "ORDER BY c.batch, c.subject",
                    {}, [&](const mysql::Row& row) {
                      changes.push_back(absl::StrCat(row.Day(0).ToString(), " ", row.Bytes(1), " ",
                                                     row.Int64(2), ">", row.Int64(3)));
                      return absl::OkStatus();
                    }));
    return changes;
  }
  // The keeping thread stores right after it has judged.
  void AwaitCount(const std::string& of, int64_t count) {
    while (Count(of) != count) std::this_thread::yield();
  }
  std::string Last(const std::string& ledger) { return ledgers_.TokenAhead(ledger, 0); }

  const mysql::ConnectionOptions database_;
  const std::vector<engine::Policy> policies_ = {engine::testing::Knowsley()};
  FakeClock clock_{Noon(kToday)};
  ToldLedgers ledgers_;
  std::vector<std::pair<std::string, ledger::v1::Entry>> told_ = AnnaAndBen(ledgers_);
};

const auto kAnnaOverdue =
    ElementsAre("workers/anna OVERDUE since 2026-03-02", "workers/ben MET since 2026-04-01");

TEST_F(KeeperTest, AnswersOnlyOnceEveryLedgerHasBeenRead) {
  auto replica = MakeReplica();
  TellAll(*replica, told_);
  for (const char* ledger : {"workforce", "caseload", "supervision"}) replica->TellHead(ledger);
  EXPECT_THAT(replica->Findings({}, kToday), StatusIs(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP"));
  EXPECT_EQ(Count("judgement_batch"), 0);
  replica->TellHead("compliance");
  EXPECT_THAT(replica->Findings({Last("supervision"), Last("compliance")}, kToday),
              IsOkAndHolds(kAnnaOverdue));
}

TEST_F(KeeperTest, AnAuthorityOfWhichNothingIsKnownIsNotFound) {
  auto replica = CaughtUpReplica();
  EXPECT_THAT(replica->Ask("nowhere", {}, absl::InfiniteFuture(),
                           [](const AuthorityJudge&, const LedgerPositions&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kNotFound, "AUTHORITY_UNKNOWN"));
}

TEST_F(KeeperTest, AnEntryWaitsForWhatItDependsOn) {
  auto replica = CaughtUpReplica();
  // The session is told before the post that it rests on.
  const std::string post = ledgers_.TokenAhead("workforce", 1);
  replica->Tell("supervision", {SessionOf(ledgers_, "s3", "anna", kToday, {post})});
  const auto none = [](const AuthorityJudge&, const LedgerPositions&) { return absl::OkStatus(); };
  EXPECT_THAT(replica->Ask("example", {Last("supervision")}, absl::Now() + absl::Milliseconds(150), none),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "NOT_CAUGHT_UP"));
  EXPECT_THAT(replica->Findings({}, kToday), IsOkAndHolds(kAnnaOverdue));
  EXPECT_THAT(replica->registry().Render(),
              HasSubstr("oversight_compliance_waiting_entries{ledger=\"supervision\"} 1"));
  replica->Tell("workforce", {ledgers_.Deleted("workforce", "authorities/example/workers/ben")});
  EXPECT_THAT(replica->Findings({Last("supervision")}, kToday),
              IsOkAndHolds(ElementsAre("workers/anna MET since 2026-04-10")));
}

// An entry of another authority, of which nothing else is known.
ledger::v1::Entry OfAnother(const std::string& ledger, std::vector<std::string> depends_on) {
  ledger::v1::Entry entry;
  entry.set_authority("authorities/other");
  entry.set_change(ledger::v1::CHANGE_DELETED);
  entry.set_resource_name("authorities/other/workers/w");
  entry.set_revision(1);
  ledger::v1::Token token;
  token.set_ledger(ledger);
  token.set_authority(entry.authority());
  token.set_incarnation(std::string(16, 'i'));
  token.set_hash(std::string(32, 'h'));
  token.set_revision(1);
  entry.set_token(ledger::EncodeToken(token));
  for (std::string& text : depends_on) entry.add_depends_on(std::move(text));
  return entry;
}

TEST_F(KeeperTest, AnAuthorityDoesNotWaitBehindAnother) {
  auto replica = CaughtUpReplica();
  // Each authority's first entry waits for what the other ledger tells only after that of the other
  // authority.
  const ledger::v1::Entry theirs = OfAnother("workforce", {});
  ledger::v1::Entry gone = ledgers_.Deleted("workforce", "authorities/example/workers/ben");
  gone.add_depends_on(ledgers_.TokenAhead("supervision", 1));
  replica->Tell("workforce", {gone, theirs});
  replica->Tell("supervision",
                {OfAnother("supervision", {theirs.token()}), SessionOf(ledgers_, "s3", "anna", kToday)});
  OVERSIGHT_EXPECT_OK(
      replica->Ask("example", {Last("workforce"), Last("supervision")}, absl::Now() + absl::Seconds(30),
                   [](const AuthorityJudge&, const LedgerPositions&) { return absl::OkStatus(); }));
  EXPECT_THAT(replica->Findings({}, kToday), IsOkAndHolds(ElementsAre("workers/anna MET since 2026-04-10")));
}

TEST_F(KeeperTest, ATokenThatNobodyGaveOutIsRefused) {
  auto replica = CaughtUpReplica();
  EXPECT_THAT(replica->Findings({"nonsense"}, kToday),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN"));
}

TEST_F(KeeperTest, AnUnreadableEntryIsReportedAndTheRestGoesOn) {
  auto replica = CaughtUpReplica();
  ledger::v1::Entry broken = SessionOf(ledgers_, "s3", "ben", kToday);
  broken.mutable_resource()->set_value("\xff\xff\xff");
  replica->Tell("supervision", {broken, SessionOf(ledgers_, "s4", "anna", kToday)});
  EXPECT_THAT(
      replica->Findings({Last("supervision")}, kToday),
      IsOkAndHolds(ElementsAre("workers/anna MET since 2026-04-10", "workers/ben MET since 2026-04-01")));
  EXPECT_THAT(replica->registry().Render(),
              HasSubstr("oversight_compliance_unreadable_entries_total{ledger=\"supervision\"} 1"));
}

TEST_F(KeeperTest, MidnightTurnsAFindingAndStoresIt) {
  clock_.Set(Noon(CivilDay(2026, 4, 2)));
  auto replica = CaughtUpReplica();
  AwaitCount("judgement_batch", 1);
  EXPECT_THAT(StoredChanges(), ElementsAre("2026-04-02 workers/anna 0>3", "2026-04-02 workers/ben 0>1"));
  // Midnight is that of the clocks in England: 23:30 UTC is already the next day in summer.
  clock_.Set(Noon(CivilDay(2026, 4, 2)) + absl::Hours(11) + absl::Minutes(30));
  replica->AwaitJudged(CivilDay(2026, 4, 3));
  AwaitCount("judgement_batch", 2);
  EXPECT_THAT(StoredChanges(), ElementsAre("2026-04-02 workers/anna 0>3", "2026-04-02 workers/ben 0>1",
                                           "2026-04-03 workers/anna 3>4"));
}

TEST_F(KeeperTest, MissedMidnightsAreMadeUpForDayByDay) {
  clock_.Set(Noon(CivilDay(2026, 3, 20)));
  CaughtUpReplica();
  EXPECT_EQ(Count("judgement_batch"), 1);
  clock_.Set(Noon(kToday));
  auto replica = CaughtUpReplica();
  AwaitCount("judgement_batch", 1 + 21);
  EXPECT_THAT(StoredChanges(), ElementsAre("2026-03-20 workers/anna 0>1", "2026-03-20 workers/ben 0>4",
                                           "2026-03-26 workers/anna 1>3", "2026-04-01 workers/ben 4>1",
                                           "2026-04-03 workers/anna 3>4"));
}

TEST_F(KeeperTest, ARestartWritesNothingWhenNothingHasChanged) {
  CaughtUpReplica();
  const int64_t batches = Count("judgement_batch");
  const int64_t changes = Count("finding_change");
  EXPECT_EQ(changes, 2);
  CaughtUpReplica();
  EXPECT_EQ(Count("judgement_batch"), batches);
  EXPECT_EQ(Count("finding_change"), changes);
}

TEST_F(KeeperTest, AnswersBeforeWhatIsStoredHasBeenCompared) {
  clock_.Set(Noon(CivilDay(2026, 4, 2)));
  CaughtUpReplica();
  EXPECT_EQ(Count("judgement_batch"), 1);
  clock_.Set(Noon(kToday));
  // Whoever wants to store a judgement of the authority waits for this transaction.
  auto connection = mysql::Connection::Open(database_);
  OVERSIGHT_ASSERT_OK(connection.status());
  OVERSIGHT_ASSERT_OK((*connection)->ExecuteText("START TRANSACTION"));
  OVERSIGHT_ASSERT_OK((*connection)->ExecuteText("UPDATE judgement SET batch = 1000"));
  auto replica = CaughtUpReplica();
  EXPECT_THAT(replica->Findings({Last("supervision")}, kToday), IsOkAndHolds(kAnnaOverdue));
  EXPECT_EQ(Count("judgement_batch"), 1);
  OVERSIGHT_ASSERT_OK((*connection)->ExecuteText("ROLLBACK"));
  // Then every day since is stored, the last one too.
  AwaitCount("judgement_batch", 1 + 8);
  EXPECT_THAT(StoredChanges(), ElementsAre("2026-04-02 workers/anna 0>3", "2026-04-02 workers/ben 0>1",
                                           "2026-04-03 workers/anna 3>4"));
}

TEST_F(KeeperTest, OneReplicaWritesAndExportsAndTheOtherTakesOver) {
  auto first = CaughtUpReplica();
  AwaitCount("judgement_batch", 1);
  auto second = CaughtUpReplica();
  // Both answer; one writes and exports.
  EXPECT_THAT(first->Findings({}, kToday), IsOkAndHolds(kAnnaOverdue));
  EXPECT_THAT(second->Findings({}, kToday), IsOkAndHolds(kAnnaOverdue));
  const std::string overdue =
      "oversight_compliance_findings{authority=\"example\",policy=\"knowsley\",rule=\"knowsley."
      "supervision-frequency\",status=\"OVERDUE\"} 1";
  while (first->registry().Render().find(overdue) == std::string::npos) std::this_thread::yield();
  EXPECT_THAT(second->registry().Render(), Not(HasSubstr("oversight_compliance_findings{")));
  first.reset();
  while (second->registry().Render().find(overdue) == std::string::npos) std::this_thread::yield();
  Tell(*second, "supervision", SessionOf(ledgers_, "s3", "anna", kToday));
  AwaitCount("judgement_batch", 2);
  EXPECT_EQ(StoredChanges().back(), "2026-04-10 workers/anna 4>1");
  EXPECT_EQ(Count("finding_change"), 3);
}

TEST_F(KeeperTest, ATakeoverUnderWayLosesAndDoublesNothing) {
  // Two replicas hear the same; the one that writes is ended again and again, wherever it is just then.
  std::array<std::unique_ptr<Replica>, 2> replicas = {CaughtUpReplica(), CaughtUpReplica()};
  AwaitCount("judgement_batch", 1);
  const auto tell = [&](const ledger::v1::Entry& entry) {
    told_.emplace_back("supervision", entry);
    for (auto& replica : replicas) replica->Tell("supervision", {entry});
  };
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 5; ++i) {
      tell(SessionOf(ledgers_, "s3", i % 2 == 0 ? "anna" : "ben", kToday - (round + i)));
    }
    auto& gone = replicas[static_cast<size_t>(round % 2)];
    gone.reset();
    gone = CaughtUpReplica();
  }
  tell(SessionOf(ledgers_, "s4", "anna", kToday));
  const auto said = replicas[0]->Findings({Last("supervision")}, kToday);
  OVERSIGHT_ASSERT_OK(said.status());
  AwaitCount("finding WHERE subject = 'workers/anna' AND instance = '2026-04-10' AND status = 1", 1);
  // Each change of a finding starts where the one before it ended, and they add up to what is stored.
  std::map<std::string, int64_t> status;
  int64_t epoch = 0;
  auto connection = mysql::Connection::Open(database_);
  OVERSIGHT_ASSERT_OK(connection.status());
  OVERSIGHT_EXPECT_OK(
      (*connection)
          ->Query("SELECT c.subject, c.from_status, c.to_status, b.lease_epoch FROM finding_change c JOIN "
                  "judgement_batch b ON b.authority = c.authority AND b.batch = c.batch ORDER BY c.batch, "
                  "c.number",
                  {}, [&](const mysql::Row& row) {
                    EXPECT_EQ(status[row.Bytes(0)], row.Int64(1));
                    status[row.Bytes(0)] = row.Int64(2);
                    EXPECT_GE(row.Int64(3), epoch) << "an older lease wrote after a newer one";
                    epoch = row.Int64(3);
                    return absl::OkStatus();
                  }));
  OVERSIGHT_EXPECT_OK(
      (*connection)->Query("SELECT subject, status FROM finding", {}, [&](const mysql::Row& row) {
        EXPECT_EQ(status[row.Bytes(0)], row.Int64(1)) << row.Bytes(0);
        return absl::OkStatus();
      }));
  EXPECT_GT(epoch, 1);
}

TEST_F(KeeperTest, AReplicaThatTakesOverTakesNothingBackThatItDoesNotKnowYet) {
  auto first = CaughtUpReplica();
  auto second = CaughtUpReplica();
  const ledger::v1::Entry session = SessionOf(ledgers_, "s3", "anna", kToday);
  first->Tell("supervision", {session});
  AwaitCount("judgement_batch", 2);
  first.reset();
  // It has judged the day without that session, and goes on without storing what would be wrong.
  second->Tell("workforce", {ledgers_.Deleted("workforce", "authorities/example/workers/ben")});
  EXPECT_THAT(second->Findings({Last("workforce")}, kToday),
              IsOkAndHolds(ElementsAre("workers/anna OVERDUE since 2026-03-02")));
  EXPECT_EQ(Count("judgement_batch"), 2);
  second->Tell("supervision", {session});
  AwaitCount("judgement_batch", 3);
  EXPECT_EQ(StoredChanges().back(), "2026-04-10 workers/ben 1>0");
  EXPECT_EQ(Count("finding_change"), 4);
}

TEST_F(KeeperTest, ARestoredLedgerIsReadAnewAndTheOthersStay) {
  for (const std::string restored : {"workforce", "supervision", "compliance"}) {
    SCOPED_TRACE(restored);
    auto replica = CaughtUpReplica();
    AwaitCount("judgement_batch", 1);
    replica->TellDiverged(restored);
    ledgers_.Restore(restored);
    // Questions wait until it has been read again.
    while (replica->Findings({}, kToday).ok()) std::this_thread::yield();
    EXPECT_THAT(replica->Findings({}, kToday), StatusIs(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP"));
    for (auto& [ledger, entry] : told_) {
      if (ledger != restored) continue;
      ledger::v1::Entry again = ledgers_.Deleted(ledger, entry.resource_name());
      again.set_change(ledger::v1::CHANGE_UPDATED);
      *again.mutable_resource() = entry.resource();
      entry = again;
      replica->Tell(ledger, {entry});
    }
    replica->TellHead(restored);
    EXPECT_THAT(replica->Findings({Last(restored)}, kToday), IsOkAndHolds(kAnnaOverdue));
    replica.reset();
    // Nothing changed, so nothing was told.
    EXPECT_EQ(Count("judgement_batch"), 1);
    EXPECT_EQ(Count("finding_change"), 2);
  }
}

TEST_F(KeeperTest, WhatARestoredLedgerNoLongerHasIsForgotten) {
  auto replica = CaughtUpReplica();
  replica->TellDiverged("supervision");
  ledgers_.Restore("supervision");
  while (replica->Findings({}, kToday).ok()) std::this_thread::yield();
  replica->Tell("supervision", {SessionOf(ledgers_, "s2", "ben", CivilDay(2026, 4, 1))});
  replica->TellHead("supervision");
  EXPECT_THAT(
      replica->Findings({Last("supervision")}, kToday),
      IsOkAndHolds(ElementsAre("workers/anna OVERDUE since 2026-01-01", "workers/ben MET since 2026-04-01")));
}

TEST_F(KeeperTest, OfAnErasedWorkerNothingStays) {
  auto replica = CaughtUpReplica();
  AwaitCount("finding WHERE subject = 'workers/anna'", 1);
  Tell(*replica, "workforce", ledgers_.Erased("workforce", "authorities/example/workers/anna"));
  EXPECT_THAT(replica->Findings({Last("workforce")}, kToday),
              IsOkAndHolds(ElementsAre("workers/ben MET since 2026-04-01")));
  AwaitCount("finding WHERE subject = 'workers/anna'", 0);
  EXPECT_EQ(Count("finding_change WHERE subject = 'workers/anna'"), 0);
  EXPECT_EQ(Count("finding"), 1);
}

TEST_F(KeeperTest, WithoutADatabaseItAnswersAndStoresLater) {
  oversight::testing::PrivateMariaDb mariadb;
  OVERSIGHT_ASSERT_OK(mariadb.Start());
  auto database = mariadb.CreateSchema();
  OVERSIGHT_ASSERT_OK(database.status());
  OVERSIGHT_ASSERT_OK(oversight::testing::MigrateSchema("compliance", *database));
  clock_.Set(Noon(CivilDay(2026, 4, 2)));
  Replica replica(*database, &policies_, &clock_);
  replica.Start();
  TellAll(replica, told_);
  replica.TellHeads();
  replica.AwaitJudged(CivilDay(2026, 4, 2));
  while (CountIn(*database, "judgement") == 0) std::this_thread::yield();
  OVERSIGHT_ASSERT_OK(mariadb.Kill());
  clock_.Set(Noon(CivilDay(2026, 4, 5)));
  replica.Tell("supervision", {SessionOf(ledgers_, "s3", "ben", CivilDay(2026, 4, 3))});
  EXPECT_THAT(
      replica.Findings({Last("supervision")}, CivilDay(2026, 4, 5)),
      IsOkAndHolds(ElementsAre("workers/anna OVERDUE since 2026-03-02", "workers/ben MET since 2026-04-03")));
  OVERSIGHT_ASSERT_OK(mariadb.Start());
  const std::string query =
      "SELECT CONCAT(b.judged_date, ' ', c.subject, ' ', c.to_status) FROM finding_change c JOIN "
      "judgement_batch b "
      "ON b.authority = c.authority AND b.batch = c.batch WHERE c.from_status <> 0 ORDER BY c.batch, "
      "c.number";
  std::vector<std::string> changes;
  while (changes.size() < 2) {
    changes.clear();
    auto connection = mysql::Connection::Open(*database);
    OVERSIGHT_ASSERT_OK(connection.status());
    OVERSIGHT_ASSERT_OK((*connection)->Query(query, {}, [&](const mysql::Row& row) {
      changes.push_back(row.Bytes(0));
      return absl::OkStatus();
    }));
  }
  // The days that passed without a database are told one by one.
  EXPECT_THAT(changes, ElementsAre("2026-04-03 workers/anna 4", "2026-04-03 workers/ben 1"));
}

TEST_F(KeeperTest, StoppingFreesWhoeverWaitsToTellItSomething) {
  auto replica =
      std::make_unique<Replica>(database_, &policies_, &clock_);  // not started: nobody takes messages
  std::thread telling([&] {
    for (int i = 0; i < 200; ++i) replica->TellHead("workforce");
  });
  replica->keeper().Stop();
  telling.join();
  EXPECT_FALSE(replica->keeper().Take({.ledger = "workforce"}));
}

}  // namespace
}  // namespace oversight::compliance
