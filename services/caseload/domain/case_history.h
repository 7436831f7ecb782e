#pragma once

#include <vector>

#include "absl/types/span.h"
#include "common/status/violation.h"
#include "common/time/period.h"

namespace oversight::caseload {

// Checks the periods in which a case was open, from opening to closing: in the order of time, none
// overlapping another, so that only the last can be open. A case may be reopened on the day it was closed.
// Adds a violation with its path, `open_periods[2].start_date`, for each period that starts before the one
// before it has ended.
void CheckOpenPeriods(absl::Span<const Period> periods, std::vector<FieldViolation>& violations);

// A status that a case had. `status` is compared only.
struct StatusPeriod {
  int status = 0;
  Period period;
};

// Whether two status periods of one case cannot both be true: the same status on the same day. Different
// statuses may hold at once, as a looked-after child may be in public law proceedings.
bool Clash(const StatusPeriod& a, const StatusPeriod& b);

// Where a looked-after child lived.
struct Placement {
  // A short stay away from the child's placement.
  bool respite = false;
  Period period;
};

// Whether two placements of one child cannot both be true: they share a day and neither is respite.
bool Clash(const Placement& a, const Placement& b);

}  // namespace oversight::caseload
