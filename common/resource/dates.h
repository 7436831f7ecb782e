#pragma once

#include <optional>

#include "common/time/civil_day.h"
#include "google/type/date.pb.h"

namespace oversight::resource {

// A day as messages hold it.
inline google::type::Date ToDate(CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.civil().year()));
  date.set_month(day.civil().month());
  date.set_day(day.civil().day());
  return date;
}

// The other way; nothing for a day that does not exist.
inline std::optional<CivilDay> ToDay(const google::type::Date& date) {
  const auto day = CivilDay::FromParts(date.year(), date.month(), date.day());
  if (!day.ok()) return std::nullopt;
  return *day;
}

}  // namespace oversight::resource
