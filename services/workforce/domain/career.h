#pragma once

#include <string>
#include <vector>

#include "common/time/period.h"

namespace oversight::workforce {

// A post, as far as it tells of a career.
struct CareerPost {
  std::string name;
  // Compared only.
  int stage = 0;
  Period period;
};

// From when to when a worker stood at a stage.
struct CareerStagePeriod {
  int stage = 0;
  Period period;
  // By start.
  std::vector<std::string> posts;
};

// The history of a worker's career stages, by start, then stage. Posts of the same stage that adjoin or
// overlap make one period; posts that hold on no day make none.
std::vector<CareerStagePeriod> CareerStages(std::vector<CareerPost> posts);

}  // namespace oversight::workforce
