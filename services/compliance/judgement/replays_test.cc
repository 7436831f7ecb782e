// The past as it was known: a year lived day by day, with entries that come late, are corrected and taken
// back. On every day the findings are stored; asked later what was known at the end of a day, the replay says
// the same.

#include "services/compliance/judgement/replays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "google/protobuf/text_format.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/compliance/v1/waiver.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/engine/generate.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/judgement/kept_for_test.h"

namespace oversight::compliance {
namespace {

using engine::testing::Generator;
using oversight::testing::FakeClock;
using oversight::testing::StatusIs;
using testing::AnnaAndBen;
using testing::Replica;
using testing::SessionOf;
using testing::TellAll;
using testing::ToldLedgers;

// By rule and subject: status, instance and due date.
using Findings = std::map<std::pair<std::string, std::string>, std::string>;

absl::Time Noon(CivilDay day) {
  return absl::FromCivil(absl::CivilHour(day.civil()) + 12, absl::UTCTimeZone());
}

std::string Say(int status, CivilDay instance, CivilDay due) {
  return absl::StrCat(status, " ", instance.ToString(), " ", due.number());
}

Findings HeldBy(const AuthorityJudge& judge, CivilDay day) {
  Findings held;
  judge.ForEachFinding(
      day, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
        held[{rule.rule().id, std::string(judge.facts().Name(subject))}] =
            Say(static_cast<int>(finding.status), finding.base, finding.due);
      });
  return held;
}

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::string DateText(CivilDay day) {
  const absl::CivilDay civil = day.civil();
  return absl::StrCat("{ year: ", civil.year(), " month: ", civil.month(), " day: ", civil.day(), " }");
}

class ReplaysTest : public ::testing::Test {
 protected:
  ReplaysTest() : replica_(Migrated(database_), &policies_, &clock_), pool_(database_, 2, nullptr) {
    auto connection = mysql::Connection::Open(database_);
    EXPECT_TRUE(connection.ok()) << connection.status();
    connection_ = *std::move(connection);
    replica_.Start();
    TellAll(replica_, AnnaAndBen(ledgers_));
    replica_.TellHeads();
  }
  static const mysql::ConnectionOptions& Migrated(const mysql::ConnectionOptions& database) {
    OVERSIGHT_EXPECT_OK(oversight::testing::MigrateSchema("compliance", database));
    return database;
  }
  Replays MakeReplays() {
    return Replays({.policies = &policies_,
                    .working_days = &WorkingDays::EnglandAndWales(),
                    .pool = &pool_,
                    .ledgers = &ledgers_});
  }
  Findings Stored() {
    Findings stored;
    OVERSIGHT_EXPECT_OK(connection_->Query(
        "SELECT rule, subject, status, instance, due FROM finding", {}, [&](const mysql::Row& row) {
          stored[{row.Bytes(0), row.Bytes(1)}] =
              Say(static_cast<int>(row.Int64(2)), row.Day(3), row.IsNull(4) ? CivilDay::Max() : row.Day(4));
          return absl::OkStatus();
        }));
    return stored;
  }
  CivilDay JudgedDay() {
    CivilDay day = CivilDay::Min();
    OVERSIGHT_EXPECT_OK(
        connection_->Query("SELECT judged_date FROM judgement", {}, [&](const mysql::Row& row) {
          day = row.Day(0);
          return absl::OkStatus();
        }));
    return day;
  }
  // Waits until all that was told has been judged and stored, and says what is stored then.
  Findings Settle(const std::vector<std::string>& tokens) {
    const CivilDay today = CivilDay::Of(clock_.Now());
    Findings held;
    OVERSIGHT_EXPECT_OK(replica_.Ask(ToldLedgers::kAuthority, tokens, absl::Now() + absl::Seconds(60),
                                     [&](const AuthorityJudge& judge, const LedgerPositions&) {
                                       held = HeldBy(judge, today);
                                       return absl::OkStatus();
                                     }));
    while (JudgedDay() != today || Stored() != held) std::this_thread::yield();
    return held;
  }
  void Tell(const std::string& ledger, const ledger::v1::Entry& entry) { replica_.Tell(ledger, {entry}); }
  absl::StatusOr<Findings> AsKnown(Replays& replays, CivilDay day) {
    Findings said;
    const absl::Status status =
        replays.Ask(ToldLedgers::kAuthority, Noon(day), absl::Now() + absl::Seconds(60),
                    [&](const AuthorityJudge& judge, const std::vector<std::string>&) {
                      said = HeldBy(judge, day);
                      return absl::OkStatus();
                    });
    if (!status.ok()) return status;
    return said;
  }

  const mysql::ConnectionOptions database_ = oversight::testing::NewSchema();
  const std::vector<engine::Policy> policies_ = {engine::testing::Knowsley()};
  FakeClock clock_{Noon(CivilDay(2026, 1, 5))};
  ToldLedgers ledgers_;
  Replica replica_;
  mysql::Pool pool_;
  std::unique_ptr<mysql::Connection> connection_;
};

TEST_F(ReplaysTest, AYearOfLateAndCorrectedEntriesIsGivenBackAsItWasStoredEachDay) {
  Generator generator(11);
  std::map<CivilDay, Findings> stored;
  std::vector<std::string> sessions;
  std::vector<std::string> after;
  int settled_otherwise = 0;
  int merges = 0;
  bool is_anna = false;
  const auto worker = [&] { return std::string(generator.Chance(50) ? "anna" : "ben"); };
  const CivilDay first(2026, 1, 5);
  for (CivilDay day = first; day < first + 366; ++day) {
    clock_.Set(Noon(day));
    for (int writes = generator.Chance(30) ? generator.Number(1, 3) : 0; writes > 0; --writes) {
      const CivilDay about = day - generator.Number(0, 40);
      if (!sessions.empty() && generator.Chance(30)) {
        // Corrected, or taken back.
        const std::string& id = sessions[static_cast<size_t>(generator.Number(0, 1000)) % sessions.size()];
        Tell("supervision",
             generator.Chance(50)
                 ? SessionOf(ledgers_, id, worker(), about)
                 : ledgers_.Deleted("supervision", absl::StrCat("authorities/example/sessions/", id)));
        after = {ledgers_.TokenAhead("supervision", 0)};
      } else if (generator.Chance(20)) {
        Tell("workforce",
             ledgers_.Put("workforce", Parse<workforce::v1::Absence>(absl::StrCat(
                                           "name: 'authorities/example/workers/", worker(), "/absences/a",
                                           generator.Number(0, 4), "' first_date ", DateText(about),
                                           " last_date ", DateText(about + generator.Number(0, 12))))));
        after = {ledgers_.TokenAhead("workforce", 0)};
      } else if (generator.Chance(12)) {
        // The authority's own numbers, changed from now on or from a day long past.
        Tell("compliance",
             ledgers_.Put(
                 "compliance",
                 Parse<v1::PolicyAssignment>(absl::StrCat(
                     "name: 'authorities/example/policyAssignments/a' policy: 'policies/knowsley' ",
                     "start_date ", DateText(CivilDay(2026, 1, 1)),
                     " overrides { rule: 'knowsley.supervision-frequency' ",
                     "field: 'recurring.return_working_days' value: ", generator.Number(1, 12), " }"))));
        after = {ledgers_.TokenAhead("compliance", 0)};
        ++settled_otherwise;
      } else if (generator.Chance(12)) {
        // Ben turns out to be Anna, or not to be her after all.
        const std::string ben = absl::StrCat("name: 'authorities/example/workers/ben' employment_start_date ",
                                             DateText(CivilDay(2020, 1, 6)));
        const std::string merged =
            " withdrawal { reason: 'twice' merged_into: 'authorities/example/workers/anna' }";
        Tell("workforce", is_anna
                              ? ledgers_.Put("workforce", Parse<workforce::v1::Worker>(ben))
                              : ledgers_.Withdrawn("workforce", Parse<workforce::v1::Worker>(ben + merged)));
        after = {ledgers_.TokenAhead("workforce", 0)};
        is_anna = !is_anna;
        ++merges;
      } else if (generator.Chance(15)) {
        Tell("compliance",
             ledgers_.Put("compliance", Parse<v1::Waiver>(absl::StrCat(
                                            "name: 'authorities/example/waivers/w", generator.Number(0, 3),
                                            "' rules: 'knowsley.supervision-frequency' ",
                                            "subject: 'authorities/example/workers/", worker(),
                                            "' agreed_date ", DateText(day), " start_date ", DateText(about),
                                            " end_date ", DateText(day + 9)))));
        after = {ledgers_.TokenAhead("compliance", 0)};
      } else {
        sessions.push_back(absl::StrCat("s-", sessions.size()));
        Tell("supervision", SessionOf(ledgers_, sessions.back(), worker(), about));
        after = {ledgers_.TokenAhead("supervision", 0)};
      }
    }
    // Wakes the keeper, so that the midnight is judged now.
    replica_.TellHeads();
    replica_.AwaitJudged(day);
    stored[day] = Settle(after);
  }

  // One replay goes on from day to day; others begin anew.
  Replays in_order = MakeReplays();
  std::map<std::string, int> statuses;
  int differing_from_today = 0;
  int days = 0;
  for (CivilDay day = first; day < first + 366; day = day + generator.Number(3, 12)) {
    SCOPED_TRACE(day.ToString());
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const Findings said, AsKnown(in_order, day));
    ASSERT_EQ(said, stored[day]);
    Replays anew = MakeReplays();
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const Findings again, AsKnown(anew, day));
    ASSERT_EQ(again, stored[day]);
    ++days;
    for (const auto& [key, text] : said) ++statuses[text.substr(0, 1)];
    OVERSIGHT_ASSERT_OK(replica_.Ask(ToldLedgers::kAuthority, {}, absl::InfiniteFuture(),
                                     [&](const AuthorityJudge& judge, const LedgerPositions&) {
                                       differing_from_today += HeldBy(judge, day) != said;
                                       return absl::OkStatus();
                                     }));
  }
  EXPECT_GT(days, 30);
  EXPECT_GT(settled_otherwise, 5);
  EXPECT_GT(merges, 5);
  // It would be no test if today's knowledge gave the same answers, or all findings were alike.
  EXPECT_GT(differing_from_today, 5);
  EXPECT_GE(statuses.size(), 4u);
  // A later moment costs what was written since.
  EXPECT_LT(ledgers_.entries_read(), (days + 2) * static_cast<int>(sessions.size() + 300));
}

TEST_F(ReplaysTest, BeforeTheFirstJudgementNothingWasKnown) {
  Settle({ledgers_.TokenAhead("supervision", 0)});
  Replays replays = MakeReplays();
  EXPECT_THAT(AsKnown(replays, CivilDay(2026, 1, 4)),
              StatusIs(absl::StatusCode::kNotFound, "NOTHING_KNOWN_THEN"));
  OVERSIGHT_EXPECT_OK(AsKnown(replays, CivilDay(2026, 1, 5)).status());
}

TEST_F(ReplaysTest, OneThatTakesTooLongGoesOnWhenAskedAgain) {
  const Findings stored = Settle({ledgers_.TokenAhead("supervision", 0)});
  Replays replays = MakeReplays();
  const int entries = 9;
  int asked = 1;
  ledgers_.set_patience(2);
  for (absl::StatusOr<Findings> said = AsKnown(replays, CivilDay(2026, 1, 5));; ++asked) {
    if (said.ok()) {
      EXPECT_EQ(*said, stored);
      break;
    }
    ASSERT_THAT(said, StatusIs(absl::StatusCode::kDeadlineExceeded, "REPLAY_UNFINISHED"));
    ASSERT_LT(asked, 10);
    ledgers_.set_patience(2);
    said = AsKnown(replays, CivilDay(2026, 1, 5));
  }
  EXPECT_GE(asked, 4);
  EXPECT_EQ(ledgers_.entries_read(), entries) << "each entry is read once";
}

TEST_F(ReplaysTest, ALedgerThatWasRestoredSinceSaysSo) {
  Settle({ledgers_.TokenAhead("supervision", 0)});
  ledgers_.Restore("supervision");
  Replays replays = MakeReplays();
  EXPECT_THAT(AsKnown(replays, CivilDay(2026, 1, 5)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "HISTORY_LOST"));
}

TEST_F(ReplaysTest, WhatTheLawHadErasedIsNotGivenBack) {
  const Findings stored = Settle({ledgers_.TokenAhead("supervision", 0)});
  const std::pair<std::string, std::string> anna = {"knowsley.supervision-frequency", "workers/anna"};
  ASSERT_TRUE(stored.contains(anna));
  Replays replays = MakeReplays();
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(Findings said, AsKnown(replays, CivilDay(2026, 1, 5)));
  EXPECT_EQ(said, stored);
  Tell("workforce", ledgers_.Erased("workforce", "authorities/example/workers/anna"));
  Settle({ledgers_.TokenAhead("workforce", 0)});
  EXPECT_EQ(replica_.erasures(), 1);
  replays.Drop();
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(said, AsKnown(replays, CivilDay(2026, 1, 5)));
  EXPECT_FALSE(said.contains(anna));
}

}  // namespace
}  // namespace oversight::compliance
