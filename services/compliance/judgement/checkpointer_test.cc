// A start from a checkpoint and the ledgers' tails says what a start from the first entries says; a
// checkpoint that is not to be trusted counts for nothing.

#include "services/compliance/judgement/checkpointer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/judgement/kept_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::IsOkAndHolds;
using oversight::testing::StatusIs;
using testing::AnnaAndBen;
using ::testing::ElementsAre;
using testing::Replica;
using testing::SessionOf;
using testing::TellAll;
using testing::ToldLedgers;
using ::testing::UnorderedElementsAre;

const CivilDay kToday(2026, 4, 10);
const auto kAnnaOverdue =
    ElementsAre("workers/anna OVERDUE since 2026-03-02", "workers/ben MET since 2026-04-01");

class CheckpointerTest : public ::testing::Test {
 protected:
  CheckpointerTest() {
    OVERSIGHT_EXPECT_OK(oversight::testing::MigrateSchema("compliance", database_));
    auto connection = mysql::Connection::Open(database_);
    EXPECT_TRUE(connection.ok()) << connection.status();
    connection_ = *std::move(connection);
  }

  // What a ledger's Snapshot gives: the last state of every resource, two to a message.
  absl::Status Snapshot(const std::string& ledger,
                        absl::FunctionRef<bool(const ledger::v1::SnapshotResponse&)> take) {
    ++snapshots_;
    std::map<std::string, ledger::v1::SnapshotResponse::Record> states;
    for (const auto& [of, entry] : told_) {
      if (of != ledger) continue;
      auto& record = states[entry.resource_name()];
      record.set_resource_name(entry.resource_name());
      *record.mutable_resource() = entry.resource();
      record.set_deleted(entry.change() == ledger::v1::CHANGE_DELETED);
    }
    ledger::v1::SnapshotResponse message;
    for (const auto& [name, record] : states) {
      *message.add_records() = record;
      if (message.records_size() < 2) continue;
      if (!take(message)) return absl::OkStatus();
      message.Clear();
    }
    message.set_token(ledgers_.TokenAhead(ledger, 0));
    message.set_complete(true);
    take(message);
    return absl::OkStatus();
  }
  std::unique_ptr<Checkpointer> MakeCheckpointer(Keeper* keeper) {
    return std::make_unique<Checkpointer>(
        Checkpointer::Options{.ledgers = {"workforce", "caseload", "supervision"},
                              .snapshots =
                                  [this](const std::string& ledger, const std::string&,
                                         absl::FunctionRef<bool(const ledger::v1::SnapshotResponse&)> take) {
                                    return Snapshot(ledger, take);
                                  },
                              .database = database_,
                              .keeper = keeper,
                              .clock = &clock_,
                              .entries = 2});
  }
  // A replica that has read the ledgers from their first entries.
  std::unique_ptr<Replica> ReadFromTheStart() {
    auto replica = std::make_unique<Replica>(database_, &policies_, &clock_);
    replica->Start();
    TellAll(*replica, told_);
    replica->TellHeads();
    replica->AwaitJudged(kToday);
    while (!replica->keeper().standing().writer) std::this_thread::yield();
    return replica;
  }
  // One that begins with the checkpoints and reads on from where they stand. Says of which entries it was
  // told.
  std::unique_ptr<Replica> ReadFromCheckpoints(std::vector<std::string>& tail) {
    auto replica = std::make_unique<Replica>(database_, &policies_, &clock_);
    replica->Start();
    const auto checkpointer = MakeCheckpointer(&replica->keeper());
    Checkpointer::Positions positions = checkpointer->Restore();
    for (const auto& [ledger, entry] : told_) {
      const std::string token = positions[ledger]["authorities/example"];
      const auto at = ledger::DecodeToken(token);
      if (at.ok() && entry.revision() <= at->revision()) continue;
      tail.push_back(absl::StrCat(ledger, " ", entry.revision()));
      replica->Tell(ledger, {entry});
    }
    replica->TellHeads();
    replica->AwaitJudged(kToday);
    return replica;
  }
  int64_t Count(const std::string& of) {
    int64_t count = -1;
    OVERSIGHT_EXPECT_OK(
        connection_->Query(absl::StrCat("SELECT COUNT(*) FROM ", of), {}, [&](const mysql::Row& row) {
          count = row.Int64(0);
          return absl::OkStatus();
        }));
    return count;
  }
  void Tell(Replica& replica, const std::string& ledger, const ledger::v1::Entry& entry) {
    told_.emplace_back(ledger, entry);
    replica.Tell(ledger, {entry});
  }

  const mysql::ConnectionOptions database_ = oversight::testing::NewSchema();
  const std::vector<engine::Policy> policies_ = {engine::testing::Knowsley()};
  oversight::testing::FakeClock clock_{
      absl::FromCivil(absl::CivilHour(kToday.civil()) + 12, absl::UTCTimeZone())};
  ToldLedgers ledgers_;
  std::vector<std::pair<std::string, ledger::v1::Entry>> told_ = AnnaAndBen(ledgers_);
  std::unique_ptr<mysql::Connection> connection_;
  int snapshots_ = 0;
};

TEST_F(CheckpointerTest, AStartReadsOnFromTheCheckpoint) {
  auto first = ReadFromTheStart();
  const auto checkpointer = MakeCheckpointer(&first->keeper());
  OVERSIGHT_ASSERT_OK(checkpointer->RunOnce());
  EXPECT_EQ(Count("checkpoint"), 2) << "of workforce and supervision; caseload is empty";
  EXPECT_EQ(snapshots_, 2);
  OVERSIGHT_ASSERT_OK(checkpointer->RunOnce());
  EXPECT_EQ(snapshots_, 2) << "nothing new has been written";
  // The tail: a session corrected after the checkpoint, and one taken back.
  Tell(*first, "supervision", SessionOf(ledgers_, "s1", "anna", CivilDay(2026, 4, 9)));
  Tell(*first, "supervision", ledgers_.Deleted("supervision", "authorities/example/sessions/s2"));
  const auto now = first->Findings({ledgers_.TokenAhead("supervision", 0)}, kToday);
  OVERSIGHT_ASSERT_OK(now.status());
  EXPECT_THAT(*now, ElementsAre("workers/anna MET since 2026-04-09", "workers/ben OVERDUE since 2026-01-01"));
  first.reset();

  std::vector<std::string> tail;
  auto second = ReadFromCheckpoints(tail);
  EXPECT_THAT(tail, UnorderedElementsAre("supervision 3", "supervision 4", "compliance 1"));
  EXPECT_THAT(
      second->Findings({ledgers_.TokenAhead("supervision", 0), ledgers_.TokenAhead("workforce", 0)}, kToday),
      IsOkAndHolds(*now));
}

TEST_F(CheckpointerTest, WhatWasMergedIsStillAnotherName) {
  workforce::v1::Worker ben;
  ben.set_name("authorities/example/workers/ben");
  ben.mutable_withdrawal()->set_merged_into("authorities/example/workers/anna");
  told_.emplace_back("workforce", ledgers_.Withdrawn("workforce", ben));
  auto first = ReadFromTheStart();
  const auto now = first->Findings({ledgers_.TokenAhead("workforce", 0)}, kToday);
  // Of 1 April, under Ben's name.
  EXPECT_THAT(now, IsOkAndHolds(ElementsAre("workers/anna MET since 2026-04-01")));
  OVERSIGHT_ASSERT_OK(MakeCheckpointer(&first->keeper())->RunOnce());
  first.reset();
  std::vector<std::string> tail;
  auto second = ReadFromCheckpoints(tail);
  EXPECT_THAT(tail, ElementsAre("compliance 1"));
  EXPECT_THAT(second->Findings({ledgers_.TokenAhead("workforce", 0)}, kToday), IsOkAndHolds(*now));
  // And one that comes later counts too.
  Tell(*second, "supervision", SessionOf(ledgers_, "s9", "ben", CivilDay(2026, 4, 9)));
  EXPECT_THAT(second->Findings({ledgers_.TokenAhead("supervision", 0)}, kToday),
              IsOkAndHolds(ElementsAre("workers/anna MET since 2026-04-09")));
}

TEST_F(CheckpointerTest, OnlyTheWriterWritesThem) {
  auto first = ReadFromTheStart();
  Replica second(database_, &policies_, &clock_);
  second.Start();
  TellAll(second, told_);
  second.TellHeads();
  second.AwaitJudged(kToday);
  OVERSIGHT_ASSERT_OK(MakeCheckpointer(&second.keeper())->RunOnce());
  EXPECT_EQ(Count("checkpoint"), 0);
}

TEST_F(CheckpointerTest, OneThatIsNotToBeTrustedCountsForNothing) {
  auto first = ReadFromTheStart();
  OVERSIGHT_ASSERT_OK(MakeCheckpointer(&first->keeper())->RunOnce());
  first.reset();
  for (const char* harm : {"UPDATE checkpoint_chunk SET content = CONCAT(content, 'x') WHERE ledger = "
                           "'workforce' AND number = 1",
                           "DELETE FROM checkpoint_chunk WHERE ledger = 'workforce' AND number = 0",
                           "UPDATE checkpoint SET format = 0 WHERE ledger = 'workforce'",
                           "DELETE FROM checkpoint WHERE ledger = 'workforce'"}) {
    SCOPED_TRACE(harm);
    OVERSIGHT_ASSERT_OK(connection_->ExecuteText(harm));
    std::vector<std::string> tail;
    auto replica = ReadFromCheckpoints(tail);
    EXPECT_EQ(std::count_if(tail.begin(), tail.end(),
                            [](const std::string& entry) { return absl::StartsWith(entry, "workforce"); }),
              6);
    EXPECT_THAT(replica->Findings({}, kToday), IsOkAndHolds(kAnnaOverdue));
    while (!replica->keeper().standing().writer) std::this_thread::yield();
    OVERSIGHT_ASSERT_OK(MakeCheckpointer(&replica->keeper())->RunOnce());
    EXPECT_EQ(Count("checkpoint"), 2);
  }
}

TEST_F(CheckpointerTest, EachOfManyAuthoritiesBeginsWithItsOwn) {
  constexpr int kAuthorities = 12;
  const auto id = [](int number) { return absl::StrCat("a", number); };
  for (int i = 0; i < kAuthorities; ++i) {
    OVERSIGHT_ASSERT_OK(BeginCheckpoint(*connection_, id(i), "workforce"));
    for (int chunk = 0; chunk < 2; ++chunk) {
      workforce::v1::Worker worker;
      worker.set_name(absl::StrCat("authorities/", id(i), "/workers/w", i, "-", chunk));
      ledger::v1::SnapshotResponse records;
      records.add_records()->set_resource_name(worker.name());
      records.mutable_records(0)->mutable_resource()->PackFrom(worker);
      OVERSIGHT_ASSERT_OK(AddChunk(*connection_, id(i), "workforce", chunk, records));
    }
    const std::string token = ledgers_.TokenAhead("workforce", 0);
    const Checkpoint checkpoint{
        .authority = id(i), .ledger = "workforce", .token = token, .revision = 7, .chunks = 2};
    OVERSIGHT_ASSERT_OK(FinishCheckpoint(*connection_, checkpoint, clock_.Now()));
  }
  // Of this one the second half is another than was written: not even the first counts.
  OVERSIGHT_ASSERT_OK(connection_->ExecuteText(
      "UPDATE checkpoint_chunk SET sha256 = REVERSE(sha256) WHERE authority = 'a4' AND number = 1"));
  Replica replica(database_, &policies_, &clock_);
  replica.Start();
  const Checkpointer::Positions positions = MakeCheckpointer(&replica.keeper())->Restore();
  ASSERT_THAT(positions, ElementsAre(::testing::Key("workforce")));
  EXPECT_EQ(positions.at("workforce").size(), kAuthorities - 1);
  EXPECT_FALSE(positions.at("workforce").contains("authorities/a4"));
  replica.TellHeads();
  while (!replica.keeper().standing().writer) std::this_thread::yield();
  for (int i = 0; i < kAuthorities; ++i) {
    SCOPED_TRACE(id(i));
    int workers = 0;
    int64_t revision = 0;
    const absl::Status asked = replica.Ask(
        id(i), {}, absl::InfiniteFuture(), [&](const AuthorityJudge& judge, const LedgerPositions& judged) {
          for (int chunk = 0; chunk < 2; ++chunk)
            workers += judge.facts().FindWorker(absl::StrCat("workers/w", i, "-", chunk)).has_value();
          EXPECT_EQ(judge.facts().worker_count(), 2u);
          revision = judged.Find("workforce", id(i))->revision;
          return absl::OkStatus();
        });
    if (i == 4) {
      EXPECT_THAT(asked, StatusIs(absl::StatusCode::kNotFound, "AUTHORITY_UNKNOWN"));
      continue;
    }
    OVERSIGHT_EXPECT_OK(asked);
    EXPECT_EQ(workers, 2);
    EXPECT_EQ(revision, 7);
  }
}

TEST_F(CheckpointerTest, OneThatIsReplacedWhileItIsReadIsReadToItsEnd) {
  auto first = ReadFromTheStart();
  OVERSIGHT_ASSERT_OK(MakeCheckpointer(&first->keeper())->RunOnce());
  auto reading = mysql::Connection::Open(database_);
  OVERSIGHT_ASSERT_OK(reading.status());
  OVERSIGHT_ASSERT_OK(BeginReading(**reading));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto checkpoints, ReadCheckpoints(**reading, "example"));
  for (const Checkpoint& checkpoint : checkpoints)
    OVERSIGHT_ASSERT_OK(BeginCheckpoint(*connection_, "example", checkpoint.ledger));
  EXPECT_EQ(Count("checkpoint_chunk"), 0);
  int records = 0;
  for (const Checkpoint& checkpoint : checkpoints) {
    OVERSIGHT_ASSERT_OK(ReadChunks(**reading, checkpoint, [&](const ledger::v1::SnapshotResponse& chunk) {
      records += chunk.records_size();
      return absl::OkStatus();
    }));
  }
  EXPECT_EQ(records, 8);
}

TEST_F(CheckpointerTest, OfARestoredLedgerTheCheckpointIsForgotten) {
  auto first = ReadFromTheStart();
  OVERSIGHT_ASSERT_OK(MakeCheckpointer(&first->keeper())->RunOnce());
  first.reset();
  Replica replica(database_, &policies_, &clock_);
  replica.Start();
  const auto checkpointer = MakeCheckpointer(&replica.keeper());
  checkpointer->Restore();
  // The follower hears that the ledger does not go on from there, and reads it anew: Ben's session is no
  // longer in it.
  replica.TellDiverged("supervision");
  ledgers_.Restore("supervision");
  replica.Tell("supervision", {SessionOf(ledgers_, "s1", "anna", CivilDay(2026, 3, 2))});
  for (const auto& [ledger, entry] : told_) {
    if (ledger == "compliance") replica.Tell(ledger, {entry});
  }
  replica.TellHeads();
  replica.AwaitJudged(kToday);
  EXPECT_THAT(replica.Findings({}, kToday),
              IsOkAndHolds(ElementsAre("workers/anna OVERDUE since 2026-03-02",
                                       "workers/ben OVERDUE since 2026-01-01")));
}

TEST_F(CheckpointerTest, OfErasedDataNothingStays) {
  auto first = ReadFromTheStart();
  const auto checkpointer = MakeCheckpointer(&first->keeper());
  OVERSIGHT_ASSERT_OK(checkpointer->RunOnce());
  EXPECT_GT(Count("checkpoint_chunk"), 0);
  checkpointer->Erased("example");
  // Who is not the writer deletes them too, and whoever is writes new ones.
  told_.erase(std::remove_if(told_.begin(), told_.end(),
                             [](const auto& told) {
                               return absl::StrContains(told.second.resource_name(), "workers/anna");
                             }),
              told_.end());
  OVERSIGHT_ASSERT_OK(checkpointer->RunOnce());
  int records = 0;
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto checkpoints, ReadCheckpoints(*connection_, "example"));
  for (const Checkpoint& checkpoint : checkpoints) {
    OVERSIGHT_ASSERT_OK(ReadChunks(*connection_, checkpoint, [&](const ledger::v1::SnapshotResponse& chunk) {
      for (const auto& record : chunk.records()) {
        ++records;
        EXPECT_FALSE(absl::StrContains(record.resource_name(), "workers/anna"));
      }
      return absl::OkStatus();
    }));
  }
  EXPECT_GT(records, 0);
}

}  // namespace
}  // namespace oversight::compliance
