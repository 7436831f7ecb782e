#pragma once

#include <vector>

#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/interval_set.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// When one worker was away: absences that overlap, or that adjoin across days which are not worked, are one.
class AbsenceCalendar {
 public:
  AbsenceCalendar() = default;
  // Days away as half-open periods, in any order.
  AbsenceCalendar(std::vector<Period> absences, const WorkingDays& working_days);

  // Ascending; disjoint, and with a working day between any two.
  const std::vector<Period>& merged() const { return merged_; }
  bool Contains(CivilDay day) const { return Find(day) != nullptr; }
  // The days after `after` up to and including `to` on which the worker was not away.
  int DaysPresent(CivilDay after, CivilDay to) const;
  // The first later day on which an absence begins, or on which the worker is back. Max(): none.
  CivilDay NextChange(CivilDay after) const;

  // Where a due date moves: out of absences, then to a working day, until it is neither in the one nor off
  // the other (design section 5). Max() when an absence without end holds it.
  CivilDay MoveDueDate(CivilDay due, const Rule& rule, const WorkingDays& working_days) const;
  // The absences longer than so many days, each from its first to its last.
  IntervalSet LongerThan(int days) const;

 private:
  const Period* Find(CivilDay day) const;

  std::vector<Period> merged_;
};

// The first day on which `days` days since `start` have passed, those left out on which the clock stands
// still. Max() when that never comes.
CivilDay ClockReaches(CivilDay start, int days, const IntervalSet& stands_still);

}  // namespace oversight::engine
