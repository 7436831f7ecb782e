// The history of a subject of which many gaps begin on one day, read page by page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/questions/questions_for_test.h"

namespace oversight::compliance {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Le;
using testing::Parse;
using testing::QuestionsTest;
using ::testing::SizeIs;
using testing::Text;

constexpr int kOfOneDay = 6;
constexpr char kWhich[] = "rule: 'islington.midway-check' subject: 'authorities/example/cases/c1' ";

// The case has many midway checks: some between two reviews that were held on one day and reviews of
// different days (as of two coordinators), and one before and one after them.
class HistoryPagesTest : public QuestionsTest {
 protected:
  HistoryPagesTest()
      : QuestionsTest(LibraryOf({*policy::LoadFile(OVERSIGHT_POLICIES_DIR "/islington/islington.txtpb")})) {
    Tell("compliance", Parse<v1::PolicyAssignment>(
                           "name: 'authorities/example/policyAssignments/i' policy: 'policies/islington' "
                           "start_date { year: 2026 month: 1 day: 1 }"));
    TellCheck("before", 2, "month: 3 day: 2");
    for (int i = 0; i < kOfOneDay; ++i)
      TellCheck(absl::StrCat("c", i), 9, absl::StrCat("month: ", 8 - i, " day: ", 10 + i));
    TellCheck("after", 12, "month: 4 day: 1");
  }

  void TellCheck(const std::string& id, int held_in_january, const std::string& next) {
    Tell("supervision",
         Parse<supervision::v1::MidwayCheck>(absl::StrCat(
             "name: 'authorities/example/midwayChecks/", id, "' case: 'authorities/example/cases/c1' ",
             "previous_review_date { year: 2026 month: 1 day: ", held_in_january, " } ",
             "next_review_date { year: 2026 ", next, " }")));
  }
};

std::set<std::string> Names(const v1::ListFindingHistoryResponse& history) {
  std::set<std::string> names;
  for (const v1::Finding& finding : history.findings()) names.insert(finding.name());
  return names;
}

TEST_F(HistoryPagesTest, OfAnySizeLoseNothingAndSayNothingTwice) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto whole, History(kWhich));
  ASSERT_THAT(whole.findings(), SizeIs(kOfOneDay + 2));
  // Each of them is itself, also beside the one that speaks for the rule.
  std::set<std::string> due;
  for (const v1::Finding& finding : whole.findings()) due.insert(Text(finding.due_date()));
  EXPECT_THAT(due, SizeIs(kOfOneDay + 2));
  for (int size = 1; size <= whole.findings_size() + 1; ++size) {
    SCOPED_TRACE(size);
    v1::ListFindingHistoryResponse paged;
    std::string token;
    do {
      OVERSIGHT_ASSERT_OK_AND_ASSIGN(
          const auto page, History(absl::StrCat(kWhich, "page_size: ", size, " page_token: '", token, "'")));
      ASSERT_THAT(page.findings(), SizeIs(Le(size)));
      ASSERT_LE(paged.findings_size(), whole.findings_size());
      paged.mutable_findings()->MergeFrom(page.findings());
      token = page.next_page_token();
    } while (!token.empty());
    EXPECT_EQ(paged.SerializeAsString(), whole.SerializeAsString());
  }
}

TEST_F(HistoryPagesTest, GoOnWhereTheyEndedAlsoWhenEarlierGapsHaveComeMeanwhile) {
  const std::string by_four = absl::StrCat(kWhich, "page_size: 4 ");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto whole, History(kWhich));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto first, History(by_four));
  TellCheck("a", 5, "month: 9 day: 1");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto second, History(absl::StrCat(by_four, "page_token: '", first.next_page_token(), "'")));
  ASSERT_THAT(second.findings(), SizeIs(4));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(Text(second.findings(i).due_date()), Text(whole.findings(4 + i).due_date()));
}

TEST_F(HistoryPagesTest, EachGapHasANameOfItsOwnThatStaysWhenOthersOfItsDayCome) {
  // Those of one day are the oldest now, so that one of them speaks for the rule.
  TellCheck("before", 12, "month: 3 day: 2");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto before, History(kWhich));
  EXPECT_THAT(Names(before), SizeIs(kOfOneDay + 2));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explanation, Explain(kWhich));
  EXPECT_EQ(explanation.finding().instance(), "2026-01-09");
  EXPECT_THAT(Names(before), Contains(explanation.finding().name()));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list, List("rules: 'islington.midway-check'"));
  ASSERT_THAT(list.findings(), SizeIs(1));
  EXPECT_EQ(list.findings(0).name(), explanation.finding().name());
  TellCheck("a", 9, "month: 9 day: 1");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto after, History(kWhich));
  EXPECT_THAT(Names(after), SizeIs(kOfOneDay + 3));
  EXPECT_THAT(Names(after), IsSupersetOf(Names(before)));
}

TEST_F(HistoryPagesTest, AMonthThatTwoDutiesShareIsToldOnce) {
  const auto assign = [&](const std::string& id, const std::string& days) {
    Tell("compliance",
         Parse<v1::PolicyAssignment>(absl::StrCat("name: 'authorities/example/policyAssignments/", id,
                                                  "' policy: 'policies/islington' start_date ", days)));
  };
  assign("i", "{ year: 2026 month: 1 day: 1 } end_date { year: 2026 month: 3 day: 12 }");
  assign("j", "{ year: 2026 month: 3 day: 18 }");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto history,
      History("rule: 'islington.every-case-monthly' subject: 'authorities/example/cases/c1'"));
  std::vector<std::string> months;
  for (const v1::Finding& finding : history.findings()) months.push_back(finding.instance());
  EXPECT_THAT(months, ElementsAre("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"));
}

TEST_F(HistoryPagesTest, TheOneThatSpeaksSaysHowManyMoreAreOpen) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explanation, Explain(kWhich));
  EXPECT_EQ(explanation.finding().instance(), "2026-01-02");
  EXPECT_THAT(explanation.reasoning(),
              Contains("Beside it 7 more are open: 5 OVERDUE, 1 DUE_SOON, 1 PENDING."));
}

}  // namespace
}  // namespace oversight::compliance
