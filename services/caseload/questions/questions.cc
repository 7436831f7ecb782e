#include "services/caseload/questions/questions.h"

#include <algorithm>
#include <memory>

#include "common/resource/dates.h"
#include "common/resource/question.h"

namespace oversight::caseload {
namespace {

v1::CaseState Render(const std::string& name, const CaseStanding& standing, const WorkloadScheme& scheme) {
  v1::CaseState state;
  state.set_case_(name);
  state.set_open(standing.open);
  for (const CaseStatus status : standing.statuses) state.add_statuses(static_cast<v1::CaseStatus>(status));
  state.set_primary_status(static_cast<v1::CaseStatus>(standing.primary));
  for (const std::string& holder : standing.holders) state.add_holders(holder);
  state.set_team(standing.team);
  state.set_points(PointsOf(scheme, standing.primary));
  if (standing.unallocated_since) {
    *state.mutable_unallocated_since_date() = resource::ToDate(*standing.unallocated_since);
  }
  return state;
}

bool IsAsked(const v1::ListCaseStatesRequest& request, const CaseStanding& standing) {
  if (!standing.open && !request.include_closed()) return false;
  if (!request.team().empty() && request.team() != standing.team) return false;
  if (request.unallocated_only() && !standing.unallocated_since) return false;
  if (request.holder().empty()) return true;
  return std::find(standing.holders.begin(), standing.holders.end(), request.holder()) !=
         standing.holders.end();
}

}  // namespace

absl::Status Questions::ListCaseStates(rpc::Call& call, const v1::ListCaseStatesRequest& request,
                                       v1::ListCaseStatesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, resource::AuthorityIn(request.parent(), "parent"));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto records, ReadCases(call, environment_, *kinds_, authority));
  OVERSIGHT_ASSIGN_OR_RETURN(const WorkloadScheme scheme,
                             ReadScheme(call, environment_, *kinds_, authority, day));
  std::vector<v1::CaseState> states;
  for (const auto& [name, record] : records) {
    const CaseStanding standing = StandingOn(record, day);
    if (IsAsked(request, standing)) states.push_back(Render(name, standing, scheme));
  }
  OVERSIGHT_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      resource::AddPage(
          call.method(), request, states, [](const v1::CaseState& state) { return state.case_(); },
          [&](const v1::CaseState& state) { *response.add_case_states() = state; }));
  return absl::OkStatus();
}

void RegisterQuestions(const resource::Environment& environment, KindsPtr kinds, PeersPtr peers,
                       rpc::Methods& methods) {
  const auto questions = std::make_shared<Questions>(environment, std::move(kinds), std::move(peers));
  const auto add = [&](const char* name, auto method) {
    resource::AddMethod(methods, "oversight.caseload.v1.CaseloadService", name, questions, method);
  };
  add("ListCaseStates", &Questions::ListCaseStates);
  add("ListWorkerWorkloads", &Questions::ListWorkerWorkloads);
  add("ListTeamWorkloads", &Questions::ListTeamWorkloads);
  add("PreviewAllocation", &Questions::PreviewAllocation);
}

}  // namespace oversight::caseload
