// How often a worker must have a session, asked as a client asks it. On 10 April 2026; Anna's last session
// was on 2 March, Ben's on 1 April, both with Mona, their line manager.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "oversight/compliance/v1/frequency.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/questions/questions_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Parse;
using ::testing::SizeIs;
using testing::Text;

constexpr char kOfAnna[] = "worker: 'authorities/example/workers/anna' ";
constexpr char kMona[] = "supervisor: 'authorities/example/workers/mona' ";

std::string On(const std::string& field, int year, int month, int day) {
  return absl::StrCat(field, " { year: ", year, " month: ", month, " day: ", day, " } ");
}

class FrequencyTest : public testing::QuestionsTest {
 protected:
  FrequencyTest() { TellMona(); }
  explicit FrequencyTest(PolicyLibrary library) : QuestionsTest(std::move(library)) { TellMona(); }

  void TellMona() {
    Tell("workforce", Parse<workforce::v1::Worker>("name: 'authorities/example/workers/mona'"));
  }

  absl::StatusOr<v1::ProjectFrequencyResponse> Project(const std::string& request) {
    return Ask<v1::ProjectFrequencyRequest, v1::ProjectFrequencyResponse>("ProjectFrequency", request);
  }
  // `row from..until every 7 days`.
  static std::vector<std::string> Intervals(const v1::RequiredFrequency& required) {
    std::vector<std::string> said;
    for (const auto& interval : required.intervals()) {
      said.push_back(absl::StrCat(interval.row(), " ", Text(interval.start_date()), "..",
                                  Text(interval.end_date()), " ", interval.every_days(), "d ",
                                  interval.every_months(), "m"));
    }
    return said;
  }
};

TEST_F(FrequencyTest, WhatIsInForceFromTheLastSessionOn) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto said, Project(absl::StrCat(kOfAnna, kMona)));
  ASSERT_THAT(said.requirements(), SizeIs(1));
  const v1::RequiredFrequency& required = said.requirements(0);
  EXPECT_EQ(required.rule(), "knowsley.supervision-frequency");
  EXPECT_EQ(required.policy(), "policies/knowsley");
  EXPECT_EQ(required.clause().section(), "5");
  EXPECT_EQ(Text(required.start_date()), "2026-01-01");
  EXPECT_FALSE(required.has_end_date());
  EXPECT_EQ(Text(required.last_session_date()), "2026-03-02");
  EXPECT_THAT(Intervals(required), ElementsAre("registered 2026-03-02..2027-04-10 0d 1m"));
  ASSERT_THAT(required.counted(), SizeIs(1));
  EXPECT_EQ(Text(required.counted(0).start_date()), "2026-04-10");
  EXPECT_EQ(Text(required.counted(0).end_date()), "2027-04-10");
  EXPECT_THAT(required.moved(), IsEmpty());
  EXPECT_THAT(said.tokens(), Not(IsEmpty()));
}

TEST_F(FrequencyTest, ChangesThatAreKnownAhead) {
  // A placement of ten weeks, in the sixth of which Anna is away for long.
  Tell("workforce",
       Parse<workforce::v1::StudentPlacement>(absl::StrCat(
           "name: 'authorities/example/workers/anna/studentPlacements/p' ", "route: ROUTE_UNIVERSITY ",
           On("start_date", 2026, 5, 4), On("end_date", 2026, 7, 13))));
  Tell("workforce", Parse<workforce::v1::Absence>(
                        absl::StrCat("name: 'authorities/example/workers/anna/absences/a' ",
                                     On("first_date", 2026, 6, 8), On("last_date", 2026, 6, 12))));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto said, Project(absl::StrCat(kOfAnna, On("end_date", 2026, 9, 1))));
  // Before it, during it and after it: a placement restarts the run, its end does not.
  ASSERT_THAT(said.requirements(), SizeIs(2));
  EXPECT_THAT(Intervals(said.requirements(0)), ElementsAre("registered 2026-03-02..2026-05-04 0d 1m"));
  EXPECT_EQ(Text(said.requirements(0).end_date()), "2026-05-04");
  EXPECT_FALSE(said.requirements(1).has_last_session_date());
  EXPECT_THAT(Intervals(said.requirements(1)), ElementsAre("student-weeks-1-6 2026-05-04..2026-06-15 7d 0m",
                                                           "student-after 2026-06-15..2026-07-13 14d 0m",
                                                           "registered 2026-07-13..2026-09-01 0d 1m"));
  // From the weekend before it on, which leads to its first day.
  ASSERT_THAT(said.requirements(1).moved(), SizeIs(1));
  EXPECT_EQ(Text(said.requirements(1).moved(0).first_date()), "2026-06-06");
  EXPECT_EQ(Text(said.requirements(1).moved(0).last_date()), "2026-06-12");
  EXPECT_EQ(Text(said.requirements(1).moved(0).due_date()), "2026-06-19");
}

TEST_F(FrequencyTest, OnlyWhatTheSessionsAskedAboutCountFor) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto group, Project(absl::StrCat(kOfAnna, "kind: KIND_GROUP")));
  EXPECT_THAT(group.requirements(), IsEmpty());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto formal,
                                 Project(absl::StrCat(kOfAnna, "kind: KIND_FORMAL_ONE_TO_ONE")));
  EXPECT_THAT(formal.requirements(), SizeIs(1));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto ben, Project(absl::StrCat(kOfAnna, "supervisor: 'authorities/example/workers/ben'")));
  EXPECT_THAT(ben.requirements(), IsEmpty());
}

// Of Anna's post the career stage is known and the employment basis is not. Each rule asks for both.
constexpr char kDemo[] = R"(id: "demo" version: 1 title: "A policy" authority: "An authority"
documents { id: "doc" title: "The document" published: "2020" }
effective_from { year: 2020 month: 1 day: 1 }
rules {
  id: "demo.stricter" title: "More often" severity: SEVERITY_REQUIRED
  clause { document: "doc" section: "1" paraphrase: "More often for some." }
  recurring {
    supervision_session { kind: KIND_FORMAL_ONE_TO_ONE }
    rows { id: "weekly" title: "Weekly" every { days: 7 } when { record { of: "Post" via: "parent" in_force: true
      where { field { name: "career_stage" one_of { value: "NEWLY_QUALIFIED" } } } } } }
    rows { id: "fortnightly" title: "Fortnightly" every { days: 14 } when { record { of: "Post" via: "parent"
      in_force: true where { field { name: "employment_basis" one_of { value: "AGENCY" } } } } } }
    rows { id: "monthly" title: "Monthly" every { months: 1 } }
  }
}
rules {
  id: "demo.eased" title: "Less often" severity: SEVERITY_REQUIRED
  clause { document: "doc" section: "2" paraphrase: "Less often for some." }
  recurring {
    supervision_session { kind: KIND_FORMAL_ONE_TO_ONE }
    rows { id: "monthly" title: "Monthly" every { months: 1 } }
    rows { id: "eased" title: "Eased" every { months: 2 } in_place_of: "monthly" when { record { of: "Post" via: "parent"
      in_force: true where { field { name: "career_stage" one_of { value: "SOCIAL_WORKER" } }
                             field { name: "employment_basis" one_of { value: "AGENCY" } } } } } }
  }
}
rules {
  id: "demo.months" title: "Each month" severity: SEVERITY_REQUIRED about: "Worker"
  clause { document: "doc" section: "3" paraphrase: "Each month, of some." }
  when { record { of: "Post" via: "parent" in_force: true
    where { field { name: "career_stage" one_of { value: "SOCIAL_WORKER" } }
            field { name: "employment_basis" one_of { value: "AGENCY" } } } } }
  calendar_month { supervision_session { kind: KIND_FORMAL_ONE_TO_ONE } available_working_days: 5 }
})";

class MissingInputTest : public FrequencyTest {
 protected:
  MissingInputTest() : FrequencyTest(LibraryOf({*policy::Load("demo.txtpb", kDemo)})) {
    Tell("compliance",
         Parse<v1::PolicyAssignment>(absl::StrCat("name: 'authorities/example/policyAssignments/demo' ",
                                                  "policy: 'policies/demo' ", On("start_date", 2026, 1, 1))));
  }
};

TEST_F(MissingInputTest, IsNamedAsTheFindingNamesItAndNothingElseIs) {
  const auto expect_named = [&] {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto said, Project(kOfAnna));
    EXPECT_THAT(said.requirements(), SizeIs(3));
    for (const v1::RequiredFrequency& required : said.requirements()) {
      SCOPED_TRACE(required.rule());
      EXPECT_THAT(required.intervals(), Not(IsEmpty()));
      for (const auto& interval : required.intervals())
        EXPECT_THAT(interval.missing_inputs(), ElementsAre("employment_basis of Post"));
      OVERSIGHT_ASSERT_OK_AND_ASSIGN(
          const auto explanation,
          Explain(absl::StrCat("rule: '", required.rule(), "' subject: 'authorities/example/workers/anna'")));
      EXPECT_EQ(explanation.finding().status(), v1::Finding::STATUS_UNKNOWN);
      EXPECT_THAT(explanation.finding().missing_inputs(), ElementsAre("employment_basis of Post"));
    }
  };
  expect_named();
  // Nor is what no rule asks for.
  Tell("workforce", Parse<workforce::v1::Worker>("name: 'authorities/example/workers/anna'"));
  expect_named();
}

TEST_F(FrequencyTest, FaultsNameTheirFields) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  EXPECT_THAT(Project("worker: 'authorities/example/workers/nobody'"), refused);
  EXPECT_THAT(Project("worker: 'authorities/other/workers/anna'"), refused);
  EXPECT_THAT(Project(absl::StrCat(kOfAnna, "supervisor: 'authorities/example/workers/nobody'")), refused);
  EXPECT_THAT(Project(absl::StrCat(kOfAnna, On("start_date", 2026, 2, 30))), refused);
  EXPECT_THAT(Project(absl::StrCat(kOfAnna, On("start_date", 2026, 5, 1), On("end_date", 2026, 5, 1))),
              refused);
  EXPECT_THAT(Project(absl::StrCat(kOfAnna, On("start_date", 2026, 5, 1), On("end_date", 2029, 5, 2))),
              refused);
  OVERSIGHT_EXPECT_OK(
      Project(absl::StrCat(kOfAnna, On("start_date", 2026, 5, 1), On("end_date", 2029, 5, 1))).status());
}

}  // namespace
}  // namespace oversight::compliance
