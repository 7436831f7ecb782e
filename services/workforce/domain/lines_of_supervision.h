#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace oversight::workforce {

enum class SupervisionFunction { kLineManagement, kProfessional, kPracticeEducation };

// A supervisor link that holds on the day in question.
struct Line {
  std::string link;
  std::string worker;
  std::string supervisor;
  SupervisionFunction function = SupervisionFunction::kLineManagement;
  // For whom the supervisor stands in; empty when the line is no cover.
  std::string cover_for;

  bool cover() const { return !cover_for.empty(); }
};

// A line and how many steps it is from the top; `line` is null for a worker at the top.
struct Step {
  std::string worker;
  const Line* line = nullptr;
  int depth = 0;
};

// Everybody below `supervisor`, each worker where the fewest steps lead, direct ones alone unless `indirect`;
// by depth, then worker and link. Steps point into `lines`.
std::vector<Step> Below(absl::Span<const Line> lines, const std::string& supervisor, bool indirect);

// The whole tree: those at the top with depth 0, then by depth, worker and link. A worker with several
// supervisors stands under each. At the top is who supervises, or is in `workers`, and is supervised by
// nobody.
std::vector<Step> Tree(absl::Span<const Line> lines, absl::Span<const std::string> workers);

// Those of `workers` whom no line names; without `include_top` only those who supervise nobody either. In the
// order of `workers`.
std::vector<std::string> Unsupervised(absl::Span<const Line> lines, absl::Span<const std::string> workers,
                                      bool include_top);

// The lines, cover apart, whose supervisor is in `absent` while nobody who is there stands in for them with
// that worker. By worker and link. They point into `lines`.
std::vector<const Line*> Uncovered(absl::Span<const Line> lines,
                                   const std::map<std::string, std::string>& absent);

struct Span {
  int line_managed = 0;
  int otherwise_supervised = 0;
  int covered = 0;
  int line_managed_below = 0;
};
// By supervisor. Each worker counts once in each number.
std::map<std::string, Span> Spans(absl::Span<const Line> lines);

}  // namespace oversight::workforce
