#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/oversightctl/import/plan_for_test.h"

namespace oversight::ctl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using MappingTest = PlanTest;

std::string ExternalId(const std::string& id) {
  return absl::StrCat("external_ids { system: \"ssd\" id: \"", id, "\" }");
}

TEST_F(MappingTest, TeamsAndWorkers) {
  const Plan plan = PlanFiles({
      {"authority", "display_name,records_complete_from_date\nAnytown,2024-01-01\n"},
      {"ssd_department",
       "dept_team_id,dept_team_name,dept_team_parent_id,dept_team_parent_name\nT2,North,D1,Social Care\n"},
      {"teams", "team_id,service_area\nT2,children_with_disabilities\nT9,front_door\n"},
      {"ssd_professionals",
       "prof_professional_id,prof_staff_id,prof_professional_name,prof_agency_worker_flag\nW1,S1,Zoe "
       "Smith,\nW 2,,,\n"},
      {"workers", "worker_id,employment_start_date,employment_end_date\nW1,2020-02-01,\nW3,,2024-01-31\n"},
  });
  EXPECT_THAT(Refusals(plan), IsEmpty());
  EXPECT_THAT(
      Texts(plan, "authority"),
      ElementsAre("name: \"authorities/a\" display_name: \"Anytown\" records_complete_from_date { year: 2024 "
                  "month: 1 day: 1 } " +
                  ExternalId("authority/1")));
  EXPECT_THAT(
      Texts(plan, "teams"),
      ElementsAre(
          "name: \"authorities/a/teams/D1\" display_name: \"Social Care\" " + ExternalId("ssd_department/D1"),
          "name: \"authorities/a/teams/T2\" display_name: \"North\" service_area: "
          "SERVICE_AREA_CHILDREN_WITH_DISABILITIES parent_team: \"authorities/a/teams/D1\" " +
              ExternalId("ssd_department/T2"),
          "name: \"authorities/a/teams/T9\" display_name: \"T9\" service_area: SERVICE_AREA_FRONT_DOOR " +
              ExternalId("teams/T9")));
  EXPECT_THAT(
      Texts(plan, "workers"),
      ElementsAre("name: \"authorities/a/workers/W1\" employment_start_date { year: 2020 month: 2 day: 1 } " +
                      ExternalId("ssd_professionals/W1"),
                  ::testing::AllOf(::testing::StartsWith("name: \"authorities/a/workers/x-"),
                                   HasSubstr(ExternalId("ssd_professionals/W 2"))),
                  "name: \"authorities/a/workers/W3\" employment_end_date { year: 2024 month: 1 day: 31 } " +
                      ExternalId("workers/W3")));
  EXPECT_THAT(plan.notes(), Contains(HasSubstr("not stored: names, dates of birth, postcodes")));
}

TEST_F(MappingTest, OwnFilesBecomeRecordsOneToOne) {
  const Plan plan = PlanFiles({
      {"ssd_department", "dept_team_id,dept_team_name\nT1,North Team\n"},
      {"posts",
       "post_id,worker_id,role_title,career_stage,employment_basis,full_time_equivalent,team_id,case_holding,"
       "start_date,end_date\n"
       "P1,W1,Social Worker,social_worker,permanent,0.8,NORTH-TEAM,Yes,2024-01-01,2024-06-01\n"},
      {"supervisor_links",
       "supervisor_link_id,worker_id,supervisor_id,function,elements,cover_for_id,start_date,end_date\n"
       "L1,W1,W2,line_management,line_management;learning_and_career,,2024-01-01,\n"},
      {"absences", "absence_id,worker_id,kind,first_date,last_date\nA1,W1,sickness,2024-01-01,\n"},
      {"sessions",
       "session_id,supervisee_id,supervisor_id,kind,state,date,start_time,uninterrupted_minutes,cancellation_"
       "reason,"
       "replacement_id\n"
       "S1,W1,W2,formal_one_to_one,held,2024-01-05,2024-01-05T10:00:00Z,90,,\n"
       "S2,W1,W2,formal_one_to_one,cancelled,2024-01-12,,,ill,S3\n"},
      {"case_discussions",
       "case_discussion_id,session_id,person_id,depth,significant_decision\nD1,S1,C1,in_depth,1\n"},
      {"reduced_frequency_agreements",
       "agreement_id,person_id,ground,low_risk,no_carer_deficits,agreed_by_id,agreed_date,start_date,end_"
       "date\n"
       "R1,C1,support_only,Y,Y,W2,2024-01-01,2024-01-02,\n"},
      {"policy_assignments", "policy,start_date,end_date\nknowsley,2024-01-01,\n"},
  });
  EXPECT_THAT(Refusals(plan), IsEmpty());
  EXPECT_THAT(
      Texts(plan, "posts"),
      ElementsAre(
          "name: \"authorities/a/workers/W1/posts/P1\" role_title: \"Social Worker\" career_stage: "
          "CAREER_STAGE_SOCIAL_WORKER employment_basis: EMPLOYMENT_BASIS_PERMANENT "
          "full_time_equivalent: 0.8 team: \"authorities/a/teams/T1\" case_holding: true start_date { "
          "year: 2024 month: 1 day: 1 } end_date { year: 2024 month: 6 day: 1 } " +
          ExternalId("posts/P1")));
  EXPECT_THAT(
      Texts(plan, "supervisor links"),
      ElementsAre("name: \"authorities/a/workers/W1/supervisorLinks/L1\" supervisor: "
                  "\"authorities/a/workers/W2\" function: FUNCTION_LINE_MANAGEMENT elements: "
                  "ELEMENT_LINE_MANAGEMENT elements: ELEMENT_LEARNING_AND_CAREER start_date { year: 2024 "
                  "month: 1 day: 1 } " +
                  ExternalId("supervisor_links/L1")));
  EXPECT_THAT(
      Texts(plan, "absences"),
      ElementsAre(
          "name: \"authorities/a/workers/W1/absences/A1\" kind: KIND_SICKNESS first_date { year: 2024 "
          "month: 1 day: 1 } " +
          ExternalId("absences/A1")));
  EXPECT_THAT(
      Texts(plan, "sessions"),
      ElementsAre("name: \"authorities/a/sessions/S1\" supervisee: \"authorities/a/workers/W1\" supervisor: "
                  "\"authorities/a/workers/W2\" kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD date { year: "
                  "2024 month: 1 day: 5 } start_time { seconds: 1704448800 } uninterrupted_minutes: 90 " +
                      ExternalId("sessions/S1"),
                  "name: \"authorities/a/sessions/S2\" supervisee: \"authorities/a/workers/W1\" supervisor: "
                  "\"authorities/a/workers/W2\" kind: KIND_FORMAL_ONE_TO_ONE state: STATE_CANCELLED date { "
                  "year: 2024 month: 1 day: 12 } cancellation_reason: \"ill\" replacement: "
                  "\"authorities/a/sessions/S3\" " +
                      ExternalId("sessions/S2")));
  EXPECT_THAT(
      Texts(plan, "case discussions"),
      ElementsAre("name: \"authorities/a/sessions/S1/caseDiscussions/D1\" case: \"authorities/a/cases/C1\" "
                  "depth: DEPTH_IN_DEPTH significant_decision: true " +
                  ExternalId("case_discussions/D1")));
  EXPECT_THAT(
      Texts(plan, "reduced frequency agreements"),
      ElementsAre(
          "name: \"authorities/a/cases/C1/reducedFrequencyAgreements/R1\" ground: GROUND_SUPPORT_ONLY "
          "low_risk: true no_carer_deficits: true agreed_by: \"authorities/a/workers/W2\" agreed_date { "
          "year: 2024 month: 1 day: 1 } start_date { year: 2024 month: 1 day: 2 } " +
          ExternalId("reduced_frequency_agreements/R1")));
  EXPECT_THAT(
      Texts(plan, "policy assignments"),
      ElementsAre(
          "name: \"authorities/a/policyAssignments/knowsley-2024-01-01\" policy: \"policies/knowsley\" "
          "start_date { year: 2024 month: 1 day: 1 } " +
          ExternalId("policy_assignments/knowsley-2024-01-01")));
}

TEST_F(MappingTest, CasesStatusesAndTheirTraps) {
  const Plan plan = PlanFiles({
      // Born on 1 June 2006, date-times as databases write them; the name must go nowhere.
      {"ssd_person", "pers_person_id,pers_forename,pers_dob\nC1,Zoe,2006-06-01 00:00:00\n"},
      {"ssd_cin_episodes",
       "cine_referral_id,cine_person_id,cine_referral_date,cine_referral_nfa,cine_close_date\n"
       "E1,C1,2023-01-10T00:00:00,N,\nE2,C2,2024-02-01,Y,\n"},
      {"ssd_legal_status",
       "lega_legal_status_id,lega_person_id,lega_legal_status,lega_legal_status_start_date,lega_legal_status_"
       "end_date\n"
       "L1,C1,C2,2023-03-01,\nL2,C3,V4,2023-03-01,\n"},
  });
  EXPECT_THAT(Refusals(plan), IsEmpty());
  EXPECT_THAT(
      Texts(plan, "cases"),
      ElementsAre("name: \"authorities/a/cases/C1\" kind: KIND_CHILD open_periods { start_date { year: 2023 "
                  "month: 1 day: 10 } } " +
                  ExternalId("ssd_person/C1")))
      << "neither a referral without further action nor short breaks make a case";
  EXPECT_THAT(
      Texts(plan, "status periods"),
      ElementsAre(
          "name: \"authorities/a/cases/C1/statusPeriods/child-in-need-E1\" status: CASE_STATUS_CHILD_IN_NEED "
          "start_date { year: 2023 month: 1 day: 10 } end_date { year: 2023 month: 3 day: 1 } " +
              ExternalId("ssd_cin_episodes/E1"),
          "name: \"authorities/a/cases/C1/statusPeriods/looked-after-L1\" status: CASE_STATUS_LOOKED_AFTER "
          "start_date { year: 2023 month: 3 day: 1 } end_date { year: 2024 month: 6 day: 1 } " +
              ExternalId("ssd_legal_status/L1"),
          "name: \"authorities/a/cases/C1/statusPeriods/child-in-need-E1.2\" status: "
          "CASE_STATUS_CHILD_IN_NEED start_date { year: 2024 month: 6 day: 1 } " +
              ExternalId("ssd_cin_episodes/E1")));
}

TEST_F(MappingTest, PlacementsKeepTheirCarerWhenOnlyTheStatusChanged) {
  const Plan plan = PlanFiles({
      {"ssd_cla_placement",
       "clap_cla_placement_id,clap_person_id,clap_cla_placement_start_date,clap_cla_placement_type,"
       "clap_cla_placement_urn,clap_cla_placement_end_date,clap_cla_placement_change_reason,clap_cla_"
       "placement_postcode\n"
       "P1,C1,2023-01-01,U1,SC1,2023-05-01,PLACE,L1 1AA\n"
       "P2,C1,2023-05-01,U4,SC1,2023-08-01,CARPL,L1 1AA\n"
       "P3,C1,2023-08-01,K2,SC7,,,L1 1AA\n"
       "P4,C1,2023-08-10,T2,,2023-08-12,,\n"
       "P5,C2,2023-01-01,R1,SC7,,,\n"},
      {"placement_details",
       "cla_placement_id,carer_or_home,respite,permanence_implemented_date\nP5,HOME-9,N,2023-06-01\n"},
  });
  EXPECT_THAT(Refusals(plan), IsEmpty());
  std::vector<std::string> carers;
  for (const auto& kind : plan.kinds()) {
    if (kind.kind->label != "placements") continue;
    for (const Item& item : kind.items) {
      const auto& placement = static_cast<const caseload::v1::Placement&>(*item.resource);
      carers.push_back(absl::StrCat(placement.carer_or_home(), placement.respite() ? " respite" : "",
                                    placement.has_permanence_implemented_date() ? " permanent" : ""));
    }
  }
  EXPECT_THAT(carers, ElementsAre("placement:P1", "placement:P1", "urn:SC7", "placement:P4 respite",
                                  "HOME-9 permanent"));
}

TEST_F(MappingTest, AllocationsUnderstandRolesAndTeamsOfDifferentSystems) {
  const Plan plan = PlanFiles({
      {"ssd_department", "dept_team_id,dept_team_name\nT1,North Team\nT2,Twins\nT3,Twins\n"},
      {"ssd_involvements",
       "invo_involvements_id,invo_professional_id,invo_professional_role_id,invo_professional_team,invo_"
       "person_id,"
       "invo_involvement_start_date,invo_involvement_end_date,invo_worker_change_reason\n"
       "I1,W1,CW,T1,C1,2024-01-01,2024-02-01,LEFTRL\n"
       "I2,W2,ALLOCATED CASE WORKER,north team,C1,2024-02-01,,\n"
       "I3,W2,CW,Twins,C2,2024-02-01,,\n"
       "I4,W2,plumber,T1,C2,2024-02-01,,\n"},
  });
  EXPECT_THAT(
      Texts(plan, "allocations"),
      ElementsAre(
          "name: \"authorities/a/cases/C1/allocations/I1\" worker: \"authorities/a/workers/W1\" role: "
          "ALLOCATION_ROLE_KEYWORKER team: \"authorities/a/teams/T1\" end_reason: \"LEFTRL\" start_date "
          "{ year: 2024 month: 1 day: 1 } end_date { year: 2024 month: 2 day: 1 } " +
              ExternalId("ssd_involvements/I1"),
          HasSubstr("team: \"authorities/a/teams/T1\""), Not(HasSubstr("team:"))));
  EXPECT_THAT(Refusals(plan),
              ElementsAre(HasSubstr("ssd_involvements.csv:5: INVALID_ROW: the row cannot be taken "
                                    "(invo_professional_role_id: is \"plumber\" (known are ")));
  EXPECT_THAT(plan.notes(),
              Contains(HasSubstr("team \"Twins\" of 1 row(s) is neither the id nor the unmistakable")));
}

TEST_F(MappingTest, ReportsEveryFaultOfARowAndGoesOn) {
  const Plan plan = PlanFiles({
      {"posts",
       "post_id,worker_id,career_stage,full_time_equivalent,case_holding,start_date\n"
       "P1,W1,wizard,much,perhaps,tomorrow\n"
       "P2,,social_worker,,,2024-01-01\n"
       "P3,W1,social_worker,,,2024-01-01\n"
       "P3,W1,social_worker,,,2024-02-01\n"},
      {"ssd_cp_plans",
       "cppl_cp_plan_id,cppl_person_id,cppl_cp_plan_start_date,cppl_cp_plan_end_date\nX1,C1,2024-05-01,2024-"
       "04-01\n"},
      {"absences",
       "absence_id,worker_id,kind,first_date,last_date\nA1,W1,sickness,2024-01-01,\nA2,\"W1,sick"},
      {"sessions", "session_id,what\nS1,x\n"},
  });
  const auto refusals = Refusals(plan);
  EXPECT_THAT(refusals,
              Contains(::testing::AllOf(
                  HasSubstr("posts.csv:2: INVALID_ROW"), HasSubstr("career_stage: is \"wizard\""),
                  HasSubstr("full_time_equivalent: is not a number"),
                  HasSubstr("case_holding: is not a flag"), HasSubstr("start_date: is not a day"))));
  EXPECT_THAT(refusals,
              Contains(HasSubstr("posts.csv:3: INVALID_ROW: the row cannot be taken (worker_id: is empty)")));
  EXPECT_THAT(refusals, Contains(HasSubstr("posts.csv:5: INVALID_ROW: post_id is the same as on line 4")));
  EXPECT_THAT(refusals, Contains(HasSubstr("(cppl_cp_plan_end_date: lies before cppl_cp_plan_start_date)")));
  EXPECT_THAT(refusals,
              Contains(::testing::AllOf(HasSubstr("absences.csv:3: BROKEN_FILE"), HasSubstr("never ends"),
                                        HasSubstr("rows from here on are not imported"))));
  EXPECT_THAT(
      refusals,
      Contains(::testing::AllOf(HasSubstr("sessions.csv:1: BROKEN_FILE: missing column(s): "
                                          "supervisee_id, supervisor_id, kind; unknown column(s): what"))));
  EXPECT_EQ(refusals.size(), 6u) << absl::StrJoin(refusals, "\n");
  EXPECT_EQ(Texts(plan, "posts").size(), 1u);
  EXPECT_EQ(Texts(plan, "absences").size(), 1u) << "rows before the break are imported";
}

TEST_F(MappingTest, RemembersWhatCannotHaveVanished) {
  const Plan plan = PlanFiles({
      {"posts", "post_id,worker_id,career_stage,start_date\nP1,W1,wizard,2024-01-01\n"},
      {"absences", "absence_id,worker_id,kind,first_date,last_date\nA2,\"W1,sick"},
      {"ssd_cp_plans", "cppl_cp_plan_id,cppl_person_id,cppl_cp_plan_start_date\nX1,C1,never\n"},
  });
  EXPECT_TRUE(plan.IsComplete("posts"));
  EXPECT_FALSE(plan.IsComplete("absences")) << "broken";
  EXPECT_FALSE(plan.IsComplete("sessions")) << "not there";
  EXPECT_FALSE(plan.IsComplete("ssd_person")) << "needs all files of cases";
  EXPECT_TRUE(plan.IsShielded("posts/P1", "authorities/a/workers/W1/posts/P1"));
  EXPECT_FALSE(plan.IsShielded("posts/P2", "authorities/a/workers/W1/posts/P2"));
  EXPECT_TRUE(
      plan.IsShielded("ssd_cin_episodes/E1", "authorities/a/cases/C1/statusPeriods/child-in-need-E1"));
  EXPECT_TRUE(plan.IsShielded("ssd_person/C1", "authorities/a/cases/C1"));
  EXPECT_FALSE(plan.IsShielded("ssd_person/C11", "authorities/a/cases/C11"));
}

TEST_F(MappingTest, DirectoriesThatHoldNothing) {
  Plan plan;
  EXPECT_EQ(PlanDirectory("/nonexistent", "a", "ssd", plan).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace oversight::ctl
