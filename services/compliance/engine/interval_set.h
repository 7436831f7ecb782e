#pragma once

#include <span>
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "services/compliance/engine/short_list.h"

namespace oversight::engine {

// Periods being gathered: few, so that they need no memory of their own.
using PeriodList = ShortList<Period, 4>;

// A set of days, as ascending periods that neither overlap nor adjoin. The algebra of conditions: AND is
// Intersection, OR is Union, NOT is Complement.
class IntervalSet {
 public:
  IntervalSet() = default;
  // One period; nothing when it is empty.
  explicit IntervalSet(Period period);
  // Any periods in any order, overlapping or empty ones too.
  explicit IntervalSet(std::span<const Period> periods);

  // Every day.
  static IntervalSet All();

  bool Empty() const { return periods_.empty(); }
  bool IsAll() const;
  bool Contains(CivilDay day) const;
  std::span<const Period> periods() const { return {periods_.data(), periods_.size()}; }

  friend IntervalSet Union(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet Intersection(const IntervalSet& a, const IntervalSet& b);
  // The days of `a` that are not in `b`.
  friend IntervalSet Difference(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet Complement(const IntervalSet& a);
  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

 private:
  // Most sets that conditions make are a period or two.
  ShortList<Period, 2> periods_;
};

}  // namespace oversight::engine
