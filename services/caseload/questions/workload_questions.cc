#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/dates.h"
#include "common/resource/question.h"
#include "services/caseload/questions/questions.h"
#include "services/caseload/resources/vocabulary.h"

namespace oversight::caseload {
namespace {

v1::Workload Render(const Workload& workload) {
  v1::Workload rendered;
  rendered.set_cases(workload.cases);
  rendered.set_points(workload.points);
  if (workload.capacity) rendered.set_capacity(*workload.capacity);
  return rendered;
}

}  // namespace

absl::StatusOr<Questions::Picture> Questions::PictureOf(rpc::Call& call, const std::string& authority,
                                                        CivilDay day) const {
  Picture picture;
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts, peers_->WorkersInPost(call, authority, day, {}));
  OVERSIGHT_ASSIGN_OR_RETURN(picture.scheme, ReadScheme(call, environment_, *kinds_, authority, day));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto records, ReadCases(call, environment_, *kinds_, authority));
  for (const auto& [worker, post] : posts) {
    WorkerLoad& load = picture.workers[worker];
    load.teams = post.teams;
    load.workload.capacity = CapacityOf(picture.scheme, post.capacity);
  }
  for (const auto& [name, record] : records) {
    const CaseStanding standing = StandingOn(record, day);
    for (const CaseRecord::Part& part : standing.parts) {
      picture.workers[part.worker].workload.Add(picture.scheme, standing.primary, part.role);
    }
    picture.cases.emplace(name, standing);
  }
  return picture;
}

std::map<std::string, Workload> Questions::ByTeam(const Picture& picture) {
  std::map<std::string, Workload> by_team;
  for (const auto& [worker, load] : picture.workers) {
    for (const std::string& team : load.teams) by_team[team].Add(load.workload);
  }
  return by_team;
}

absl::Status Questions::ListWorkerWorkloads(rpc::Call& call, const v1::ListWorkerWorkloadsRequest& request,
                                            v1::ListWorkerWorkloadsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, resource::AuthorityIn(request.parent(), "parent"));
  OVERSIGHT_ASSIGN_OR_RETURN(const Picture picture, PictureOf(call, authority, day));
  using Item = std::pair<std::string, WorkerLoad>;
  std::vector<Item> items;
  for (const auto& [worker, load] : picture.workers) {
    const bool in_team = request.team().empty() ||
                         std::find(load.teams.begin(), load.teams.end(), request.team()) != load.teams.end();
    if (!in_team || (request.over_capacity_only() && !load.workload.OverCapacity())) continue;
    items.push_back({worker, load});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                             resource::AddPage(
                                 call.method(), request, items, [](const Item& item) { return item.first; },
                                 [&](const Item& item) {
                                   auto& workload = *response.add_workloads();
                                   workload.set_worker(item.first);
                                   for (const std::string& team : item.second.teams) workload.add_teams(team);
                                   *workload.mutable_workload() = Render(item.second.workload);
                                 }));
  return absl::OkStatus();
}

absl::Status Questions::ListTeamWorkloads(rpc::Call& call, const v1::ListTeamWorkloadsRequest& request,
                                          v1::ListTeamWorkloadsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, resource::AuthorityIn(request.parent(), "parent"));
  OVERSIGHT_ASSIGN_OR_RETURN(const Picture picture, PictureOf(call, authority, day));
  std::map<std::string, v1::ListTeamWorkloadsResponse::TeamWorkload> teams;
  for (const auto& [team, workload] : ByTeam(picture)) *teams[team].mutable_workload() = Render(workload);
  for (const auto& [worker, load] : picture.workers) {
    for (const std::string& team : load.teams) teams[team].set_workers(teams[team].workers() + 1);
  }
  for (const auto& [name, standing] : picture.cases) {
    if (!standing.unallocated_since || standing.team.empty()) continue;
    auto& team = teams[standing.team];
    team.set_unallocated_cases(team.unallocated_cases() + 1);
  }
  using Item = v1::ListTeamWorkloadsResponse::TeamWorkload;
  std::vector<Item> items;
  for (auto& [name, team] : teams) {
    team.set_team(name);
    items.push_back(team);
  }
  OVERSIGHT_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                             resource::AddPage(
                                 call.method(), request, items, [](const Item& item) { return item.team(); },
                                 [&](const Item& item) { *response.add_workloads() = item; }));
  return absl::OkStatus();
}

absl::Status Questions::PreviewAllocation(rpc::Call& call, const v1::PreviewAllocationRequest& request,
                                          v1::PreviewAllocationResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day, resource::DayAsked(request, "date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(
      const resource::Key key,
      resource::LiveResource(call, environment_, *kinds_->case_record, request.name(), "name"));
  if (request.role() == v1::ALLOCATION_ROLE_UNSPECIFIED || !v1::AllocationRole_IsValid(request.role())) {
    return InvalidFields({{"role", "is required: what the worker would do in the case"}});
  }
  if (resource::AuthorityOf(request.worker()) != key.authority) {
    return InvalidFields({{"worker", "must name a worker of the same authority"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(Picture picture, PictureOf(call, key.authority, day));
  const CaseStatus primary = picture.cases[request.name()].primary;
  const auto teams_before = ByTeam(picture);
  WorkerLoad& load = picture.workers[request.worker()];
  response.set_points(PointsOf(picture.scheme, primary, RoleOf(request.role())));
  *response.mutable_worker_before() = Render(load.workload);
  load.workload.Add(picture.scheme, primary, RoleOf(request.role()));
  *response.mutable_worker_after() = Render(load.workload);
  const auto teams_after = ByTeam(picture);
  for (const std::string& team : load.teams) {
    auto& effect = *response.add_teams();
    effect.set_team(team);
    *effect.mutable_before() = Render(teams_before.at(team));
    *effect.mutable_after() = Render(teams_after.at(team));
  }
  compliance::v1::CheckAllocationRequest question;
  question.set_parent(absl::StrCat("authorities/", key.authority));
  question.set_case_(request.name());
  question.set_worker(request.worker());
  question.set_role(request.role());
  *question.mutable_date() = resource::ToDate(day);
  auto check = peers_->CheckAllocation(call, question);
  if (check.ok()) *response.mutable_check() = *std::move(check);
  if (!check.ok() && ReasonOf(check.status()) != "COMPLIANCE_UNREACHABLE") return check.status();
  return absl::OkStatus();
}

}  // namespace oversight::caseload
