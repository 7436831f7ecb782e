#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "common/status/violation.h"
#include "common/time/civil_day.h"

namespace oversight::supervision {

// From `start` on, at most this long between two sessions: so many days, or months.
struct Frequency {
  CivilDay start;
  int days = 0;
  int months = 0;
};

struct SeriesRequest {
  // The sessions lie from `start` up to, but not on, `end`.
  CivilDay start;
  CivilDay end;
  // Ascending by start, the first no later than `start`.
  std::vector<Frequency> frequencies;
  // The session from which the first gap runs; without one it runs from `start`.
  std::optional<CivilDay> last_session;
  // Whether a session can be had on this day.
  std::function<bool(CivilDay)> available;
};

struct SeriesPlan {
  // The days of the sessions, ascending.
  std::vector<CivilDay> days;
  // Due days before which no day was to be had; the next session is later than that.
  std::vector<CivilDay> unmet;
};

// Faults of the frequencies and days of a series; paths as in PlannedSeries.
void Check(const SeriesRequest& request, std::vector<FieldViolation>& violations);

// The last day on which the session after one on `base` is in time (design, section 5): a stricter interval
// runs from the day it begins, an eased one counts from the last session.
CivilDay DueAfter(CivilDay base, const std::vector<Frequency>& frequencies);

// As few sessions as keep every due day: each on the last day to be had before the next one is due, or, where
// there is none, on the first one after that. The request must have no faults.
SeriesPlan PlanSeries(const SeriesRequest& request);

}  // namespace oversight::supervision
