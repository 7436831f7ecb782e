#include "services/workforce/domain/supervisor_cycle.h"

#include <algorithm>
#include <deque>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace oversight::workforce {
namespace {

using LinksByWorker = absl::flat_hash_map<absl::string_view, std::vector<const SupervisorLink*>>;

// The shortest way up from `from` to `to` over the links that hold on `day`, both included; empty when there
// is none.
std::vector<std::string> ShortestWayUp(const LinksByWorker& links, absl::string_view from,
                                       absl::string_view to, CivilDay day) {
  absl::flat_hash_map<absl::string_view, absl::string_view> reached_from = {{from, {}}};
  std::deque<absl::string_view> open = {from};
  while (!open.empty()) {
    const absl::string_view worker = open.front();
    open.pop_front();
    if (worker == to) {
      std::vector<std::string> way;
      for (absl::string_view step = to; !step.empty(); step = reached_from.at(step)) way.emplace_back(step);
      std::reverse(way.begin(), way.end());
      return way;
    }
    const auto above = links.find(worker);
    if (above == links.end()) continue;
    for (const SupervisorLink* link : above->second) {
      if (!link->period.Contains(day)) continue;
      if (reached_from.emplace(link->supervisor, worker).second) open.push_back(link->supervisor);
    }
  }
  return {};
}

}  // namespace

std::optional<SupervisorCycle> FindCycle(const SupervisorLink& candidate,
                                         absl::Span<const SupervisorLink> links) {
  if (candidate.worker == candidate.supervisor) {
    return SupervisorCycle{{candidate.worker, candidate.worker}, candidate.period.start};
  }
  if (candidate.period.Empty()) return std::nullopt;

  // The days that all links of a cycle share begin with the start of one of them: no other day need be looked
  // at.
  std::set<CivilDay> days = {candidate.period.start};
  LinksByWorker by_worker;
  for (const SupervisorLink& link : links) {
    if (!link.period.Overlaps(candidate.period)) continue;
    by_worker[link.worker].push_back(&link);
    days.insert(std::max(link.period.start, candidate.period.start));
  }
  for (const CivilDay day : days) {
    std::vector<std::string> way = ShortestWayUp(by_worker, candidate.supervisor, candidate.worker, day);
    if (way.empty()) continue;
    way.insert(way.begin(), candidate.worker);
    return SupervisorCycle{std::move(way), day};
  }
  return std::nullopt;
}

}  // namespace oversight::workforce
