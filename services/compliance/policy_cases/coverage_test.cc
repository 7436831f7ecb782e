#include "services/compliance/policy_cases/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/compliance/policy_cases/cases_for_test.h"

namespace oversight::policy_cases {
namespace {

using testing::CasesOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Pack;

FactSet Facts(const std::vector<std::string>& lines) {
  FactSet facts;
  std::vector<policy::Fault> faults;
  for (const std::string& line : lines) facts.Apply({line, {}}, faults);
  for (const policy::Fault& fault : faults) ADD_FAILURE() << fault.message;
  return facts;
}

Step Between(const std::string& a, const std::string& b) {
  const std::string shared = "workers/anna employment_start_date=2022-05-02";
  return StepBetween(Facts({shared, a}), Facts({shared, b}));
}

TEST(StepTest, DaysAndInstants) {
  EXPECT_EQ(Between("sessions/s1 date=2024-01-31", "sessions/s1 date=2024-02-01"), Step::kTime);
  EXPECT_EQ(Between("sessions/s1 date=2024-01-31", "sessions/s1 date=2024-02-02"), Step::kNone);
  // Thursday before Easter and the Tuesday after it are working days with none between.
  EXPECT_EQ(Between("sessions/s1 date=2024-03-28", "sessions/s1 date=2024-04-02"), Step::kTime);
  EXPECT_EQ(Between("sessions/s1 date=2024-03-28", "sessions/s1 date=2024-04-03"), Step::kNone);
  EXPECT_EQ(Between("sessions/s1 start_time=2024-01-31T10:00Z", "sessions/s1 start_time=2024-01-31T10:01Z"),
            Step::kTime);
  EXPECT_EQ(Between("sessions/s1 start_time=2024-01-31T10:00Z", "sessions/s1 start_time=2024-01-31T10:02Z"),
            Step::kNone);
  // Over midnight the day moves along.
  EXPECT_EQ(Between("sessions/s1 start_time=2024-01-31T23:59Z", "sessions/s1 start_time=2024-02-01T00:00Z"),
            Step::kTime);
}

TEST(StepTest, NumbersRecordsAndTheRest) {
  EXPECT_EQ(Between("sessions/s1 uninterrupted_minutes=89", "sessions/s1 uninterrupted_minutes=90"),
            Step::kNumber);
  EXPECT_EQ(Between("sessions/s1 uninterrupted_minutes=88", "sessions/s1 uninterrupted_minutes=90"),
            Step::kNone);
  EXPECT_EQ(Between("sessions/s1 reflective", "sessions/s1 reflective=no"), Step::kValue);
  EXPECT_EQ(Between("sessions/s1 kind=group", "sessions/s1 kind=informal"), Step::kValue);
  EXPECT_EQ(Between("sessions/s1 date=2024-01-31", "sessions/s1"), Step::kValue);
  // Two fields at once, or the same: no step.
  EXPECT_EQ(Between("sessions/s1 kind=group reflective", "sessions/s1 kind=informal"), Step::kNone);
  EXPECT_EQ(Between("sessions/s1 date=2024-01-31 reflective", "sessions/s1 date=2024-02-01"), Step::kNone);
  EXPECT_EQ(Between("sessions/s1", "sessions/s1"), Step::kNone);
  EXPECT_EQ(
      StepBetween(Facts({"workers/a"}), Facts({"workers/a", "sessions/s1", "sessions/s1/caseDiscussions/d"})),
      Step::kRecord);
  EXPECT_EQ(StepBetween(Facts({"workers/a"}), Facts({"workers/a", "sessions/s1", "sessions/s2"})),
            Step::kNone);
  EXPECT_EQ(StepBetween(Facts({"sessions/s1"}), Facts({"sessions/s2"})), Step::kNone);
  EXPECT_EQ(StepBetween(Facts({"workers/a"}), Facts({"workers/a employer=x", "sessions/s1"})), Step::kNone);
}

TEST(StepTest, WhatIsAboutTimeWantsTimeToShowIt) {
  const auto rule = [pack = Pack("walsall")](const std::string& id) -> const engine::Rule& {
    for (const engine::Rule& candidate : pack->policy.rules) {
      if (candidate.id == id) return candidate;
    }
    std::abort();
  };
  for (const char* timed : {"walsall.supervision-frequency", "walsall.matter-until-resolved"}) {
    EXPECT_TRUE(ShowsBoundary(rule(timed), Step::kNextDay));
    EXPECT_TRUE(ShowsBoundary(rule(timed), Step::kTime));
    EXPECT_FALSE(ShowsBoundary(rule(timed), Step::kRecord));
    EXPECT_FALSE(ShowsBoundary(rule(timed), Step::kValue));
  }
  for (const char* judged_once : {"walsall.reflective", "walsall.residential-coverage"})
    EXPECT_TRUE(ShowsBoundary(rule(judged_once), Step::kValue));
  const auto national = Pack("national");
  for (const engine::Rule& candidate : national->policy.rules) {
    if (candidate.As<engine::Minimum>() == nullptr) continue;
    EXPECT_TRUE(ShowsBoundary(candidate, Step::kNumber));
    EXPECT_FALSE(ShowsBoundary(candidate, Step::kValue));
  }
  EXPECT_FALSE(ShowsBoundary(rule("walsall.reflective"), Step::kNone));
}

constexpr absl::string_view kReflective = R"(
rule: "walsall.reflective"
subject: "sessions/s1"
assigned: "2024-01-01.."
facts: "workers/anna"
facts: "sessions/s1 supervisee=anna kind=formal_one_to_one state=held date=2024-01-31 reflective reflective_tool=gibbs"
)";

RowCoverage Covered(absl::string_view cases_text) {
  const std::vector<Case> cases =
      CasesOf("walsall", absl::StrCat(std::string(kReflective), std::string(cases_text)));
  std::vector<CaseResult> results;
  for (const Case& one : cases) results.push_back(RunCase(one));
  for (RowCoverage& row : Cover(Pack("walsall")->policy, cases, results)) {
    if (row.rule == "walsall.reflective") return row;
  }
  ADD_FAILURE() << "the rule is not there";
  return {};
}

TEST(CoverageTest, ARowLacksWhatNoCaseShows) {
  const char* const none = R"(cases { id: "none" shows: "x" on { day: "2024-01-30" none: true } })";
  EXPECT_THAT(Covered(none).Lacking(), ElementsAre("a kept one", "a broken one", "a boundary"));
  const char* const kept = R"(cases { id: "kept" shows: "x" on { day: "2024-01-31" status: STATUS_MET } })";
  EXPECT_THAT(Covered(kept).Lacking(), ElementsAre("a broken one", "a boundary"));
  // Two fields differ: broken, but no boundary.
  const std::string far = absl::StrCat(kept, R"(
    cases { id: "far" shows: "x" facts: "sessions/s1 reflective=no reflective_tool="
            on { day: "2024-01-31" status: STATUS_BREACHED } })");
  EXPECT_THAT(Covered(far).Lacking(), ElementsAre("a boundary"));
  const std::string near = absl::StrCat(kept, R"(
    cases { id: "near" shows: "x" facts: "sessions/s1 reflective=no"
            on { day: "2024-01-31" status: STATUS_BREACHED } })");
  const RowCoverage row = Covered(near);
  EXPECT_THAT(row.Lacking(), IsEmpty());
  EXPECT_EQ(row.cases, 2);
  EXPECT_EQ(row.kept, 1);
  EXPECT_EQ(row.broken, 1);
  EXPECT_EQ(row.boundaries, 1);
  EXPECT_EQ(row.edges, 0);
}

TEST(CoverageTest, WhatDidNotComeOutAsExpectedShowsNothing) {
  EXPECT_THAT(Covered(R"(cases { id: "wrong" shows: "x" on { day: "2024-01-31" status: STATUS_BREACHED } })")
                  .Lacking(),
              ElementsAre("a kept one", "a broken one", "a boundary"));
}

TEST(CoverageTest, WhereARuleBeginsToApplyIsAnEdge) {
  const RowCoverage row = Covered(R"(cases { id: "edge" shows: "x"
      on { day: "2024-01-30" none: true } on { day: "2024-01-31" status: STATUS_MET } })");
  EXPECT_EQ(row.edges, 1);
  EXPECT_EQ(row.boundaries, 0);
}

TEST(CoverageTest, EveryRuleAndRowIsListed) {
  const auto pack = Pack("walsall");
  std::vector<std::string> rows;
  for (const RowCoverage& row : Cover(pack->policy, {}, {}))
    rows.push_back(absl::StrCat(row.rule, "/", row.row));
  EXPECT_EQ(rows.size(), 13u) << rows.size();
  EXPECT_THAT(rows, ::testing::Contains("walsall.supervision-frequency/as-agreed"));
  EXPECT_THAT(rows, ::testing::Contains("walsall.reflective/"));
}

}  // namespace
}  // namespace oversight::policy_cases
