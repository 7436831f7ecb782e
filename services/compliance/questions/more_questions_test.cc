// Waivers, months, managers' lists, other policies, allocations not yet made and the past as it was known,
// asked as a client asks them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/questions/questions_for_test.h"
#include "services/compliance/resources/waiver.h"

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

constexpr char kOfSupervision[] = "rules: 'knowsley.supervision-frequency' ";
constexpr char kWorkerAnna[] = "authorities/example/workers/anna";

std::string AsOf(int year, int month, int day) {
  return absl::StrCat(" as_of_date { year: ", year, " month: ", month, " day: ", day, " } ");
}

// ---- Waivers.

v1::Waiver WaiverOfAnna() {
  return Parse<v1::Waiver>(absl::StrCat(
      "name: 'authorities/example/waivers/w1' rules: 'knowsley.supervision-frequency' subject: '",
      kWorkerAnna, "' reason: 'the service moves house' agreed_by: 'authorities/example/workers/mona' ",
      "agreed_date { year: 2026 month: 4 day: 6 } start_date { year: 2026 month: 4 day: 1 } ",
      "end_date { year: 2026 month: 4 day: 20 }"));
}

TEST_F(QuestionsTest, AWaiverExcusesInEveryViewAndIsNamed) {
  Tell("compliance", WaiverOfAnna());
  const std::string which =
      absl::StrCat("rule: 'knowsley.supervision-frequency' subject: '", kWorkerAnna, "'");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list,
                                 List(absl::StrCat(kOfSupervision, "subject: '", kWorkerAnna, "'")));
  ASSERT_THAT(list.findings(), SizeIs(1));
  const v1::Finding& finding = list.findings(0);
  EXPECT_EQ(finding.status(), v1::Finding::STATUS_EXCUSED);
  EXPECT_EQ(finding.waiver(), "authorities/example/waivers/w1");
  EXPECT_EQ(finding.days_overdue(), 0);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize());
  EXPECT_EQ(summary.rules(0).counts().excused() + summary.rules(1).counts().excused(), 1);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explanation, Explain(which));
  EXPECT_EQ(explanation.finding().SerializeAsString(), finding.SerializeAsString());
  EXPECT_THAT(*explanation.reasoning().rbegin(), HasSubstr("a waiver excuses it from 2026-04-06"));
  EXPECT_EQ(explanation.evidence().rbegin()->resource(), "authorities/example/waivers/w1");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto history, History(which));
  EXPECT_EQ(history.findings().rbegin()->SerializeAsString(), finding.SerializeAsString());
  v1::ListFindingChangesResponse changes;
  while (changes.changes_size() < 2) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(changes, Changes(which));
    std::this_thread::yield();
  }
  EXPECT_EQ(changes.changes(1).from_status(), v1::Finding::STATUS_OVERDUE);
  EXPECT_EQ(changes.changes(1).to_status(), v1::Finding::STATUS_EXCUSED);
  EXPECT_THAT(replica_.registry().Render(),
              HasSubstr("rule=\"knowsley.supervision-frequency\",status=\"EXCUSED\"} 1"));
}

TEST_F(QuestionsTest, AWaiverHoldsFromTheDayItWasAgreedUntilBeforeItsEnd) {
  Tell("compliance", WaiverOfAnna());
  const struct {
    int day;
    v1::Finding::Status status;
  } cases[] = {{5, v1::Finding::STATUS_OVERDUE},
               {6, v1::Finding::STATUS_EXCUSED},
               {19, v1::Finding::STATUS_EXCUSED},
               {20, v1::Finding::STATUS_OVERDUE}};
  for (const auto& [day, status] : cases) {
    SCOPED_TRACE(day);
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List(absl::StrCat(kOfSupervision, "subject: '",
                                                                      kWorkerAnna, "'", AsOf(2026, 4, day))));
    ASSERT_THAT(list.findings(), SizeIs(1));
    EXPECT_EQ(list.findings(0).status(), status);
    EXPECT_EQ(list.findings(0).waiver().empty(), status != v1::Finding::STATUS_EXCUSED);
  }
  replica_.Tell("compliance", {ledgers_.Deleted("compliance", "authorities/example/waivers/w1")});
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto list, List(absl::StrCat(kOfSupervision, "subject: '", kWorkerAnna, "' after_tokens: '",
                                         ledgers_.TokenAhead("compliance", 0), "'")));
  EXPECT_THAT(Said(list), ElementsAre("workers/anna OVERDUE"));
}

TEST_F(QuestionsTest, QuestionsThatWaitForTheirTokensHoldNobodyUp) {
  // More than there are threads.
  constexpr int kQuestions = 40;
  const std::string ahead = absl::StrCat("after_tokens: '", ledgers_.TokenAhead("supervision", 1), "'");
  std::atomic<int> answered = 0;
  std::vector<std::thread> asking;
  for (int i = 0; i < kQuestions; ++i) {
    asking.emplace_back([&] {
      const auto list = List(ahead);
      OVERSIGHT_EXPECT_OK(list.status());
      const std::vector<std::string> said = list.ok() ? Said(*list) : std::vector<std::string>();
      EXPECT_THAT(said, ::testing::Contains("workers/anna MET"));
      ++answered;
    });
  }
  while (!absl::StrContains(service_.metrics().Render(), absl::StrCat("waiting_calls ", kQuestions))) {
    std::this_thread::yield();
  }
  OVERSIGHT_EXPECT_OK(List().status());
  EXPECT_EQ(answered, 0);
  replica_.Tell("supervision", {SessionOf(ledgers_, "s9", "anna", CivilDay::Of(clock_.Now()))});
  for (std::thread& one : asking) one.join();
}

TEST(WaiverKind, NamesRulesThatAreKnownAndASubjectOfItsAuthority) {
  auto library = std::make_shared<PolicyLibrary>();
  library->policies = {engine::testing::Knowsley()};
  const resource::Kind kind = WaiverKind(library);
  const auto violations = [&](const std::string& changes) {
    v1::Waiver waiver = WaiverOfAnna();
    waiver.MergeFrom(Parse<v1::Waiver>(changes));
    std::vector<FieldViolation> found;
    kind.validate(waiver, found);
    std::vector<std::string> fields;
    for (const FieldViolation& violation : found) fields.push_back(violation.field);
    return fields;
  };
  EXPECT_THAT(violations(""), IsEmpty());
  EXPECT_THAT(violations("rules: 'knowsley.case-discussion'"), IsEmpty());
  EXPECT_THAT(violations("subject: 'authorities/example/cases/c1'"), IsEmpty());
  EXPECT_THAT(violations("rules: 'knowsley.no-such-rule'"), ElementsAre("rules[1]"));
  for (const char* subject :
       {"authorities/other/workers/anna", "anna", "authorities/example/", "authorities//x"}) {
    EXPECT_THAT(violations(absl::StrCat("subject: '", subject, "'")), ElementsAre("subject")) << subject;
  }
}

// ---- Lists of a manager, months.

TEST_F(QuestionsTest, AManagersListHasThePeopleSupervisedAndTheirCases) {
  const std::string mona = "supervisor: 'authorities/example/workers/mona' ";
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List(mona));
  // Nobody holds c2.
  EXPECT_THAT(Said(list), ElementsAre("cases/c1 OVERDUE", "workers/anna OVERDUE", "workers/ben MET"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto upcoming, Upcoming(mona + "days: 30"));
  EXPECT_THAT(Said(upcoming), ElementsAre("workers/ben MET"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto of_nobody,
                                 List("supervisor: 'authorities/example/workers/anna'"));
  EXPECT_THAT(Said(of_nobody), IsEmpty());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto by_supervisor,
      (Ask<v1::SummarizeSupervisorsRequest, v1::SummarizeSupervisorsResponse>("SummarizeSupervisors", "")));
  ASSERT_THAT(by_supervisor.supervisors(), SizeIs(1));
  EXPECT_EQ(by_supervisor.supervisors(0).supervisor(), "authorities/example/workers/mona");
  EXPECT_EQ(by_supervisor.supervisors(0).workers(), 2);
  EXPECT_EQ(by_supervisor.supervisors(0).counts().overdue(), 2);
  EXPECT_EQ(by_supervisor.supervisors(0).counts().met(), 1);
  ASSERT_THAT(summary.policies(), SizeIs(1));
  EXPECT_EQ(summary.policies(0).policy(), "policies/knowsley");
  EXPECT_EQ(summary.policies(0).counts().overdue(), 3);
  EXPECT_DOUBLE_EQ(summary.policies(0).counts().share_in_time(), 0.25);
}

TEST_F(QuestionsTest, TheMonthsAgreeWithTheSummariesOfTheirLastDays) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto months, Months("first_month { year: 2025 month: 12 day: 9 } "
                                                           "last_month { year: 2026 month: 4 day: 30 }"));
  ASSERT_THAT(months.months(), SizeIs(2 * 5));
  EXPECT_EQ(Text(months.months(0).as_of_date()), "2025-12-31");
  EXPECT_EQ(Text(months.months().rbegin()->as_of_date()), "2026-04-10");
  for (const auto& month : months.months()) {
    SCOPED_TRACE(absl::StrCat(Text(month.month()), " ", month.rule()));
    const auto& day = month.as_of_date();
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize(AsOf(day.year(), day.month(), day.day())));
    for (const auto& rule : summary.rules()) {
      if (rule.rule() != month.rule()) continue;
      EXPECT_EQ(month.standing().SerializeAsString(), rule.counts().SerializeAsString());
    }
  }
  // Since 1 January: Ben's first gap fell due on 2 February and was closed on 1 April, Anna's on 2 February,
  // closed on 2 March; Anna's second fell due on 2 April and is open.
  const auto fell_due = [&](int number) -> const auto& {
    for (const auto& month : months.months()) {
      if (month.month().month() == number && month.rule() == "knowsley.supervision-frequency")
        return month.fell_due();
    }
    return months.months(0).fell_due();
  };
  EXPECT_EQ(fell_due(2).late(), 2);
  EXPECT_EQ(fell_due(4).overdue(), 1);
  EXPECT_EQ(fell_due(3).late() + fell_due(3).met() + fell_due(3).overdue(), 0);

  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  EXPECT_THAT(Months("first_month { year: 2026 month: 3 day: 1 } last_month { year: 2026 month: 2 day: 1 }"),
              refused);
  EXPECT_THAT(Months("first_month { year: 2026 month: 3 day: 1 } last_month { year: 2026 month: 5 day: 1 }"),
              refused);
  EXPECT_THAT(Months("first_month { year: 2016 month: 4 day: 1 } last_month { year: 2026 month: 4 day: 1 }"),
              refused);
  OVERSIGHT_EXPECT_OK(
      Months("first_month { year: 2016 month: 5 day: 1 } last_month { year: 2026 month: 4 day: 1 }")
          .status());
}

// ---- An allocation that is not made yet.

TEST_F(QuestionsTest, AnAllocationThatBreaksNothingIsAllowedAndShowsTheLoad) {
  const std::string request =
      "case: 'authorities/example/cases/c2' worker: 'authorities/example/workers/anna' "
      "role: ALLOCATION_ROLE_KEYWORKER date { year: 2026 month: 4 day: 10 }";
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto allowed, Check(request));
  EXPECT_EQ(allowed.verdict(), type::v1::AllocationCheck::VERDICT_ALLOWED);
  EXPECT_THAT(allowed.tokens(), Not(IsEmpty()));
  EXPECT_EQ(allowed.load().cases_held(), 2);
  EXPECT_EQ(allowed.load().supervisor(), "authorities/example/workers/mona");
  EXPECT_EQ(allowed.load().supervisor_workers(), 2);
  EXPECT_EQ(allowed.load().supervisor_cases(), 2);
  EXPECT_FALSE(allowed.load().on_asye());
  // Nothing of it stays.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize());
  EXPECT_EQ(summary.unallocated_cases(), 1);
}

TEST_F(QuestionsTest, AnAllocationOfSomebodyUnknownIsRefused) {
  const std::string rest = " role: ALLOCATION_ROLE_KEYWORKER date { year: 2026 month: 4 day: 10 }";
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  const std::string c2 = "case: 'authorities/example/cases/c2' ";
  const std::string anna = "worker: 'authorities/example/workers/anna' ";
  EXPECT_THAT(Check(c2 + "worker: 'authorities/example/workers/nobody'" + rest), refused);
  EXPECT_THAT(Check(c2 + "worker: 'authorities/other/workers/anna'" + rest), refused);
  EXPECT_THAT(Check(anna + "case: 'authorities/example/cases/c9'" + rest), refused);
  EXPECT_THAT(Check(c2 + anna + "role: ALLOCATION_ROLE_KEYWORKER"), refused);
  EXPECT_THAT(Check(c2 + anna + "date { year: 2026 month: 4 day: 10 }"), refused);
}

// ---- Other policies.

constexpr char kHarbour[] = R"(id: "harbour"
version: 1
title: "A made-up policy"
authority: "Harbour"
documents { id: "doc" title: "Its document" published: "2020" }
effective_from { year: 2020 month: 1 day: 1 }
rules {
  id: "harbour.supervision"
  title: "Supervision"
  clause { document: "doc" section: "1" paraphrase: "Every two months." }
  severity: SEVERITY_REQUIRED
  local_parameters { field: "notice_days" reason: "Nothing is said." }
  notice_days: 3
  recurring {
    supervision_session { kind: KIND_FORMAL_ONE_TO_ONE }
    bridge_working_days: 5
    long_absence_working_days: 5
    return_working_days: 5
    clock_pause_days: 28
    rows { id: "all" title: "All" every { months: 2 } when { post { career_stage: CAREER_STAGE_SOCIAL_WORKER } } }
  }
}
)";

class PolicyQuestionsTest : public QuestionsTest {
 protected:
  PolicyQuestionsTest()
      : QuestionsTest(LibraryOf({*policy::Load("harbour.txtpb", kHarbour),
                                 {.policy = engine::testing::Knowsley(), .text = "# the text"}})) {}
  static std::string Quoted(std::string text) {
    std::string quoted = "policy_text: \"";
    for (const char c : text) {
      if (c == '"' || c == '\\') quoted += '\\';
      if (c == '\n') {
        quoted += "\\n";
      } else {
        quoted += c;
      }
    }
    return quoted + "\" ";
  }
  static std::string With(const std::string& from, const std::string& to) {
    std::string text = kHarbour;
    return text.replace(text.find(from), from.size(), to);
  }
};

TEST_F(PolicyQuestionsTest, TwoPoliciesSideBySide) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto both, Compare("left_policy: 'policies/knowsley' right_policy: 'policies/harbour'"));
  // What the assigned one says is what the list says.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List());
  std::vector<std::string> left;
  for (const auto& subject : both.subjects()) {
    for (const auto& finding : subject.left()) left.push_back(finding.SerializeAsString());
  }
  std::vector<std::string> listed;
  for (const auto& finding : list.findings()) listed.push_back(finding.SerializeAsString());
  EXPECT_THAT(left, ::testing::UnorderedElementsAreArray(listed));
  // Anna was last seen on 2 March: overdue monthly, in time every two months. Of cases harbour says nothing.
  EXPECT_EQ(both.total_size(), 4);
  EXPECT_EQ(both.left().counts().overdue(), 3);
  EXPECT_EQ(both.right().counts().overdue(), 0);
  EXPECT_EQ(both.right().counts().met(), 2);
  EXPECT_EQ(both.in_time_right_only(), 3);
  EXPECT_EQ(both.in_time_both(), 1);
  EXPECT_EQ(both.in_time_left_only() + both.in_time_neither(), 0);
  ASSERT_THAT(both.left().rules(), SizeIs(2));
  ASSERT_THAT(both.right().rules(), SizeIs(1));

  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto page,
      Compare("left_policy: 'policies/knowsley' right_policy: 'policies/harbour' page_size: 3"));
  EXPECT_THAT(page.subjects(), SizeIs(3));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto rest,
      Compare(absl::StrCat("left_policy: 'policies/knowsley' right_policy: 'policies/harbour' ",
                           "page_size: 3 page_token: '", page.next_page_token(), "'")));
  ASSERT_THAT(rest.subjects(), SizeIs(1));
  EXPECT_EQ(rest.subjects(0).subject(), both.subjects(3).subject());
  EXPECT_EQ(rest.next_page_token(), "");
  EXPECT_THAT(Compare("left_policy: 'policies/knowsley' right_policy: 'policies/atlantis'"),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(Compare("left_policy: 'policies/knowsley' right_policy: 'policies/knowsley'"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(PolicyQuestionsTest, APreviewSaysForWhomADraftWouldSayAnotherThing) {
  Tell("compliance", Parse<v1::PolicyAssignment>(
                         "name: 'authorities/example/policyAssignments/b' policy: 'policies/harbour' "
                         "start_date { year: 2026 month: 1 day: 1 }"));
  // Monthly instead of every two months: Anna becomes overdue, Ben's next is due earlier.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto preview, Preview(Quoted(With("months: 2", "months: 1"))));
  ASSERT_THAT(preview.changes(), SizeIs(2));
  EXPECT_EQ(preview.changes(0).subject(), kWorkerAnna);
  EXPECT_EQ(preview.changes(0).before().status(), v1::Finding::STATUS_MET);
  EXPECT_EQ(preview.changes(0).after().status(), v1::Finding::STATUS_OVERDUE);
  EXPECT_EQ(Text(preview.changes(1).before().due_date()), "2026-06-01");
  EXPECT_EQ(Text(preview.changes(1).after().due_date()), "2026-05-01");
  EXPECT_EQ(preview.total_size(), 2);
  EXPECT_EQ(preview.changing_status(), 1);
  EXPECT_EQ(preview.changing_due_date(), 1);
  EXPECT_EQ(preview.appearing() + preview.going() + preview.unchanged(), 0);
  EXPECT_EQ(preview.before(0).counts().met(), 2);
  EXPECT_EQ(preview.after(0).counts().overdue(), 1);
  // What it says is what would be said had it been in force.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto list, List("rules: 'harbour.supervision' subject: 'authorities/example/workers/anna'"));
  EXPECT_EQ(preview.changes(0).before().SerializeAsString(), list.findings(0).SerializeAsString());

  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto same, Preview("policy: 'policies/harbour'"));
  EXPECT_EQ(same.total_size(), 0);
  EXPECT_EQ(same.unchanged(), 2);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto page, Preview(absl::StrCat(Quoted(With("months: 2", "months: 1")), "page_size: 1")));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto rest, Preview(absl::StrCat(Quoted(With("months: 2", "months: 1")),
                                            "page_size: 1 page_token: '", page.next_page_token(), "'")));
  ASSERT_THAT(rest.changes(), SizeIs(1));
  EXPECT_EQ(rest.changes(0).SerializeAsString(), preview.changes(1).SerializeAsString());
  EXPECT_EQ(rest.next_page_token(), "");
  // A page never goes on in another draft.
  EXPECT_THAT(Preview(absl::StrCat(Quoted(With("months: 2", "months: 3")), "page_size: 1 page_token: '",
                                   page.next_page_token(), "'")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  // In place of another policy all of the one goes and all of the other appears.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto instead,
                                 Preview("policy: 'policies/harbour' in_place_of: 'policies/knowsley'"));
  EXPECT_EQ(instead.going(), 4);
  EXPECT_EQ(instead.appearing(), 2);
}

TEST_F(PolicyQuestionsTest, AParameterSettledOtherwise) {
  // Anna is due on Tuesday 5 May, after a bank holiday: with 3 days of notice not yet soon on 30 April, with
  // 5 it is.
  const std::string day = AsOf(2026, 4, 30);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto as_it_is, Preview("policy: 'policies/harbour'" + day));
  ASSERT_THAT(as_it_is.changes(), SizeIs(2));
  EXPECT_EQ(as_it_is.changes(0).after().status(), v1::Finding::STATUS_MET);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto preview,
      Preview(absl::StrCat("policy: 'policies/harbour' parameters { rule: 'harbour.supervision' ",
                           "field: 'notice_days' value: 5 }", day)));
  ASSERT_THAT(preview.changes(), SizeIs(2));
  EXPECT_EQ(preview.changes(0).after().status(), v1::Finding::STATUS_DUE_SOON);
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  const std::string harbour = "policy: 'policies/harbour' parameters { rule: 'harbour.supervision' ";
  EXPECT_THAT(Preview(harbour + "field: 'recurring.clock_pause_days' value: 5 }"), refused);
  EXPECT_THAT(Preview(harbour + "field: 'notice_days' value: 2.5 }"), refused);
  EXPECT_THAT(Preview("policy: 'policies/harbour' parameters { rule: 'harbour.nothing' field: 'x' }"),
              refused);
  EXPECT_THAT(Preview(""), refused);
  EXPECT_THAT(Preview(absl::StrCat(Quoted(kHarbour), "policy: 'policies/harbour'")), refused);
}

TEST_F(PolicyQuestionsTest, ADraftWithFaultsIsRefusedWithLineAndColumn) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto before, List());
  const struct {
    const char* was;
    const char* is;
    const char* fault;
  } slips[] = {
      {"month: 1 day: 1 }", "month: 2 day: 31 }", "6:1: there is no day 2020-2-31"},
      {"clause { document: \"doc\"", "clause { document: \"dok\"",
       "10:12: document `dok` is not among `documents`: expected doc"},
      {"every { months: 2 }", "every { months: 2 } in_place_of: \"al\"",
       "there is no row `al` in this rule: did you mean `all`?"},
      {"every { months: 2 }", "every { months: 2 } in_place_of: \"all\"",
       "row `all` stands in its own place"},
      {"when { post {", "when { student_placement { weeks { from: 6 to: 6 } } post {",
       "from 6 to 6 weeks holds on no day: expected `to` after `from`"},
      {"rows { id: \"all\"", "rows { id: \"all\" title: \"x\" every { months: 1 } } rows { id: \"all\"",
       "row id `all` is taken by the row on line 20"},
  };
  for (const auto& [was, is, fault] : slips) {
    const auto preview = Preview(Quoted(With(was, is)));
    EXPECT_THAT(preview, StatusIs(absl::StatusCode::kInvalidArgument, "POLICY_FAULTY")) << fault;
    EXPECT_THAT(preview.status().ToString(), HasSubstr(fault));
    EXPECT_THAT(preview.status().ToString(), ::testing::ContainsRegex("[0-9]+:[0-9]+: ")) << fault;
  }
  // What is assigned stays in force.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto after, List());
  ASSERT_EQ(after.findings_size(), before.findings_size());
  for (int i = 0; i < after.findings_size(); ++i) {
    EXPECT_EQ(after.findings(i).SerializeAsString(), before.findings(i).SerializeAsString());
  }
}

// ---- The past as it was known.

TEST_F(QuestionsTest, WhatWasKnownAtAnEarlierMoment) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto then, List());
  const std::string which =
      absl::StrCat("rule: 'knowsley.supervision-frequency' subject: '", kWorkerAnna, "' ");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explained_then, Explain(which));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summarized_then, Summarize());
  v1::ListFindingChangesResponse changes;
  while (changes.changes().empty()) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(changes, Changes(which));
    std::this_thread::yield();
  }
  // The day after, a session of the week before is put on record.
  clock_.Set(clock_.Now() + absl::Hours(24));
  Tell("supervision",
       Parse<supervision::v1::Session>(absl::StrCat(
           "name: 'authorities/example/sessions/late' supervisee: '", kWorkerAnna,
           "' supervisor: 'authorities/example/workers/mona' kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD ",
           "date { year: 2026 month: 4 day: 3 }")));
  while (changes.changes_size() < 2) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(changes, Changes(which));
    std::this_thread::yield();
  }
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto now, List(absl::StrCat(kOfSupervision, AsOf(2026, 4, 10))));
  EXPECT_THAT(Said(now), ElementsAre("workers/ben MET", "workers/anna MET"));
  const std::string known =
      absl::StrCat(" as_known_at { seconds: ", absl::ToUnixSeconds(clock_.Now()) - 86000, " }");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List(known));
  ASSERT_EQ(list.findings_size(), then.findings_size());
  for (int i = 0; i < list.findings_size(); ++i) {
    EXPECT_EQ(list.findings(i).SerializeAsString(), then.findings(i).SerializeAsString());
  }
  EXPECT_EQ(Text(list.as_of_date()), "2026-04-10");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explained, Explain(which + known));
  EXPECT_EQ(explained.finding().SerializeAsString(), explained_then.finding().SerializeAsString());
  EXPECT_THAT(explained.reasoning(), ::testing::ElementsAreArray(explained_then.reasoning()));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summarized, Summarize(known));
  EXPECT_EQ(summarized.rules(0).SerializeAsString(), summarized_then.rules(0).SerializeAsString());
  EXPECT_THAT(List("as_known_at { seconds: 1 }"),
              StatusIs(absl::StatusCode::kNotFound, "NOTHING_KNOWN_THEN"));
}

// ---- The feed.

TEST_F(QuestionsTest, TheFeedTellsEveryChangeOnceAndGoesOnAnywhere) {
  v1::WatchFindingsRequest request;
  request.set_parent("authorities/example");
  const auto read = [&](int changes) {
    std::vector<std::string> said;
    const auto reader = service_.client().Stream("/oversight.compliance.v1.ComplianceService/WatchFindings",
                                                 request, {.deadline = absl::Now() + absl::Seconds(60)});
    v1::WatchFindingsResponse message;
    while (static_cast<int>(said.size()) < changes && reader->Read(&message)) {
      for (const v1::FindingChange& change : message.changes()) {
        said.push_back(absl::StrCat(change.subject().substr(sizeof "authorities/example/" - 1), " ",
                                    change.from_status(), ">", change.to_status()));
      }
      request.set_resume_token(message.resume_token());
    }
    reader->Cancel();
    return said;
  };
  EXPECT_THAT(read(4), ::testing::UnorderedElementsAre("workers/anna 0>4", "workers/ben 0>1", "cases/c1 0>4",
                                                       "cases/c2 0>4"));
  Tell("compliance", WaiverOfAnna());
  EXPECT_THAT(read(1), ElementsAre("workers/anna 4>7"));
  replica_.Tell("compliance", {ledgers_.Deleted("compliance", "authorities/example/waivers/w1")});
  EXPECT_THAT(read(1), ElementsAre("workers/anna 7>4"));
}

}  // namespace
}  // namespace oversight::compliance
