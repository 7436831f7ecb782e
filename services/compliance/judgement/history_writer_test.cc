// The history of findings over a real database: what is stored is what the judge holds, and the changes that
// are stored add up to it, whatever breaks in between.

#include "services/compliance/judgement/history_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "services/compliance/engine/generate.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/world.h"
#include "services/compliance/judgement/finding_store.h"

namespace oversight::compliance {
namespace {

using engine::Finding;
using engine::Subject;
using engine::testing::Generator;
using engine::testing::World;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kAuthority[] = "example";
const CivilDay kToday(2026, 4, 10);

// By rule and subject: status, instance and due date.
using Stored = std::map<std::pair<std::string, std::string>, std::string>;

class HistoryWriterTest : public ::testing::Test {
 protected:
  HistoryWriterTest() : database_(testing::NewSchema()) {
    const absl::Status migrated = testing::MigrateSchema("compliance", database_);
    EXPECT_TRUE(migrated.ok()) << migrated;
    auto connection = mysql::Connection::Open(database_);
    EXPECT_TRUE(connection.ok()) << connection.status();
    connection_ = *std::move(connection);
  }

  static std::string Say(int status, CivilDay instance, CivilDay due) {
    return absl::StrCat(status, " ", instance.ToString(), " ", due.number());
  }
  static Stored HeldBy(const AuthorityJudge& judge, CivilDay day) {
    Stored held;
    judge.ForEachFinding(day, [&](const AssignedRule& rule, Subject subject, const Finding& finding) {
      held[{rule.rule().id, std::string(judge.facts().Name(subject))}] =
          Say(static_cast<int>(finding.status), finding.base, finding.due);
    });
    return held;
  }
  static CivilDay DueOf(const mysql::Row& row, int column) {
    return row.IsNull(column) ? CivilDay::Max() : row.Day(column);
  }
  // The rows of `finding`.
  Stored Findings() {
    Stored stored;
    Query("SELECT rule, subject, status, instance, due FROM finding", [&](const mysql::Row& row) {
      stored[{row.Bytes(0), row.Bytes(1)}] = Say(static_cast<int>(row.Int64(2)), row.Day(3), DueOf(row, 4));
      return absl::OkStatus();
    });
    return stored;
  }
  // What the rows of `finding_change` add up to; each must start at the status at which the one before it
  // ended.
  Stored Replayed() {
    Stored stored;
    std::map<std::pair<std::string, std::string>, int> status;
    Query(
        "SELECT rule, subject, from_status, to_status, instance, due FROM finding_change ORDER BY batch, "
        "number",
        [&](const mysql::Row& row) {
          const std::pair<std::string, std::string> key = {row.Bytes(0), row.Bytes(1)};
          EXPECT_EQ(status[key], row.Int64(2)) << "of a change of " << key.first;
          status[key] = static_cast<int>(row.Int64(3));
          const std::string now = Say(status[key], row.Day(4), DueOf(row, 5));
          stored[key] = now;
          if (status[key] == 0) stored.erase(key);
          return absl::OkStatus();
        });
    return stored;
  }
  int64_t Count(const std::string& table) {
    int64_t count = -1;
    Query(absl::StrCat("SELECT COUNT(*) FROM ", table), [&](const mysql::Row& row) {
      count = row.Int64(0);
      return absl::OkStatus();
    });
    return count;
  }
  void Query(const std::string& sql, mysql::RowReader reader) {
    const absl::Status status = connection_->Query(sql, {}, reader);
    EXPECT_TRUE(status.ok()) << status;
  }
  // The server frees a lock when it notices that the connection has been closed, which takes a moment.
  static void AwaitTurn(HistoryWriter& writer) {
    while (!writer.IsWriter()) std::this_thread::yield();
  }
  // Ends the connection that holds the lock, as a failing network would.
  void CutOffTheWriter() {
    int64_t id = 0;
    Query("SELECT IS_USED_LOCK(CONCAT('oversight-judgement-', DATABASE()))", [&](const mysql::Row& row) {
      id = row.Int64(0);
      return absl::OkStatus();
    });
    ASSERT_NE(id, 0) << "nobody holds the lock";
    OVERSIGHT_EXPECT_OK(connection_->ExecuteText(absl::StrCat("KILL ", id)));
    // The server frees the lock when the connection has ended, which takes a moment.
    Query("SELECT GET_LOCK(CONCAT('oversight-judgement-', DATABASE()), 10)", [](const mysql::Row& row) {
      EXPECT_EQ(row.Int64(0), 1);
      return absl::OkStatus();
    });
    OVERSIGHT_EXPECT_OK(
        connection_->ExecuteText("DO RELEASE_LOCK(CONCAT('oversight-judgement-', DATABASE()))"));
  }

  const mysql::ConnectionOptions database_;
  const std::vector<engine::Policy> policies_ = {engine::testing::Knowsley()};
  testing::FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 4, 10), absl::UTCTimeZone())};
  std::unique_ptr<mysql::Connection> connection_;
};

// Two workers, of whom one is overdue on kToday.
std::unique_ptr<AuthorityJudge> TwoWorkers(const std::vector<engine::Policy>* policies) {
  auto judge = std::make_unique<AuthorityJudge>(kAuthority, policies, &WorkingDays::EnglandAndWales());
  const World world = engine::testing::WorldFromText(R"(worker anna employed 2020-01-06
    post anna social-worker 2020-01-06..
    supervisor anna mona 2020-01-06..
    session anna mona 2026-03-02
    worker ben employed 2020-01-06
    post ben social-worker 2020-01-06..
    supervisor ben mona 2020-01-06..
    session ben mona 2026-04-01)");
  engine::testing::Fill(judge->facts(), world);
  judge->SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  return judge;
}

engine::SessionFact SessionWith(absl::string_view supervisee, CivilDay day) {
  return {.supervisee = supervisee,
          .supervisor = "mona",
          .kind = engine::SessionKind::kFormalOneToOne,
          .state = engine::SessionState::kHeld,
          .day = day};
}

TEST_F(HistoryWriterTest, StoresWhatTheJudgeHoldsThroughChangesRestartsAndLostConnections) {
  Generator generator(7);
  World world = generator.MakeWorld();
  std::vector<engine::Policy> policies = policies_;
  policies[0].effective_from = generator.first_day();
  const auto make_judge = [&] {
    auto judge = std::make_unique<AuthorityJudge>(kAuthority, &policies, &WorkingDays::EnglandAndWales());
    engine::testing::Fill(judge->facts(), world);
    judge->SetAssignment("a", "knowsley", {generator.first_day() - 30, CivilDay::Max()});
    return judge;
  };
  auto judge = make_judge();
  auto writer = std::make_unique<HistoryWriter>(database_, &clock_);
  CivilDay day = generator.first_day() + 30;
  int failures = 0;
  for (int step = 0; step < 150; ++step) {
    SCOPED_TRACE(step);
    const auto [name, fact] = generator.AnyFactAtAll();
    judge->Touch(engine::testing::Upsert(judge->facts(), name, fact));
    world.facts[name] = fact;
    day = day + generator.Number(0, 3);
    if (generator.Chance(10)) {
      writer.reset();
      writer = std::make_unique<HistoryWriter>(database_, &clock_);
      judge = make_judge();
      AwaitTurn(*writer);
    }
    if (step > 0 && generator.Chance(10) && writer->IsWriter()) CutOffTheWriter();
    absl::Status status = writer->Record(*judge, day, judge->Judge(day), {"token"}, {});
    if (!status.ok()) {
      // The changes of the judgement that failed are not given again; they are found by comparison.
      ++failures;
      AwaitTurn(*writer);
      status = writer->Record(*judge, day, {}, {"token"}, {});
    }
    OVERSIGHT_ASSERT_OK(status);
    ASSERT_EQ(Findings(), HeldBy(*judge, day));
    ASSERT_EQ(Replayed(), Findings());
  }
  EXPECT_GT(failures, 3);
  EXPECT_GT(Count("finding_change"), 50);
}

TEST_F(HistoryWriterTest, ARestartThatFindsNothingChangedWritesNothing) {
  auto judge = TwoWorkers(&policies_);
  {
    HistoryWriter writer(database_, &clock_);
    OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {"t1"}, {"workers/gone"}));
    // Nor does a second judgement that changes nothing.
    OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {"t2"}, {}));
  }
  EXPECT_EQ(Count("judgement_batch"), 1);
  EXPECT_EQ(Count("finding_change"), 2);
  judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  AwaitTurn(writer);
  // A tombstone in a ledger is read again at every start.
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {"t3"}, {"workers/gone"}));
  EXPECT_EQ(Count("judgement_batch"), 1);
  EXPECT_EQ(Count("finding_change"), 2);
}

TEST_F(HistoryWriterTest, SaysWhereItStopped) {
  auto judge = TwoWorkers(&policies_);
  {
    HistoryWriter writer(database_, &clock_);
    auto last = writer.Last(kAuthority);
    ASSERT_TRUE(last.ok()) << last.status();
    EXPECT_EQ((*last)->judged_day, std::nullopt);
    OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {"t1", "t2"}, {}));
  }
  HistoryWriter writer(database_, &clock_);
  AwaitTurn(writer);
  auto last = writer.Last(kAuthority);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ((*last)->judged_day, kToday);
  EXPECT_THAT((*last)->tokens, ::testing::ElementsAre("t1", "t2"));
}

TEST_F(HistoryWriterTest, ADayWithoutChangesIsRecordedAsJudged) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday + 1, judge->Judge(kToday + 1), {}, {}));
  EXPECT_EQ(Count("judgement_batch"), 2);
  EXPECT_EQ(Count("finding_change"), 2);
}

TEST_F(HistoryWriterTest, OfTwoProcessesOneWritesAndTheOtherTakesOver) {
  auto judge = TwoWorkers(&policies_);
  auto first = std::make_unique<HistoryWriter>(database_, &clock_);
  HistoryWriter second(database_, &clock_);
  EXPECT_TRUE(first->IsWriter());
  EXPECT_FALSE(second.IsWriter());
  OVERSIGHT_ASSERT_OK(first->Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  EXPECT_THAT(second.Record(*judge, kToday, {}, {}, {}),
              testing::StatusIs(absl::StatusCode::kUnavailable, "NOT_THE_WRITER"));
  EXPECT_EQ(Count("judgement_batch"), 1);

  first.reset();
  AwaitTurn(second);
  judge->Touch(judge->facts().Upsert("catch-up", SessionWith("anna", kToday)));
  OVERSIGHT_ASSERT_OK(second.Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  EXPECT_EQ(Findings(), HeldBy(*judge, kToday));
  EXPECT_EQ(Replayed(), Findings());
  EXPECT_EQ(Count("finding_change"), 3);
}

TEST_F(HistoryWriterTest, WhoHasLostTheLockCannotWriteAnyMore) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter first(database_, &clock_);
  ASSERT_TRUE(first.IsWriter());
  OVERSIGHT_ASSERT_OK(first.Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  CutOffTheWriter();
  HistoryWriter second(database_, &clock_);
  AwaitTurn(second);
  // It does not know yet.
  judge->Touch(judge->facts().Upsert("catch-up", SessionWith("anna", kToday)));
  EXPECT_THAT(first.Record(*judge, kToday, judge->Judge(kToday), {}, {}), Not(testing::IsOk()));
  EXPECT_FALSE(first.IsWriter());
  EXPECT_EQ(Count("finding_change"), 2);
  OVERSIGHT_ASSERT_OK(second.Record(*judge, kToday, {}, {}, {}));
  EXPECT_EQ(Findings(), HeldBy(*judge, kToday));
  EXPECT_EQ(Replayed(), Findings());
}

TEST_F(HistoryWriterTest, WhoseLeaseWasTakenOverCannotWriteEvenWithTheLock) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  // As when the server ended the lock while the connection was still in the middle of a transaction.
  OVERSIGHT_ASSERT_OK(TakeLease(*connection_, clock_.Now()).status());
  judge->Touch(judge->facts().Upsert("catch-up", SessionWith("anna", kToday)));
  EXPECT_THAT(writer.Record(*judge, kToday, judge->Judge(kToday), {}, {}),
              testing::StatusIs(absl::StatusCode::kAborted, "JUDGEMENT_SUPERSEDED"));
  EXPECT_EQ(Count("judgement_batch"), 1);
  AwaitTurn(writer);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, {}, {}, {}));
  EXPECT_EQ(Findings(), HeldBy(*judge, kToday));
  EXPECT_EQ(Replayed(), Findings());
}

// Three processes that know the same, of which whoever can writes; the one that does loses its lock, or its
// lease, between deciding to write and writing, and does not know.
TEST_F(HistoryWriterTest, TakeoversUnderLoadLoseAndDoubleNothing) {
  Generator generator(23);
  World world = generator.MakeWorld();
  std::vector<engine::Policy> policies = policies_;
  policies[0].effective_from = generator.first_day();
  struct Process {
    std::unique_ptr<AuthorityJudge> judge;
    std::unique_ptr<HistoryWriter> writer;
    std::vector<FindingChange> changes;
  };
  std::array<Process, 3> processes;
  for (Process& process : processes) {
    process.judge = std::make_unique<AuthorityJudge>(kAuthority, &policies, &WorkingDays::EnglandAndWales());
    engine::testing::Fill(process.judge->facts(), world);
    process.judge->SetAssignment("a", "knowsley", {generator.first_day() - 30, CivilDay::Max()});
    process.writer = std::make_unique<HistoryWriter>(database_, &clock_);
  }
  size_t writing = 0;
  int takeovers = 0;
  int refused = 0;
  CivilDay day = generator.first_day() + 30;
  const auto record = [&](Process& process) {
    return process.writer->Record(*process.judge, day, process.changes, {"token"}, {});
  };
  for (int step = 0; step < 200; ++step) {
    SCOPED_TRACE(step);
    const auto [name, fact] = generator.AnyFactAtAll();
    // A new day is always something to store.
    day = day + generator.Number(1, 3);
    for (Process& process : processes) {
      process.judge->Touch(engine::testing::Upsert(process.judge->facts(), name, fact));
      process.changes = process.judge->Judge(day);
    }
    AwaitTurn(*processes[writing].writer);
    for (size_t other = 0; other < processes.size(); ++other) {
      ASSERT_EQ(processes[other].writer->IsWriter(), other == writing);
    }
    const int happens = generator.Number(1, 100);
    if (happens <= 25) {
      // Its connection is cut, and another one is faster.
      const size_t next = (writing + static_cast<size_t>(generator.Number(1, 2))) % processes.size();
      CutOffTheWriter();
      AwaitTurn(*processes[next].writer);
      const bool late = generator.Chance(50);
      if (late) {
        OVERSIGHT_ASSERT_OK(record(processes[next]));
      }
      EXPECT_THAT(record(processes[writing]), Not(testing::IsOk()));
      if (!late) {
        OVERSIGHT_ASSERT_OK(record(processes[next]));
      }
      writing = next;
      ++takeovers;
      ++refused;
    } else if (happens <= 40) {
      // It has the lock still, and an epoch that is no longer the newest.
      OVERSIGHT_ASSERT_OK(TakeLease(*connection_, clock_.Now()).status());
      EXPECT_THAT(record(processes[writing]),
                  testing::StatusIs(absl::StatusCode::kAborted, "JUDGEMENT_SUPERSEDED"));
      ++refused;
      AwaitTurn(*processes[writing].writer);
      OVERSIGHT_ASSERT_OK(record(processes[writing]));
    } else {
      OVERSIGHT_ASSERT_OK(record(processes[writing]));
    }
    ASSERT_EQ(Findings(), HeldBy(*processes[writing].judge, day));
    ASSERT_EQ(Replayed(), Findings());
  }
  EXPECT_GT(takeovers, 30);
  EXPECT_GT(refused, 40);
  // One batch after the other, each under the newest epoch of its time.
  uint64_t last = 0;
  uint64_t epoch = 0;
  Query("SELECT batch, lease_epoch FROM judgement_batch ORDER BY batch", [&](const mysql::Row& row) {
    EXPECT_EQ(row.Uint64(0), ++last);
    EXPECT_GE(row.Uint64(1), epoch);
    epoch = row.Uint64(1);
    return absl::OkStatus();
  });
  EXPECT_GT(epoch, 30u);
  EXPECT_GT(last, 100u);
}

TEST_F(HistoryWriterTest, AConnectionThatBreaksHalfWayLeavesNothingHalfWritten) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  const Stored before = Findings();

  // Somebody else's row stands where the changes go, so that the writer waits after it has written its batch
  // and finding.
  auto blocker = mysql::Connection::Open(database_);
  ASSERT_TRUE(blocker.ok());
  OVERSIGHT_ASSERT_OK((*blocker)->ExecuteText("START TRANSACTION"));
  OVERSIGHT_ASSERT_OK((*blocker)->ExecuteText(
      "INSERT INTO finding_change VALUES ('example', 2, 1, 'r', 's', '2026-01-01', 0, 1, NULL, 'v')"));
  judge->Touch(judge->facts().Upsert("catch-up", SessionWith("anna", kToday)));
  const std::vector<FindingChange> changes = judge->Judge(kToday);
  absl::Status status;
  std::thread recording([&] { status = writer.Record(*judge, kToday, changes, {}, {}); });
  // Until it waits for that row.
  for (int64_t waiting = 0; waiting == 0;) {
    Query(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT INTO finding_change %'",
        [&](const mysql::Row& row) {
          waiting = row.Int64(0);
          return absl::OkStatus();
        });
  }
  CutOffTheWriter();
  recording.join();
  EXPECT_THAT(status, Not(testing::IsOk()));
  OVERSIGHT_ASSERT_OK((*blocker)->ExecuteText("ROLLBACK"));
  EXPECT_EQ(Findings(), before);
  EXPECT_EQ(Count("judgement_batch"), 1);

  AwaitTurn(writer);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, {}, {}, {}));
  EXPECT_EQ(Findings(), HeldBy(*judge, kToday));
  EXPECT_EQ(Replayed(), Findings());
  EXPECT_EQ(Count("finding_change"), 3);
}

TEST_F(HistoryWriterTest, WhatLayBeneathAnErasedSubjectGoesToo) {
  for (const char* subject :
       {"workers/a", "workers/a/absences/1", "workers/a/x", "workers/a-2", "workers/a0"}) {
    const std::array<mysql::Value, 1> parameters = {std::string(subject)};
    OVERSIGHT_ASSERT_OK(
        connection_
            ->Execute("INSERT INTO finding VALUES ('example', 'r', ?, '2026-01-01', 1, '', NULL, "
                      "'1', 1)",
                      parameters)
            .status());
    OVERSIGHT_ASSERT_OK(connection_
                            ->Execute("INSERT INTO finding_change SELECT 'example', 1, COUNT(*) + 1, 'r', ?, "
                                      "'2026-01-01', 0, 1, NULL, '1' FROM finding_change",
                                      parameters)
                            .status());
  }
  OVERSIGHT_ASSERT_OK(EraseSubjects(*connection_, kAuthority, {"workers/a"}));
  for (const char* table : {"finding", "finding_change"}) {
    std::vector<std::string> left;
    Query(absl::StrCat("SELECT subject FROM ", table, " ORDER BY subject"), [&](const mysql::Row& row) {
      left.push_back(row.Bytes(0));
      return absl::OkStatus();
    });
    EXPECT_THAT(left, ::testing::ElementsAre("workers/a-2", "workers/a0")) << table;
  }
}

TEST_F(HistoryWriterTest, OfAnErasedSubjectNothingStays) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {}, {}));
  judge->Touch(judge->facts().Remove(engine::FactKind::kWorker, "anna"));
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {}, {"anna"}));
  for (const char* table : {"finding", "finding_change"}) {
    Query(absl::StrCat("SELECT subject FROM ", table), [&](const mysql::Row& row) {
      EXPECT_EQ(row.Bytes(0), "ben");
      return absl::OkStatus();
    });
  }
  EXPECT_EQ(Findings(), HeldBy(*judge, kToday));
}

// ---- Reading the changes back.

TEST_F(HistoryWriterTest, ChangesAreReadInTheOrderOfStoringAndPageByPage) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  for (CivilDay day(2026, 3, 2); day <= kToday; ++day) {
    OVERSIGHT_ASSERT_OK(writer.Record(*judge, day, judge->Judge(day), {"t"}, {}));
  }
  const auto read = [&](uint64_t batch, uint32_t number, int limit) {
    auto changes = ReadChanges(*connection_, kAuthority, "anna", "", batch, number, limit);
    EXPECT_TRUE(changes.ok()) << changes.status();
    return *changes;
  };
  const std::vector<RecordedChange> all = read(0, 0, 100);
  std::vector<std::string> said;
  for (const RecordedChange& change : all) {
    said.push_back(
        absl::StrCat(change.judged_day.ToString(), " ", change.from_status, ">", change.to_status));
  }
  EXPECT_THAT(said, ::testing::ElementsAre("2026-03-02 0>1", "2026-03-26 1>3", "2026-04-03 3>4"));
  std::vector<RecordedChange> paged;
  for (uint64_t batch = 0, number = 0;;) {
    const std::vector<RecordedChange> page = read(batch, static_cast<uint32_t>(number), 1);
    if (page.empty()) break;
    paged.push_back(page[0]);
    batch = page[0].batch;
    number = page[0].number;
  }
  EXPECT_EQ(paged.size(), all.size());
  auto of_rule = ReadChanges(*connection_, kAuthority, "anna", "knowsley.case-discussion", 0, 0, 10);
  ASSERT_TRUE(of_rule.ok());
  EXPECT_THAT(*of_rule, IsEmpty());
}

TEST_F(HistoryWriterTest, WhatIsStoredSaysByWhichOfTheAuthoritysOwnNumbers) {
  auto judge = TwoWorkers(&policies_);
  HistoryWriter writer(database_, &clock_);
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {"t"}, {}));
  const std::vector<engine::Override> own = {
      {"knowsley.supervision-frequency", "recurring.return_working_days", 12}};
  // From the next day on.
  judge->SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), kToday + 1});
  judge->SetAssignment("b", {"knowsley", {kToday + 1, CivilDay::Max()}, own});
  judge->Touch(judge->facts().Upsert("catch-up", SessionWith("anna", kToday)));
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday, judge->Judge(kToday), {"t"}, {}));
  judge->Touch(judge->facts().Remove(engine::FactKind::kSession, "catch-up"));
  OVERSIGHT_ASSERT_OK(writer.Record(*judge, kToday + 1, judge->Judge(kToday + 1), {"t"}, {}));
  const auto changes = ReadChanges(*connection_, kAuthority, "anna", "", 0, 0, 10);
  ASSERT_TRUE(changes.ok()) << changes.status();
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_THAT((*changes)[0].overrides, IsEmpty());
  EXPECT_THAT((*changes)[1].overrides, IsEmpty());
  EXPECT_EQ((*changes)[1].policy_version, policies_[0].VersionText());
  EXPECT_EQ((*changes)[2].overrides, own);
  EXPECT_NE((*changes)[2].policy_version, policies_[0].VersionText());
}

TEST_F(HistoryWriterTest, APolicyVersionNeverChangesItsText) {
  policy::LoadedPolicy loaded{.policy = policies_[0], .text = "as it was"};
  OVERSIGHT_EXPECT_OK(KeepPolicyText(*connection_, loaded, clock_.Now()));
  OVERSIGHT_EXPECT_OK(KeepPolicyText(*connection_, loaded, clock_.Now()));
  loaded.policy.content_hash = "another";
  EXPECT_THAT(KeepPolicyText(*connection_, loaded, clock_.Now()),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "POLICY_CHANGED"));
  ++loaded.policy.version;
  OVERSIGHT_EXPECT_OK(KeepPolicyText(*connection_, loaded, clock_.Now()));
  EXPECT_EQ(Count("policy_text"), 2);
}

}  // namespace
}  // namespace oversight::compliance
