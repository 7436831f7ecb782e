#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/interval_set.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// The intervals that records ask for round one subject, from when to when. A record of which it is open
// whether it counts asks for none.
class AgreedIntervals {
 public:
  AgreedIntervals() = default;
  AgreedIntervals(const Asking& asking, const IntervalOfRecords& wanted, const Frame& subject);

  // The days on which some interval is asked for.
  const IntervalSet& days() const { return days_; }
  // The shortest of a day, counted from when all of that day have been asked for; of none a count of 0.
  Interval On(CivilDay day) const;
  // Visits each day on which On() may begin to say something else, in no particular order.
  void ForEachChange(absl::FunctionRef<void(CivilDay)> visit) const;

 private:
  struct Asked {
    Period days;
    Interval every;
  };
  std::vector<Asked> asked_;
  IntervalSet days_;
};

// Whether it depends on the month which of the two is longer.
bool AreRivals(Interval a, Interval b);

}  // namespace oversight::engine
