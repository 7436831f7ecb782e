#pragma once

#include <optional>
#include <vector>

#include "common/status/violation.h"
#include "common/time/civil_day.h"

namespace oversight::workforce {

// A worker's employment with the authority; either day may be unknown.
struct Employment {
  std::optional<CivilDay> start;
  // First day on which the worker is no longer employed.
  std::optional<CivilDay> end;
};

// Names `employment_end_date` where it lies before the start.
void Check(const Employment& employment, std::vector<FieldViolation>& violations);

// Days away. Unlike all other dated facts both days belong to it.
struct Absence {
  CivilDay first;
  // Nothing while the return is not known.
  std::optional<CivilDay> last;
};

// Names `last_date` where it lies before the first.
void Check(const Absence& absence, std::vector<FieldViolation>& violations);

}  // namespace oversight::workforce
