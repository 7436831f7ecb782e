#include <set>
#include <utility>

#include "common/resource/dated.h"
#include "common/resource/question.h"
#include "oversight/workforce/v1/capacity.pb.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"
#include "services/workforce/domain/capacity.h"
#include "services/workforce/questions/questions.h"
#include "services/workforce/questions/workforce_facts.h"

namespace oversight::workforce {
namespace {

using WorkerCapacity = v1::ListWorkerCapacitiesResponse::WorkerCapacity;

WorkerCapacity FromPosts(const std::string& worker, const std::vector<v1::Post>& posts) {
  WorkerCapacity capacity;
  capacity.set_worker(worker);
  std::set<std::string> teams;
  std::vector<double> full_time;
  for (const v1::Post& post : posts) {
    if (!post.team().empty()) teams.insert(post.team());
    full_time.push_back(post.full_time_equivalent());
  }
  for (const std::string& team : teams) capacity.add_teams(team);
  capacity.set_full_time_equivalent(FullTimeEquivalent(full_time));
  return capacity;
}

}  // namespace

absl::Status Questions::ListWorkerCapacities(rpc::Call& call, const v1::ListWorkerCapacitiesRequest& request,
                                             v1::ListWorkerCapacitiesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, LiveAuthority(call, request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts, Read(call, authority, day, &WorkforceFacts::PostsByWorker));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto capacities,
                             ReadKind<v1::Capacity>(call, authority, *kinds_->capacity));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto reductions,
                             ReadKind<v1::CapacityReduction>(call, authority, *kinds_->capacity_reduction));
  const std::set<std::string> wanted(request.workers().begin(), request.workers().end());
  std::map<std::string, WorkerCapacity> by_worker;
  for (const auto& [worker, held] : posts) {
    if (wanted.empty() || wanted.contains(worker)) by_worker.emplace(worker, FromPosts(worker, held));
  }
  for (const v1::Capacity& capacity : capacities) {
    const auto worker = by_worker.find(WorkerOf(capacity.name()));
    if (worker == by_worker.end() || !resource::PeriodOf(capacity).Contains(day)) continue;
    worker->second.set_points(capacity.points());
  }
  std::map<std::string, std::vector<double>> percents;
  for (const v1::CapacityReduction& reduction : reductions) {
    if (resource::PeriodOf(reduction).Contains(day)) {
      percents[WorkerOf(reduction.name())].push_back(reduction.percent());
    }
  }
  std::vector<WorkerCapacity> items;
  for (auto& [worker, capacity] : by_worker) {
    capacity.set_reduction_percent(ReductionPercent(percents[worker]));
    items.push_back(std::move(capacity));
  }
  OVERSIGHT_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      resource::AddPage(
          call.method(), request, items, [](const WorkerCapacity& item) { return item.worker(); },
          [&](const WorkerCapacity& item) { *response.add_capacities() = item; }));
  return absl::OkStatus();
}

}  // namespace oversight::workforce
