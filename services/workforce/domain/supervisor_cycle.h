#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/time/period.h"

namespace oversight::workforce {

// Who supervises whom, from when to when. Links of every function and those of cover count alike: oversight
// that comes round to the worker is none.
struct SupervisorLink {
  std::string worker;
  std::string supervisor;
  Period period;
};

struct SupervisorCycle {
  // From the worker of the new link, each one supervised by the next, back to that worker.
  std::vector<std::string> workers;
  // The first day on which all its links hold.
  CivilDay day;

  friend bool operator==(const SupervisorCycle&, const SupervisorCycle&) = default;
};

// The earliest cycle that `candidate` would close together with `links`, the shortest one of that day;
// nothing when there is none on any day. A link from a worker to themself is a cycle, whatever its days.
// `links` need be only those that can be reached from the candidate's supervisor, without the stored version
// of the candidate.
std::optional<SupervisorCycle> FindCycle(const SupervisorLink& candidate,
                                         absl::Span<const SupervisorLink> links);

}  // namespace oversight::workforce
