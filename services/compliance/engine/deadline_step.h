#pragma once

#include <cstdint>

#include "common/time/working_days.h"
#include "services/compliance/engine/instances.h"

// What one step of a deadline makes of what is known: the same whether it was read of one record or of a
// column.
namespace oversight::engine {

// When something was, as precisely as is known.
struct Moment {
  CivilDay day;
  bool timed = false;
  int64_t instant = 0;  // where timed

  int64_t Earliest() const { return timed ? instant : absl::ToUnixMicros(day.Midnight()); }
  int64_t Latest() const { return timed ? instant : absl::ToUnixMicros((day + 1).Midnight()) - 1; }
};

// The shorter of two times from `day`; hours always are.
TimeAllowed Stricter(CivilDay day, const TimeAllowed& time, const TimeAllowed& stricter,
                     const WorkingDays& working_days);

// The last day in time. `until`: the day of DeadlineStep::until, of any other limit than kWithin. Max():
// none.
CivilDay LastInTime(const DeadlineStep& step, const Moment& trigger, const TimeAllowed& time, CivilDay until,
                    const WorkingDays& working_days);

// Done at `done`. `until`: the moment of DeadlineStep::until; null where it is not set.
void SetDone(const DeadlineStep& step, const Moment& trigger, const TimeAllowed& time, const Moment& done,
             const Moment* until, Instance& instance);

}  // namespace oversight::engine
