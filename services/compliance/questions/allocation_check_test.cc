// May this worker take this case? Asked of Lincolnshire's pack, whose rules for students block, and of the
// national standards, whose limits on workload do not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/workforce/v1/capacity.pb.h"
#include "oversight/workforce/v1/development.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/questions/questions_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Parse;
using testing::QuestionsTest;

constexpr char kDay[] = "date { year: 2026 month: 4 day: 10 } ";
constexpr char kSince[] = "start_date { year: 2026 month: 1 day: 5 } ";

// Sam is a student whom Mona, a practice supervisor, supervises. Anna is the keyworker of c1, of a child in
// need of protection; nobody holds c2.
class AllocationCheckTest : public QuestionsTest {
 protected:
  AllocationCheckTest()
      : QuestionsTest(LibraryOf({*policy::LoadFile(OVERSIGHT_POLICIES_DIR "/lincolnshire/lincolnshire.txtpb"),
                                 *policy::LoadFile(OVERSIGHT_POLICIES_DIR "/national/national.txtpb")})) {
    TellAssignment("lincolnshire");
    TellAssignment("national");
    Worker("sam");
    Of<workforce::v1::StudentPlacement>("sam/studentPlacements/p",
                                        absl::StrCat("route: ROUTE_UNIVERSITY ", kSince));
    Of<workforce::v1::SupervisorLink>(
        "sam/supervisorLinks/l",
        absl::StrCat("supervisor: 'authorities/example/workers/mona' function: FUNCTION_LINE_MANAGEMENT ",
                     kSince));
    Worker("mona");
    Of<workforce::v1::Post>("mona/posts/p",
                            absl::StrCat("position: POSITION_PRACTICE_SUPERVISOR ",
                                         "career_stage: CAREER_STAGE_EXPERIENCED_SOCIAL_WORKER ", kSince));
  }
  void TellAssignment(const std::string& policy) {
    Tell("compliance", Parse<v1::PolicyAssignment>(absl::StrCat(
                           "name: 'authorities/example/policyAssignments/", policy, "' policy: 'policies/",
                           policy, "' start_date { year: 2026 month: 1 day: 1 }")));
  }
  template <typename Resource>
  void Of(const std::string& beneath, const std::string& text) {
    Tell("workforce",
         Parse<Resource>(absl::StrCat("name: 'authorities/example/workers/", beneath, "' ", text)));
  }
  void Worker(const std::string& id) {
    Of<workforce::v1::Worker>(id, "employment_start_date { year: 2026 month: 1 day: 5 }");
  }
  // Sam may work with children in need.
  ledger::v1::Entry Assessment(bool level_met) {
    return ledgers_.Put(
        "workforce", Parse<workforce::v1::CapabilityAssessment>(
                         absl::StrCat("name: 'authorities/example/workers/sam/capabilityAssessments/c' ",
                                      "purpose: PURPOSE_CASEWORK level: CAREER_STAGE_READINESS_FOR_PRACTICE ",
                                      "level_met: ", level_met ? "true" : "false",
                                      " may_work_on_statuses: CASE_STATUS_CHILD_PROTECTION ",
                                      "assessed_date { year: 2026 month: 2 day: 2 }")));
  }
  absl::StatusOr<type::v1::AllocationCheck> Ask(const std::string& worker, const std::string& the_case,
                                                const std::string& role,
                                                const std::vector<std::string>& after = {}) {
    std::string request =
        absl::StrCat("case: 'authorities/example/cases/", the_case, "' worker: 'authorities/example/workers/",
                     worker, "' role: ALLOCATION_ROLE_", role, " ", kDay);
    for (const std::string& token : after.empty() ? after_ : after)
      absl::StrAppend(&request, "after_tokens: '", token, "' ");
    return Check(request);
  }
  // The rules that block.
  static std::vector<std::string> Blocking(const type::v1::AllocationCheck& check) {
    std::vector<std::string> rules;
    for (const auto& broken : check.findings()) {
      if (broken.blocks()) rules.push_back(broken.rule());
    }
    return rules;
  }
  static const type::v1::AllocationCheck::Broken* Find(const type::v1::AllocationCheck& check,
                                                       const std::string& rule) {
    for (const auto& broken : check.findings()) {
      if (broken.rule() == rule) return &broken;
    }
    return nullptr;
  }
};

TEST_F(AllocationCheckTest, AStudentIsNeverTheKeyworkerAndTheClauseSaysSo) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto check, Ask("sam", "c2", "KEYWORKER"));
  EXPECT_EQ(check.verdict(), type::v1::AllocationCheck::VERDICT_BLOCKED);
  const auto* never = Find(check, "lincolnshire.never-keyworker");
  ASSERT_NE(never, nullptr);
  EXPECT_TRUE(never->blocks());
  EXPECT_THAT(never->clause(), HasSubstr("3 and 8: A case is never allocated to a student social worker"));
  EXPECT_THAT(never->subject(), HasSubstr("authorities/example/cases/c2/allocations/"));
  EXPECT_EQ(never->status(), type::v1::AllocationCheck::Broken::STATUS_BREACHED);
  // Whoever is qualified may.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto anna, Ask("anna", "c2", "KEYWORKER"));
  EXPECT_EQ(anna.verdict(), type::v1::AllocationCheck::VERDICT_ALLOWED);
  EXPECT_THAT(Blocking(anna), IsEmpty());
}

TEST_F(AllocationCheckTest, AnInvolvedStudentNeedsTheAssessedCompetencies) {
  const std::string role = "INVOLVED_WORKER_SUPERVISED_STUDENT";
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto without, Ask("sam", "c1", role));
  EXPECT_EQ(without.verdict(), type::v1::AllocationCheck::VERDICT_BLOCKED);
  EXPECT_THAT(Blocking(without), ElementsAre("lincolnshire.involved-worker"));
  EXPECT_THAT(Find(without, "lincolnshire.involved-worker")->clause(),
              HasSubstr("if they have the competencies"));
  // Assessed, and the level not met.
  replica_.Tell("workforce", {Assessment(false)});
  after_ = {ledgers_.TokenAhead("workforce", 0)};
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto not_met, Ask("sam", "c1", role));
  EXPECT_THAT(Blocking(not_met), ElementsAre("lincolnshire.involved-worker"));
  replica_.Tell("workforce", {Assessment(true)});
  after_ = {ledgers_.TokenAhead("workforce", 0)};
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto with, Ask("sam", "c1", role));
  EXPECT_EQ(with.verdict(), type::v1::AllocationCheck::VERDICT_ALLOWED);
  EXPECT_THAT(Blocking(with), IsEmpty());
  // Under nobody's keywork, and in any other role: still not.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto alone, Ask("sam", "c2", role));
  EXPECT_THAT(Blocking(alone), ElementsAre("lincolnshire.involved-worker"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto coworker, Ask("sam", "c1", "COWORKER"));
  EXPECT_THAT(Blocking(coworker), ElementsAre("lincolnshire.involved-worker"));
}

TEST_F(AllocationCheckTest, WaitsForWhatTheCallerHasWritten) {
  const std::string role = "INVOLVED_WORKER_SUPERVISED_STUDENT";
  const std::vector<std::string> written = {ledgers_.TokenAhead("workforce", 1)};
  absl::StatusOr<type::v1::AllocationCheck> check;
  std::thread asking([&] { check = Ask("sam", "c1", role, written); });
  // The answer rests on the assessment, whichever comes first: the question or the entry.
  replica_.Tell("workforce", {Assessment(true)});
  asking.join();
  OVERSIGHT_ASSERT_OK(check.status());
  EXPECT_EQ(check->verdict(), type::v1::AllocationCheck::VERDICT_ALLOWED);
  EXPECT_THAT(check->tokens(), ::testing::Contains(written.front()));
}

TEST_F(AllocationCheckTest, InTheFirstYearATenthLessIsTooMuchSooner) {
  // Both may carry two cases; Nia is newly qualified, so 90 % of that.
  for (const char* worker : {"nia", "ben"}) {
    const bool newly = worker == std::string("nia");
    if (newly) Worker("nia");
    Of<workforce::v1::Post>(
        absl::StrCat(worker, "/posts/p"),
        absl::StrCat("career_stage: CAREER_STAGE_", newly ? "NEWLY_QUALIFIED " : "SOCIAL_WORKER ",
                     "case_holding: true ", kSince));
    Of<workforce::v1::Capacity>(absl::StrCat(worker, "/capacities/c"), absl::StrCat("points: 2 ", kSince));
  }
  Of<workforce::v1::AsyeProgramme>("nia/asyeProgrammes/a", kSince);
  Of<workforce::v1::SupervisorLink>(
      "nia/supervisorLinks/l",
      absl::StrCat("supervisor: 'authorities/example/workers/mona' function: FUNCTION_LINE_MANAGEMENT ",
                   kSince));
  // Of four cases each takes one, then is asked to take another.
  TellCase("n1", "nia");
  TellCase("b1", "ben");
  after_ = {ledgers_.TokenAhead("caseload", 0), ledgers_.TokenAhead("workforce", 0)};
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto nia, Ask("nia", "c2", "KEYWORKER"));
  const auto* too_much = Find(nia, "national.workload");
  ASSERT_NE(too_much, nullptr);
  EXPECT_EQ(too_much->subject(), "authorities/example/workers/nia");
  EXPECT_FALSE(too_much->blocks()) << "it is for the supervisor to weigh";
  EXPECT_EQ(nia.verdict(), type::v1::AllocationCheck::VERDICT_ALLOWED);
  EXPECT_TRUE(nia.load().on_asye());
  EXPECT_EQ(nia.load().cases_held(), 2);
  // Anna, Ben, Nia and Sam; Anna's, Nia's two with this one, and Ben's.
  EXPECT_EQ(nia.load().supervisor(), "authorities/example/workers/mona");
  EXPECT_EQ(nia.load().supervisor_workers(), 4);
  EXPECT_EQ(nia.load().supervisor_cases(), 4);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto ben, Ask("ben", "c2", "KEYWORKER"));
  EXPECT_EQ(Find(ben, "national.workload"), nullptr) << "two are not more than two";
  EXPECT_FALSE(ben.load().on_asye());
  // An authority that settles the share for the first year at all of it.
  Tell("compliance", Parse<v1::PolicyAssignment>(
                         "name: 'authorities/example/policyAssignments/national' policy: 'policies/national' "
                         "start_date { year: 2026 month: 1 day: 1 } overrides { rule: 'national.workload' "
                         "field: 'standing.must.record.where.measure.percent_where.percent' value: 100 }"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto settled, Ask("nia", "c2", "KEYWORKER"));
  EXPECT_EQ(Find(settled, "national.workload"), nullptr);
}

}  // namespace
}  // namespace oversight::compliance
