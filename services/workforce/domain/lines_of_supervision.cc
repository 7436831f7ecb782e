#include "services/workforce/domain/lines_of_supervision.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace oversight::workforce {
namespace {

using BySupervisor = std::map<std::string, std::vector<const Line*>>;

BySupervisor Group(absl::Span<const Line> lines) {
  BySupervisor by_supervisor;
  for (const Line& line : lines) by_supervisor[line.supervisor].push_back(&line);
  return by_supervisor;
}

void Sort(std::vector<Step>& steps) {
  const auto order = [](const Step& step) {
    return std::make_tuple(step.depth, step.worker, step.line == nullptr ? "" : step.line->link);
  };
  std::sort(steps.begin(), steps.end(), [&](const Step& a, const Step& b) { return order(a) < order(b); });
}

// The steps below those in `frontier`, level by level. Each worker is gone down from once, where first met.
void Descend(const BySupervisor& lines, std::vector<std::string> frontier, bool indirect, bool under_each,
             std::vector<Step>& steps) {
  std::set<std::string> met(frontier.begin(), frontier.end());
  for (int depth = 1; !frontier.empty(); ++depth) {
    std::vector<std::string> next;
    for (const std::string& supervisor : frontier) {
      const auto below = lines.find(supervisor);
      if (below == lines.end()) continue;
      for (const Line* line : below->second) {
        const bool first = met.insert(line->worker).second;
        if (first || under_each) steps.push_back({line->worker, line, depth});
        if (first) next.push_back(line->worker);
      }
    }
    if (!indirect) break;
    frontier = std::move(next);
  }
  Sort(steps);
}

}  // namespace

std::vector<Step> Below(absl::Span<const Line> lines, const std::string& supervisor, bool indirect) {
  std::vector<Step> steps;
  Descend(Group(lines), {supervisor}, indirect, /*under_each=*/false, steps);
  return steps;
}

std::vector<Step> Tree(absl::Span<const Line> lines, absl::Span<const std::string> workers) {
  std::set<std::string> top(workers.begin(), workers.end());
  for (const Line& line : lines) top.insert(line.supervisor);
  for (const Line& line : lines) top.erase(line.worker);
  std::vector<Step> steps;
  for (const std::string& worker : top) steps.push_back({worker, nullptr, 0});
  Descend(Group(lines), {top.begin(), top.end()}, /*indirect=*/true, /*under_each=*/true, steps);
  return steps;
}

std::vector<std::string> Unsupervised(absl::Span<const Line> lines, absl::Span<const std::string> workers,
                                      bool include_top) {
  std::set<std::string> placed;
  for (const Line& line : lines) {
    placed.insert(line.worker);
    if (!include_top) placed.insert(line.supervisor);
  }
  std::vector<std::string> unsupervised;
  for (const std::string& worker : workers) {
    if (!placed.contains(worker)) unsupervised.push_back(worker);
  }
  return unsupervised;
}

std::vector<const Line*> Uncovered(absl::Span<const Line> lines,
                                   const std::map<std::string, std::string>& absent) {
  std::set<std::pair<std::string, std::string>> covered;  // worker, absent supervisor
  for (const Line& line : lines) {
    if (line.cover() && !absent.contains(line.supervisor)) covered.insert({line.worker, line.cover_for});
  }
  std::vector<const Line*> uncovered;
  for (const Line& line : lines) {
    if (line.cover() || !absent.contains(line.supervisor)) continue;
    if (!covered.contains({line.worker, line.supervisor})) uncovered.push_back(&line);
  }
  std::sort(uncovered.begin(), uncovered.end(), [](const Line* a, const Line* b) {
    return std::tie(a->worker, a->link) < std::tie(b->worker, b->link);
  });
  return uncovered;
}

std::map<std::string, Span> Spans(absl::Span<const Line> lines) {
  struct Below {
    std::set<std::string> line_managed, otherwise, covered;
  };
  std::map<std::string, Below> direct;
  std::vector<Line> management;
  for (const Line& line : lines) {
    Below& below = direct[line.supervisor];
    if (line.cover()) {
      below.covered.insert(line.worker);
    } else if (line.function == SupervisionFunction::kLineManagement) {
      below.line_managed.insert(line.worker);
      management.push_back(line);
    } else {
      below.otherwise.insert(line.worker);
    }
  }
  const BySupervisor by_supervisor = Group(management);
  std::map<std::string, Span> spans;
  for (const auto& [supervisor, below] : direct) {
    std::vector<Step> steps;
    Descend(by_supervisor, {supervisor}, /*indirect=*/true, /*under_each=*/false, steps);
    spans[supervisor] = {static_cast<int>(below.line_managed.size()),
                         static_cast<int>(below.otherwise.size()), static_cast<int>(below.covered.size()),
                         static_cast<int>(steps.size())};
  }
  return spans;
}

}  // namespace oversight::workforce
