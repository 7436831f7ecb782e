#pragma once

#include <cstdint>

#include "common/time/civil_day.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

// How the value of a field passes a test, whoever read it: one record's, or a column's. Which of them are
// asked when a value is missing is for those who read.
namespace oversight::engine {

template <typename Enum>
bool Accepts(Mask mask, Enum value) {
  return mask == 0 || Contains(mask, value);
}

inline bool AcceptsArea(Mask areas, const AuthorityFacts& facts, uint32_t team) {
  return areas == 0 || (team != kNobody && Contains(areas, facts.team_area(team)));
}

inline CivilDay Plus(CivilDay day, const Interval& interval) {
  return interval.count == 0 ? day : AddInterval(day, interval);
}

// The last day that lies at least `interval` before `date`.
CivilDay LastBefore(CivilDay date, const Interval& interval);

// An enum's number, a flag as 0 or 1, a set's mask, a text's hash.
inline bool PassesWhole(const FieldCondition& test, uint32_t value) {
  switch (test.test) {
    case FieldCondition::Test::kIs:
      return (value != 0) == test.flag;
    case FieldCondition::Test::kOneOf:
      return test.field.type == ColumnType::kSet ? (value & test.mask) != 0 : (test.mask >> value & 1) != 0;
    case FieldCondition::Test::kAllOf:
      return (value & test.mask) == test.mask;
    default:  // kText
      return value == test.mask;
  }
}

inline bool PassesReached(const FieldCondition& test, bool set, CivilDay date, CivilDay day) {
  return (set && day >= Plus(date, test.interval)) == test.flag;
}

// kNotBefore and kNotAfter.
inline bool PassesOther(const FieldCondition& test, CivilDay date, CivilDay other) {
  const CivilDay bound = Plus(other, test.interval);
  return test.test == FieldCondition::Test::kNotBefore ? date >= bound : date <= bound;
}

}  // namespace oversight::engine
