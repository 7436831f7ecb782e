#pragma once

#include "common/time/civil_day.h"
#include "google/type/date.pb.h"

namespace oversight::resource {

// A day as messages hold it; see DayOf for the other way.
inline google::type::Date ToDate(CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.civil().year()));
  date.set_month(day.civil().month());
  date.set_day(day.civil().day());
  return date;
}

}  // namespace oversight::resource
