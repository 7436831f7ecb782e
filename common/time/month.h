#pragma once

#include "common/time/civil_day.h"

namespace oversight {

// The first day of the calendar month in which a day lies. Open ends stay open.
CivilDay FirstOfMonth(CivilDay day);

}  // namespace oversight
