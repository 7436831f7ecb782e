#pragma once

#include <span>
#include <vector>

#include "common/time/civil_day.h"
#include "common/time/period.h"

namespace oversight::engine {

// A set of days, as ascending periods that neither overlap nor adjoin. The algebra of conditions: AND is
// Intersection, OR is Union, NOT is Complement.
class IntervalSet {
 public:
  IntervalSet() = default;
  // One period; nothing when it is empty.
  explicit IntervalSet(Period period);
  // Any periods in any order, overlapping or empty ones too.
  explicit IntervalSet(std::vector<Period> periods);

  // Every day.
  static IntervalSet All();

  bool Empty() const { return periods_.empty(); }
  bool Contains(CivilDay day) const;
  std::span<const Period> periods() const { return periods_; }

  friend IntervalSet Union(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet Intersection(const IntervalSet& a, const IntervalSet& b);
  // The days of `a` that are not in `b`.
  friend IntervalSet Difference(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet Complement(const IntervalSet& a);
  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

 private:
  std::vector<Period> periods_;
};

}  // namespace oversight::engine
