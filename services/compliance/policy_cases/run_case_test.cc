#include "services/compliance/policy_cases/run_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/compliance/policy_cases/cases_for_test.h"

namespace oversight::policy_cases {
namespace {

using testing::CasesOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::string_view kAnna = R"(
rule: "walsall.supervision-frequency"
subject: "workers/anna"
assigned: "2024-01-01..2024-12-01"
facts: "workers/mona"
facts: "workers/anna employment_start_date=2022-05-02"
facts: "workers/anna/supervisorLinks/m supervisor=mona function=line_management 2022-05-02.."
facts: "sessions/s1 supervisee=anna supervisor=mona kind=formal_one_to_one state=held date=2024-01-31"
facts: "sessions/s2 like=sessions/s1 date=2024-02-05 kind=group"
)";

// What differs when a case with these expectations, in text, is run.
std::vector<std::string> Differences(absl::string_view on, absl::string_view facts = "") {
  const std::vector<Case> cases =
      CasesOf("walsall", absl::StrCat(std::string(kAnna), "cases { id: \"one\" shows: \"x\"\n",
                                      std::string(facts), "\n", std::string(on), "\n}\n"));
  std::vector<std::string> differences;
  if (cases.size() != 1) return differences;
  for (const policy::Fault& difference : RunCase(cases.front()).differences)
    differences.push_back(absl::StrCat(difference.line, ":", difference.column, ": ", difference.message));
  return differences;
}

TEST(RunCaseTest, WhatComesOutAsExpectedDiffersInNothing) {
  EXPECT_THAT(Differences(R"(
    on { day: "2023-12-31" none: true }
    on { day: "2024-02-29" status: STATUS_DUE_SOON row: "monthly" due: "2024-02-29" counted_from: "2024-01-31"
         because: "sessions/s1" because: "workers/anna/supervisorLinks/m" not_counted: "sessions/s2"
         clause: "paragraph 4" days_overdue: 0 says: "the last one that counts" }
    on { day: "2024-03-01" status: STATUS_OVERDUE due: "2024-02-29" days_overdue: 1 }
    on { day: "2024-12-01" none: true })"),
              ::testing::IsEmpty());
}

TEST(RunCaseTest, EachThingThatIsExpectedIsCompared) {
  const std::pair<absl::string_view, absl::string_view> wrong[] = {
      {R"(status: STATUS_MET)", "expected MET, but it is OVERDUE"},
      {R"(none: true)", "expected no finding, but it is OVERDUE"},
      {R"(status: STATUS_OVERDUE row: "as-agreed")", "expected row as-agreed, but it is monthly"},
      {R"(status: STATUS_OVERDUE due: "2024-03-01")", "expected due 2024-03-01, but it is 2024-02-29"},
      {R"(status: STATUS_OVERDUE due: "never")", "expected due never, but it is 2024-02-29"},
      {R"(status: STATUS_OVERDUE counted_from: "2024-01-01")",
       "expected counted_from 2024-01-01, but it is 2024-01-31"},
      {R"(status: STATUS_OVERDUE days_overdue: 0)", "expected 0 days overdue, but there are 1"},
      {R"(status: STATUS_OVERDUE missing: "the day")",
       "expected `the day` to be missing, but what is missing is nothing"},
      {R"(status: STATUS_OVERDUE clause: "paragraph 5")",
       "expected clause paragraph 5, but it cites paragraph 4"},
      {R"(status: STATUS_OVERDUE because: "sessions/s2")",
       "expected because sessions/s2, but there is sessions/s1"},
      {R"(status: STATUS_OVERDUE not_counted: "sessions/s1")",
       "expected not_counted sessions/s1, but there is sessions/s2"},
      {R"(status: STATUS_OVERDUE says: "absence")", "the reasoning does not say `absence`"},
      {R"(status: STATUS_OVERDUE lacking: "sessions/s1")", "expected 1 cases lacking, but there are 0"},
  };
  for (const auto& [expected, words] : wrong) {
    const auto differences =
        Differences(absl::StrCat("on { day: \"2024-03-01\" ", std::string(expected), " }"));
    ASSERT_EQ(differences.size(), 1u) << std::string(expected);
    EXPECT_THAT(differences[0], StartsWith("12:1: case one, on 2024-03-01: ")) << std::string(expected);
    EXPECT_THAT(differences[0], HasSubstr(std::string(words)));
    EXPECT_THAT(
        differences[0],
        HasSubstr("found: OVERDUE, row monthly, counted from 2024-01-31, due 2024-02-29, 1 days overdue"));
  }
}

TEST(RunCaseTest, WhereThereIsNoFindingNothingIsMistakenForOne) {
  EXPECT_THAT(Differences(R"(on { day: "2023-12-31" status: STATUS_MET })"),
              ::testing::ElementsAre("12:1: case one, on 2023-12-31: expected MET, but there is no finding"));
}

TEST(RunCaseTest, AFactOfTheCaseStandsBeforeThatOfTheFile) {
  EXPECT_THAT(Differences(R"(on { day: "2024-03-01" status: STATUS_MET counted_from: "2024-02-12" })",
                          R"(facts: "sessions/s1 date=2024-02-12")"),
              ::testing::IsEmpty());
}

TEST(RunCaseTest, AMissingInputIsNamed) {
  const std::vector<Case> cases = CasesOf("national", R"(
rule: "national.supervision-frequency"
subject: "workers/ned"
facts: "workers/mona"
facts: "workers/ned"
facts: "workers/ned/posts/p career_stage=newly_qualified designated_social_work 2024-01-08.."
facts: "workers/ned/supervisorLinks/m supervisor=mona function=line_management 2024-01-08.."
cases {
  id: "no-start" shows: "Nobody knows when he was employed."
  on { day: "2024-02-01" status: STATUS_UNKNOWN missing: "employment began" }
})");
  ASSERT_EQ(cases.size(), 1u);
  const CaseResult result = RunCase(cases[0]);
  EXPECT_TRUE(result.differences.empty()) << result.differences[0].message;
}

}  // namespace
}  // namespace oversight::policy_cases
