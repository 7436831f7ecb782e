#pragma once

#include "common/time/period.h"

namespace oversight::caseload {

// A worker's part in a case.
struct Allocation {
  bool keyworker = false;
  Period period;
};

// Whether two allocations of one case cannot both be true: a case has one keyworker at a time. Workers in
// other roles, cover for the keyworker among them, may be as many as there are.
bool Clash(const Allocation& a, const Allocation& b);

}  // namespace oversight::caseload
