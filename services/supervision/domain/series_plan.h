#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "common/status/violation.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"

namespace oversight::supervision {

// From `start` on, at most this long between two sessions: so many days, or months.
struct Frequency {
  CivilDay start;
  int days = 0;
  int months = 0;
};

// What one rule asks for while it applies without a break.
struct Requirement {
  // No session before its first day counts, and nothing is due after its last.
  Period days;
  // Ascending by start. None: one session within `days`, or as soon as can be after them.
  std::vector<Frequency> frequencies;
  // From which the first gap runs; without one it runs from the first of `days`.
  std::optional<CivilDay> last_session;
  // Whether a session on this day counts for it; empty: always.
  std::function<bool(CivilDay)> counts;
  // Where a due day moves to, the same or a later day; empty: the same.
  std::function<CivilDay(CivilDay)> moved;
};

struct SeriesRequest {
  // The sessions lie from `start` up to, but not on, `end`.
  CivilDay start;
  CivilDay end;
  // Ascending by start, the first no later than `start`. Not regarded where there are requirements.
  std::vector<Frequency> frequencies;
  // The session from which the first gap runs; without one it runs from `start`.
  std::optional<CivilDay> last_session;
  // Whether a session can be had on this day.
  std::function<bool(CivilDay)> available;
  // All of them are to be kept.
  std::vector<Requirement> requirements;
  // Days, ascending, of sessions that there will be beside those planned here.
  std::vector<CivilDay> others;
};

struct SeriesPlan {
  // The days of the sessions, ascending.
  std::vector<CivilDay> days;
  // Due days, ascending, by which no day was to be had; the next session is later than that.
  std::vector<CivilDay> unmet;
};

// Faults of the frequencies, where there are any, and days of a series; paths as in PlannedSeries.
void Check(const SeriesRequest& request, std::vector<FieldViolation>& violations);

// The last day on which the session after one on `base` is in time (design, section 5): a stricter interval
// runs from the day it begins, an eased one counts from the last session.
CivilDay DueAfter(CivilDay base, const std::vector<Frequency>& frequencies);

// As few sessions as keep every due day: each on the last day to be had before the next one is due, or, where
// there is none, on the first one after that, which is in time where the due day moves so far. The request
// must have no faults, and frequencies or requirements.
SeriesPlan PlanSeries(const SeriesRequest& request);

}  // namespace oversight::supervision
