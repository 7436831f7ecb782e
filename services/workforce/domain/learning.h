#pragma once

#include <optional>
#include <vector>

#include "common/status/violation.h"
#include "common/time/period.h"

namespace oversight::workforce {

// A newly qualified worker's Assessed and Supported Year in Employment. It goes on until it is completed,
// whatever was planned.
struct AsyeProgramme {
  CivilDay start;
  std::optional<CivilDay> planned_end;
  // First day on which the worker is no longer in the programme.
  std::optional<CivilDay> completed;
  // While it was paused.
  std::vector<Period> pauses;

  Period period() const { return {start, completed.value_or(CivilDay::Max())}; }
};

// Names `planned_end_date` and `completed_date` where they lie before the start, and `pauses[1].start_date`
// where a pause starts before the programme or before the pause ahead of it has ended.
void Check(const AsyeProgramme& programme, std::vector<FieldViolation>& violations);
// Whether two programmes of one worker share a day.
bool Clash(const AsyeProgramme& a, const AsyeProgramme& b);

// A student's period of practice learning.
struct StudentPlacement {
  Period period;
};

// Whether two placements of one student share a day.
bool Clash(const StudentPlacement& a, const StudentPlacement& b);

}  // namespace oversight::workforce
