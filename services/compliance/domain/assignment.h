#pragma once

#include <string>

#include "common/time/period.h"

namespace oversight::compliance {

// A policy that an authority has taken on.
struct AssignmentFacts {
  std::string policy;
  Period period;
};

// Different policies apply side by side; the same one cannot apply twice on a day.
inline bool Clash(const AssignmentFacts& a, const AssignmentFacts& b) {
  return a.policy == b.policy && a.period.Overlaps(b.period);
}

}  // namespace oversight::compliance
