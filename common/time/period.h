#pragma once

#include <algorithm>

#include "common/time/civil_day.h"

namespace oversight {

// A dated period: holds from `start` up to, but not on, `end`, the first day on which it no longer holds; so
// the next placement starts on the day the last one ends. An open period ends on CivilDay::Max().
struct Period {
  CivilDay start;
  CivilDay end = CivilDay::Max();

  // Holds on no day at all.
  constexpr bool Empty() const { return end <= start; }
  constexpr bool Open() const { return end == CivilDay::Max(); }
  constexpr bool Contains(CivilDay day) const { return start <= day && day < end; }
  // Whether both hold on some day. Periods that merely adjoin do not overlap.
  constexpr bool Overlaps(const Period& other) const { return !Intersection(other).Empty(); }
  // The days on which both hold; Empty() when there are none.
  constexpr Period Intersection(const Period& other) const {
    return Period{std::max(start, other.start), std::min(end, other.end)};
  }

  friend constexpr auto operator<=>(const Period&, const Period&) = default;
};

}  // namespace oversight
