// The questions of ComplianceService, asked as a client asks them. What one answer says, all others say.

#include "services/compliance/questions/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/status_matchers.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/questions/questions_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Parse;
using testing::QuestionsTest;
using ::testing::SizeIs;
using testing::Text;

constexpr char kSupervision[] = "knowsley.supervision-frequency";
constexpr char kDiscussion[] = "knowsley.case-discussion";

TEST_F(QuestionsTest, TheListHasTheLongestOverdueFirstAndItsPagesAreTheWhole) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto whole, List());
  EXPECT_THAT(Said(whole),
              ElementsAre("cases/c1 OVERDUE", "cases/c2 OVERDUE", "workers/anna OVERDUE", "workers/ben MET"));
  EXPECT_EQ(whole.total_size(), 4);
  EXPECT_EQ(Text(whole.as_of_date()), "2026-04-10");
  EXPECT_EQ(whole.next_page_token(), "");
  std::vector<std::string> paged;
  std::string token;
  do {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto page,
                                   List(absl::StrCat("page_size: 1 page_token: '", token, "'")));
    ASSERT_THAT(page.findings(), SizeIs(1));
    EXPECT_EQ(page.total_size(), 4);
    paged.push_back(page.findings(0).SerializeAsString());
    token = page.next_page_token();
  } while (!token.empty());
  ASSERT_THAT(paged, SizeIs(4));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(paged[static_cast<size_t>(i)], whole.findings(i).SerializeAsString());
}

TEST_F(QuestionsTest, FiltersOfAList) {
  const struct {
    std::string request;
    std::vector<std::string> expected;
  } cases[] = {
      {"statuses: STATUS_MET", {"workers/ben MET"}},
      {"statuses: STATUS_MET statuses: STATUS_OVERDUE rules: 'knowsley.supervision-frequency'",
       {"workers/anna OVERDUE", "workers/ben MET"}},
      {"team: 'authorities/example/teams/blue'", {"cases/c1 OVERDUE"}},
      {"team: 'authorities/example/teams/red'", {"workers/anna OVERDUE", "workers/ben MET"}},
      {"worker: 'authorities/example/workers/anna'", {"cases/c1 OVERDUE", "workers/anna OVERDUE"}},
      {"subject: 'authorities/example/cases/c2'", {"cases/c2 OVERDUE"}},
      {"subject: 'authorities/other/cases/c2'", {}},
      {"statuses: STATUS_UNKNOWN", {}},
  };
  for (const auto& [request, expected] : cases) {
    SCOPED_TRACE(request);
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto answer, List(request));
    EXPECT_EQ(Said(answer), expected);
    EXPECT_EQ(answer.total_size(), static_cast<int>(expected.size()));
  }
}

// Whoever has kept a name finds it again: it never changes.
TEST_F(QuestionsTest, ANameIsMadeOfRuleSubjectAndDay) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List("subject: 'authorities/example/workers/anna'"));
  ASSERT_THAT(list.findings(), SizeIs(1));
  EXPECT_EQ(list.findings(0).name(), "authorities/example/findings/e04de66715632f357c61f6662858a5d0");
}

TEST_F(QuestionsTest, EveryViewOfAFindingSaysTheSame) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List());
  for (const v1::Finding& finding : list.findings()) {
    const std::string which = absl::StrCat("rule: '", finding.rule(), "' subject: '", finding.subject(), "'");
    SCOPED_TRACE(which);
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explanation, Explain(which));
    EXPECT_EQ(explanation.finding().SerializeAsString(), finding.SerializeAsString());
    EXPECT_THAT(explanation.tokens(), Not(IsEmpty()));
    EXPECT_EQ(explanation.clause().paraphrase().empty(), false);
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto history, History(which));
    ASSERT_THAT(history.findings(), Not(IsEmpty()));
    const v1::Finding& open = *history.findings().rbegin();
    EXPECT_EQ(open.instance(), finding.instance());
    EXPECT_EQ(open.name(), finding.name());
    EXPECT_EQ(Text(open.due_date()), Text(finding.due_date()));
    EXPECT_EQ(open.status(), finding.status());
    EXPECT_EQ(open.days_overdue(), finding.days_overdue());
    EXPECT_FALSE(open.has_closed_date());
    // The changes are stored right after the judgement.
    v1::ListFindingChangesResponse changes;
    while (changes.changes().empty()) {
      OVERSIGHT_ASSERT_OK_AND_ASSIGN(changes, Changes(which));
      std::this_thread::yield();
    }
    EXPECT_EQ(changes.changes().rbegin()->to_status(), finding.status());
    EXPECT_EQ(changes.changes().rbegin()->policy_version(), finding.policy_version());
    EXPECT_EQ(Text(changes.changes().rbegin()->judged_date()), "2026-04-10");
  }
}

TEST_F(QuestionsTest, TheSummaryCountsWhatTheListShowsOnAnyDay) {
  for (CivilDay day(2025, 12, 30); day < CivilDay(2026, 5, 1); day = day + 11) {
    SCOPED_TRACE(day.ToString());
    const absl::CivilDay civil = day.civil();
    const std::string as_of = absl::StrCat("as_of_date { year: ", civil.year(), " month: ", civil.month(),
                                           " day: ", civil.day(), " }");
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List(as_of));
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize(as_of));
    std::map<std::string, std::map<int, int>> listed;
    std::map<std::string, int> longest;
    for (const v1::Finding& finding : list.findings()) {
      ++listed[finding.rule()][finding.status()];
      longest[finding.rule()] = std::max(longest[finding.rule()], finding.days_overdue());
    }
    ASSERT_THAT(summary.rules(), SizeIs(2));
    int in_teams = 0;
    for (const auto& rule : summary.rules()) {
      auto& of_rule = listed[rule.rule()];
      EXPECT_EQ(rule.counts().met(), of_rule[v1::Finding::STATUS_MET]);
      EXPECT_EQ(rule.counts().pending(), of_rule[v1::Finding::STATUS_PENDING]);
      EXPECT_EQ(rule.counts().due_soon(), of_rule[v1::Finding::STATUS_DUE_SOON]);
      EXPECT_EQ(rule.counts().overdue(), of_rule[v1::Finding::STATUS_OVERDUE]);
      EXPECT_EQ(rule.counts().unknown(), of_rule[v1::Finding::STATUS_UNKNOWN]);
      EXPECT_EQ(rule.longest_days_overdue(), longest[rule.rule()]);
    }
    for (const auto& team : summary.teams()) {
      const auto& counts = team.counts();
      in_teams += counts.met() + counts.pending() + counts.due_soon() + counts.overdue() + counts.excused() +
                  counts.unknown();
    }
    EXPECT_EQ(in_teams, list.total_size());
  }
}

TEST_F(QuestionsTest, TheSummaryOfToday) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize());
  EXPECT_EQ(summary.open_cases(), 2);
  EXPECT_EQ(summary.unallocated_cases(), 1);
  EXPECT_EQ(summary.workers(), 2);
  for (const auto& rule : summary.rules()) {
    EXPECT_DOUBLE_EQ(rule.counts().share_in_time(), rule.rule() == kSupervision ? 0.5 : 0.0);
  }
  // And the metrics say the same.
  std::string metrics;
  const std::string overdue =
      "oversight_compliance_findings{authority=\"example\",policy=\"knowsley\",rule=\"";
  while (metrics.find("oversight_caseload_unallocated_cases{authority=\"example\"} 1") == std::string::npos) {
    metrics = replica_.registry().Render();
  }
  // While that one was rendered some were not there yet.
  metrics = replica_.registry().Render();
  EXPECT_THAT(metrics, HasSubstr(absl::StrCat(overdue, kSupervision, "\",status=\"OVERDUE\"} 1")));
  EXPECT_THAT(metrics, HasSubstr(absl::StrCat(overdue, kSupervision, "\",status=\"MET\"} 1")));
  EXPECT_THAT(metrics, HasSubstr(absl::StrCat(overdue, kDiscussion, "\",status=\"OVERDUE\"} 2")));
  EXPECT_THAT(metrics,
              HasSubstr("oversight_compliance_row_findings{authority=\"example\",policy=\"knowsley\",row="
                        "\"registered\",rule=\"knowsley.supervision-frequency\",status=\"OVERDUE\"} 1"));
  // Three teams of one or two: figures of persons.
  EXPECT_THAT(metrics, Not(HasSubstr("oversight_compliance_team_findings{")));
  EXPECT_THAT(metrics, HasSubstr("oversight_caseload_open_cases{authority=\"example\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("oversight_supervision_sessions{authority=\"example\",kind=\"formal_one_to_"
                                 "one\",state=\"held\"} 2"));
}

TEST_F(QuestionsTest, AFindingOfAPastDayIsJudgedAsOfThatDay) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto list,
      List("rules: 'knowsley.supervision-frequency' as_of_date { year: 2026 month: 3 day: 10 }"));
  // Ben's session of 1 April had not happened.
  EXPECT_THAT(Said(list), ElementsAre("workers/ben OVERDUE", "workers/anna MET"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto before, List("as_of_date { year: 2025 month: 12 day: 31 }"));
  EXPECT_THAT(Said(before), IsEmpty());
}

TEST_F(QuestionsTest, WhatFallsDueInTheNextDays) {
  // Ben is due a month after 1 April, which is in 21 days.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto shorter, Upcoming("days: 20"));
  EXPECT_THAT(Said(shorter), IsEmpty());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto longer, Upcoming("days: 21"));
  EXPECT_THAT(Said(longer), ElementsAre("workers/ben MET"));
  EXPECT_EQ(Text(longer.findings(0).due_date()), "2026-05-01");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto of_anna,
                                 Upcoming("days: 21 worker: 'authorities/example/workers/anna'"));
  EXPECT_THAT(Said(of_anna), IsEmpty());
}

TEST_F(QuestionsTest, HistoryAndChangesComePageByPage) {
  const std::string ben =
      absl::StrCat("rule: '", kSupervision, "' subject: 'authorities/example/workers/ben'");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto whole, History(ben));
  ASSERT_THAT(whole.findings(), SizeIs(2));
  EXPECT_EQ(whole.findings(0).status(), v1::Finding::STATUS_LATE);
  EXPECT_EQ(Text(whole.findings(0).closed_date()), "2026-04-01");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto first, History(ben + " page_size: 1"));
  ASSERT_THAT(first.findings(), SizeIs(1));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto second, History(absl::StrCat(ben, " page_size: 1 page_token: '",
                                                                         first.next_page_token(), "'")));
  ASSERT_THAT(second.findings(), SizeIs(1));
  EXPECT_EQ(second.findings(0).instance(), whole.findings(1).instance());
  EXPECT_EQ(second.next_page_token(), "");

  v1::ListFindingChangesResponse changes;
  replica_.Tell("supervision", {testing::SessionOf(ledgers_, "s9", "ben", CivilDay(2026, 4, 9))});
  while (changes.changes_size() < 2) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(changes, Changes(ben));
  }
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto one, Changes(ben + " page_size: 1"));
  ASSERT_THAT(one.changes(), SizeIs(1));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto two, Changes(absl::StrCat(ben, " page_size: 1 page_token: '", one.next_page_token(), "'")));
  ASSERT_THAT(two.changes(), SizeIs(1));
  EXPECT_EQ(two.changes(0).instance(), "2026-04-09");
  EXPECT_EQ(two.next_page_token(), "");
}

TEST_F(QuestionsTest, ProgressSaysHowFarEachLedgerHasBeenJudged) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto progress,
                                 (Ask<v1::GetProgressRequest, v1::Progress>("GetProgress", "")));
  std::map<std::string, int64_t> revisions;
  for (const auto& ledger : progress.ledgers()) revisions[ledger.ledger()] = ledger.applied_revision();
  EXPECT_THAT(revisions, ElementsAre(::testing::Pair("caseload", 5), ::testing::Pair("compliance", 1),
                                     ::testing::Pair("supervision", 2), ::testing::Pair("workforce", 6)));
  EXPECT_TRUE(progress.judged());
  EXPECT_EQ(Text(progress.judged_date()), "2026-04-10");
}

TEST_F(QuestionsTest, PoliciesAreListedWithoutAndReadWithTheirText) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto list, service_.Call<v1::ListPoliciesResponse>("ListPolicies", v1::ListPoliciesRequest()));
  ASSERT_THAT(list.policies(), SizeIs(1));
  EXPECT_EQ(list.policies(0).name(), "policies/knowsley");
  EXPECT_EQ(list.policies(0).text(), "");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto policy,
      service_.Call<v1::Policy>("GetPolicy", Parse<v1::GetPolicyRequest>("name: 'policies/knowsley'")));
  EXPECT_EQ(policy.text(), "# the text");
  EXPECT_THAT(service_.Call<v1::Policy>("GetPolicy", Parse<v1::GetPolicyRequest>("name: 'policies/nowhere'")),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_F(QuestionsTest, RefusesWhatMakesNoSense) {
  const auto invalid = [](const char* reason) {
    return StatusIs(absl::StatusCode::kInvalidArgument, reason);
  };
  const auto none = StatusIs(absl::StatusCode::kNotFound, "NO_FINDING");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto page, List("page_size: 1"));
  const std::string token = absl::StrCat("page_token: '", page.next_page_token(), "' ");
  OVERSIGHT_EXPECT_OK(List(token).status());
  EXPECT_THAT(List(token + "statuses: STATUS_MET"), invalid("INVALID_PAGE_TOKEN"));
  EXPECT_THAT(List(token + "as_of_date { year: 2026 month: 4 day: 9 }"), invalid("INVALID_PAGE_TOKEN"));
  EXPECT_THAT(Upcoming(token + "days: 7"), invalid("INVALID_PAGE_TOKEN"));
  EXPECT_THAT(List("page_token: 'nonsense'"), invalid("INVALID_PAGE_TOKEN"));
  EXPECT_THAT(List("page_size: -1"), invalid("INVALID_FIELDS"));
  OVERSIGHT_EXPECT_OK(List("page_size: 2147483647").status());
  EXPECT_THAT(List("as_of_date { year: 2026 month: 2 day: 29 }"), invalid("INVALID_FIELDS"));
  EXPECT_THAT(List("as_of_date { year: 2026 }"), invalid("INVALID_FIELDS"));
  EXPECT_THAT(Summarize("as_of_date { year: -1 month: 1 day: 1 }"), invalid("INVALID_FIELDS"));
  OVERSIGHT_EXPECT_OK(List("as_of_date { year: 9999 month: 12 day: 31 }").status());
  OVERSIGHT_EXPECT_OK(List("as_of_date { year: 1900 month: 1 day: 1 }").status());
  EXPECT_THAT(List("after_tokens: 'nonsense'"), invalid("INVALID_TOKEN"));
  EXPECT_THAT(List("rules: 'knowsley.supervison-frequency'"), none);
  for (const char* days : {"days: 0", "days: -7", "days: 367", ""}) {
    EXPECT_THAT(Upcoming(days), invalid("INVALID_FIELDS"));
  }
  const std::string anna = "subject: 'authorities/example/workers/anna' ";
  const std::string supervision = absl::StrCat("rule: '", kSupervision, "' ");
  EXPECT_THAT(Explain("rule: 'nowhere.rule' " + anna), none);
  EXPECT_THAT(Explain(supervision + "subject: 'authorities/example/workers/nobody'"), none);
  EXPECT_THAT(Explain(supervision + "subject: 'authorities/other/workers/anna'"), none);
  EXPECT_THAT(Explain(supervision + "subject: 'authorities/example/cases/c1'"), none);
  EXPECT_THAT(Explain(supervision + anna + "as_of_date { year: 2025 month: 12 day: 31 }"), none);
  EXPECT_THAT(History("rule: 'nowhere.rule' " + anna), none);
  EXPECT_THAT(History(supervision), none);
  EXPECT_THAT(Changes("subject: 'authorities/other/workers/anna'"), invalid("INVALID_FIELDS"));
  EXPECT_THAT(Changes(""), invalid("INVALID_FIELDS"));
  EXPECT_THAT(Changes(anna + "page_token: 'nonsense'"), invalid("INVALID_PAGE_TOKEN"));

  v1::ListFindingsRequest elsewhere;
  for (const char* parent :
       {"", "example", "authorities/", "authorities/example/workers/anna", "authorities/-"}) {
    elsewhere.set_parent(parent);
    EXPECT_THAT(service_.Call<v1::ListFindingsResponse>("ListFindings", elsewhere), invalid("INVALID_FIELDS"))
        << parent;
  }
  elsewhere.set_parent("authorities/nowhere");
  EXPECT_THAT(service_.Call<v1::ListFindingsResponse>("ListFindings", elsewhere),
              StatusIs(absl::StatusCode::kNotFound, "AUTHORITY_UNKNOWN"));
}

}  // namespace
}  // namespace oversight::compliance
