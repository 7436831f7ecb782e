#include <string>
#include <vector>

#include "services/caseload/verbs/caseload_road_for_test.h"

namespace oversight::caseload {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Cases c1 and c2 held by w1, of them c2 in child protection; c3 held by nobody since 1 March; c4 closed. w1
// works half time in team t, w2 full time in t and u.
class CaseloadQuestionsTest : public CaseloadRoad {
 protected:
  void SetUp() override {
    Import(
        OpenCaseRecord("c1") + OpenCaseRecord("c2") +
        "records { case { name: '$/cases/c3' kind: KIND_CHILD team: '$/teams/t' open_periods { start_date" +
        On(1, 1) + "} } }" +
        "records { case { name: '$/cases/c4' kind: KIND_CHILD open_periods { start_date" + On(1, 1) +
        "end_date" + On(2, 1) +
        "} } } records { status_period { name: '$/cases/c2/statusPeriods/s' status: "
        "CASE_STATUS_CHILD_PROTECTION "
        "start_date" +
        On(5, 1) +
        "} } records { status_period { name: '$/cases/c2/statusPeriods/n' "
        "status: CASE_STATUS_CHILD_IN_NEED start_date" +
        On(1, 1) + "} }" + AllocationRecord("c1", "k", "w1") + AllocationRecord("c2", "k", "w1") +
        AllocationRecord("c2", "p", "w2", "COWORKER") +
        AllocationRecord("c3", "k", "w1", "KEYWORKER", "end_date" + On(3, 1)));
    workforce_->SetAnswer([](const auto&) {
      return Read<workforce::v1::ListWorkerCapacitiesResponse>(
          "capacities { worker: '$/workers/w1' teams: '$/teams/t' full_time_equivalent: 0.5 } "
          "capacities { worker: '$/workers/w2' teams: '$/teams/t' teams: '$/teams/u' full_time_equivalent: 1 "
          "reduction_percent: 50 }");
    });
  }
  void ImportScheme() {
    Import(
        "records { workload_scheme { name: '$/workloadSchemes/s' full_time_capacity: 4 default_points: 1 "
        "status_weights { status: CASE_STATUS_CHILD_PROTECTION points: 2 } "
        "role_factors { role: ALLOCATION_ROLE_COWORKER factor: 0.5 } start_date" +
        On(1, 1) + "} }");
  }
  std::vector<std::string> Cases(const std::string& more) {
    const auto response = Send<v1::ListCaseStatesResponse>("ListCaseStates", "parent: '$' " + more,
                                                           v1::ListCaseStatesRequest());
    std::vector<std::string> cases;
    for (const v1::CaseState& state : response->case_states()) cases.push_back(state.case_().substr(20));
    return cases;
  }
  static std::string Told(const v1::Workload& workload) {
    return absl::StrCat(workload.cases(), " ", workload.points(), " ",
                        workload.has_capacity() ? absl::StrCat(workload.capacity()) : "?");
  }
};

TEST_F(CaseloadQuestionsTest, HowCasesStand) {
  EXPECT_THAT(Cases(""), ElementsAre("c1", "c2", "c3"));
  EXPECT_THAT(Cases("include_closed: true"), ElementsAre("c1", "c2", "c3", "c4"));
  EXPECT_THAT(Cases("unallocated_only: true"), ElementsAre("c3"));
  EXPECT_THAT(Cases("unallocated_only: true as_of_date" + On(2, 28)), IsEmpty())
      << "the last day it was held";
  EXPECT_THAT(Cases("team: '$/teams/t'"), ElementsAre("c3"));
  EXPECT_THAT(Cases("holder: '$/workers/w1'"), ElementsAre("c1", "c2"));
  EXPECT_THAT(Cases("holder: '$/workers/w2'"), IsEmpty()) << "a co-worker holds nothing";

  const auto states = Send<v1::ListCaseStatesResponse>("ListCaseStates", "parent: '$' page_size: 2",
                                                       v1::ListCaseStatesRequest());
  ASSERT_THAT(states.status(), IsOk());
  ASSERT_EQ(states->case_states_size(), 2);
  EXPECT_FALSE(states->next_page_token().empty());
  EXPECT_EQ(states->case_states(1).primary_status(), v1::CASE_STATUS_CHILD_PROTECTION);
  EXPECT_EQ(states->case_states(1).statuses_size(), 2);
  const auto rest = Send<v1::ListCaseStatesResponse>(
      "ListCaseStates", "parent: '$' page_token: '" + states->next_page_token() + "'",
      v1::ListCaseStatesRequest());
  ASSERT_EQ(rest->case_states_size(), 1);
  EXPECT_EQ(rest->case_states(0).unallocated_since_date().month(), 3);
  EXPECT_THAT(Send<v1::ListCaseStatesResponse>(
                  "ListCaseStates",
                  "parent: '$' unallocated_only: true page_token: '" + states->next_page_token() + "'",
                  v1::ListCaseStatesRequest())
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_F(CaseloadQuestionsTest, WorkloadsOfWorkersAndTeams) {
  const auto workers = [&](const std::string& more) {
    const auto response = Send<v1::ListWorkerWorkloadsResponse>("ListWorkerWorkloads", "parent: '$' " + more,
                                                                v1::ListWorkerWorkloadsRequest());
    std::vector<std::string> told;
    for (const auto& item : response->workloads()) {
      told.push_back(absl::StrCat(item.worker().substr(22), ": ", Told(item.workload())));
    }
    return told;
  };
  EXPECT_THAT(workers(""), ElementsAre("w1: 2 2 ?", "w2: 0 0 ?")) << "without a scheme";
  ImportScheme();
  EXPECT_THAT(workers(""), ElementsAre("w1: 2 3 2", "w2: 0 1 2"));
  EXPECT_THAT(workers("as_of_date" + On(4, 30)), ElementsAre("w1: 2 2 2", "w2: 0 0.5 2"));
  EXPECT_THAT(workers("over_capacity_only: true"), ElementsAre("w1: 2 3 2"));
  EXPECT_THAT(workers("team: '$/teams/u'"), ElementsAre("w2: 0 1 2"));

  const auto teams =
      Send<v1::ListTeamWorkloadsResponse>("ListTeamWorkloads", "parent: '$'", v1::ListTeamWorkloadsRequest());
  ASSERT_THAT(teams.status(), IsOk());
  ASSERT_EQ(teams->workloads_size(), 2);
  EXPECT_EQ(Told(teams->workloads(0).workload()), "2 4 4");
  EXPECT_EQ(teams->workloads(0).workers(), 2);
  EXPECT_EQ(teams->workloads(0).unallocated_cases(), 1);
  EXPECT_EQ(Told(teams->workloads(1).workload()), "0 1 2");

  workforce_->SetAnswer([](const auto&) -> absl::StatusOr<workforce::v1::ListWorkerCapacitiesResponse> {
    return absl::UnavailableError("away");
  });
  EXPECT_THAT(
      Send<v1::ListTeamWorkloadsResponse>("ListTeamWorkloads", "parent: '$'", v1::ListTeamWorkloadsRequest())
          .status(),
      StatusIs(absl::StatusCode::kUnavailable, "WORKFORCE_UNREACHABLE"));
}

TEST_F(CaseloadQuestionsTest, WhatAnAllocationWouldDo) {
  ImportScheme();
  const auto preview = [&](const std::string& role) {
    return Send<v1::PreviewAllocationResponse>(
        "PreviewAllocation", "name: '$/cases/c3' worker: '$/workers/w2' role: ALLOCATION_ROLE_" + role,
        v1::PreviewAllocationRequest());
  };
  const int64_t before = service_->Revision("a");
  const auto keyworker = preview("KEYWORKER");
  ASSERT_THAT(keyworker.status(), IsOk());
  EXPECT_EQ(keyworker->points(), 1);
  EXPECT_EQ(Told(keyworker->worker_before()), "0 1 2");
  EXPECT_EQ(Told(keyworker->worker_after()), "1 2 2");
  ASSERT_EQ(keyworker->teams_size(), 2);
  EXPECT_EQ(Told(keyworker->teams(0).before()), "2 4 4");
  EXPECT_EQ(Told(keyworker->teams(0).after()), "3 5 4");
  EXPECT_EQ(keyworker->check().verdict(), type::v1::AllocationCheck::VERDICT_ALLOWED);
  EXPECT_EQ(preview("COWORKER")->points(), 0.5);
  EXPECT_EQ(service_->Revision("a"), before) << "nothing was written";

  compliance_->SetAnswer([](const auto&) -> absl::StatusOr<type::v1::AllocationCheck> {
    return absl::UnavailableError("away");
  });
  EXPECT_FALSE(preview("KEYWORKER")->has_check());
  EXPECT_THAT(preview("UNSPECIFIED").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace oversight::caseload
