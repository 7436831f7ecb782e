#pragma once

#include "common/time/civil_day.h"

namespace oversight::sample {

// The last day of the day's month: many real dates fall there, and many mistakes.
inline CivilDay MonthEnd(CivilDay day) {
  const absl::CivilMonth next = absl::CivilMonth(day.civil()) + 1;
  return CivilDay(static_cast<int>(next.year()), next.month(), 1) - 1;
}

}  // namespace oversight::sample
