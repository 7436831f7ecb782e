#include "services/compliance/engine/policy.h"

#include "absl/strings/str_cat.h"

namespace oversight::engine {

CivilDay AddInterval(CivilDay day, Interval interval) {
  // Days beyond all practice stay open-ended instead of wrapping round.
  constexpr CivilDay kLatest = CivilDay::FromNumber(1'000'000'000);
  if (day >= kLatest) return CivilDay::Max();
  return interval.unit == Interval::Unit::kDays ? day + interval.count : AddMonths(day, interval.count);
}

std::string Policy::VersionText() const { return absl::StrCat(version, "-", content_hash.substr(0, 12)); }

}  // namespace oversight::engine
