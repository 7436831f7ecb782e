#include "services/compliance/engine/absence.h"

#include <algorithm>
#include <utility>

namespace oversight::engine {
namespace {

CivilDay LastDay(const Period& absence) { return absence.Open() ? CivilDay::Max() : absence.end - 1; }

int LengthInDays(const Period& absence) {
  return absence.Open() ? Range::kNoEnd : absence.end - absence.start;
}

// Whether no day is worked between two absences, the first of which ends before the second begins.
bool Adjoin(const Period& earlier, const Period& later, const WorkingDays& working_days) {
  return earlier.Open() || later.start <= earlier.end ||
         working_days.WorkingDaysBetween(earlier.end, later.start - 1) == 0;
}

}  // namespace

AbsenceCalendar::AbsenceCalendar(std::vector<Period> absences, const WorkingDays& working_days) {
  std::erase_if(absences, [](const Period& absence) { return absence.Empty(); });
  std::sort(absences.begin(), absences.end());
  for (const Period& absence : absences) {
    if (!merged_.empty() && Adjoin(merged_.back(), absence, working_days)) {
      merged_.back().end = std::max(merged_.back().end, absence.end);
    } else {
      merged_.push_back(absence);
    }
  }
}

const Period* AbsenceCalendar::Find(CivilDay day) const {
  const auto after = std::upper_bound(merged_.begin(), merged_.end(), day,
                                      [](CivilDay d, const Period& absence) { return d < absence.start; });
  if (after == merged_.begin() || !std::prev(after)->Contains(day)) return nullptr;
  return &*std::prev(after);
}

int AbsenceCalendar::DaysPresent(CivilDay after, CivilDay to) const {
  if (to <= after) return 0;
  int days = to - after;
  for (const Period& absence : merged_) {
    const Period away = absence.Intersection({after + 1, to + 1});
    if (!away.Empty()) days -= away.end - away.start;
  }
  return days;
}

CivilDay AbsenceCalendar::NextChange(CivilDay after) const {
  for (const Period& absence : merged_) {
    if (absence.start > after) return absence.start;
    if (absence.end > after) return absence.end;
  }
  return CivilDay::Max();
}

CivilDay AbsenceCalendar::MoveDueDate(CivilDay due, const Rule& rule, const WorkingDays& working_days) const {
  while (due != CivilDay::Max()) {
    const Period* absence = Find(due);
    if (absence == nullptr) {
      if (working_days.IsWorkingDay(due)) return due;
      due = working_days.NextWorkingDayOnOrAfter(due);
      continue;
    }
    if (absence->Open()) return CivilDay::Max();
    const CivilDay last = LastDay(*absence);
    const bool is_long =
        working_days.WorkingDaysBetween(absence->start, last) >= rule.long_absence_working_days;
    due = working_days.AddWorkingDays(last, is_long ? rule.return_working_days : 1);
  }
  return due;
}

IntervalSet AbsenceCalendar::LongerThan(int days) const {
  PeriodList longer;
  for (const Period& absence : merged_) {
    if (LengthInDays(absence) > days) longer.push_back(absence);
  }
  return IntervalSet(longer);
}

CivilDay ClockReaches(CivilDay start, int days, const IntervalSet& stands_still) {
  CivilDay day = start;
  int left = days;
  for (const Period& pause : stands_still.periods()) {
    if (pause.end <= day) continue;
    const int counted = std::max(pause.start - day, 0);
    if (left <= counted) break;
    if (pause.Open()) return CivilDay::Max();
    left -= counted;
    day = pause.end;
  }
  return day + left;
}

}  // namespace oversight::engine
