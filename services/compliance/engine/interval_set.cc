#include "services/compliance/engine/interval_set.h"

#include <algorithm>

namespace oversight::engine {

IntervalSet::IntervalSet(Period period) {
  if (!period.Empty()) periods_.push_back(period);
}

IntervalSet::IntervalSet(std::span<const Period> periods) : periods_(periods.begin(), periods.end()) {
  const auto empty = [](const Period& period) { return period.Empty(); };
  periods_.Shorten(
      static_cast<size_t>(std::remove_if(periods_.begin(), periods_.end(), empty) - periods_.begin()));
  std::sort(periods_.begin(), periods_.end());
  size_t kept = 0;
  for (size_t i = 1; i < periods_.size(); ++i) {
    if (periods_[i].start <= periods_[kept].end) {
      periods_[kept].end = std::max(periods_[kept].end, periods_[i].end);
    } else {
      periods_[++kept] = periods_[i];
    }
  }
  if (!periods_.empty()) periods_.Shorten(kept + 1);
}

IntervalSet IntervalSet::All() { return IntervalSet(Period{CivilDay::Min(), CivilDay::Max()}); }

bool IntervalSet::IsAll() const {
  return periods_.size() == 1 && periods_[0] == Period{CivilDay::Min(), CivilDay::Max()};
}

bool IntervalSet::Contains(CivilDay day) const {
  const auto after = std::upper_bound(periods_.begin(), periods_.end(), day,
                                      [](CivilDay d, const Period& period) { return d < period.start; });
  return after != periods_.begin() && day < std::prev(after)->end;
}

IntervalSet Union(const IntervalSet& a, const IntervalSet& b) {
  if (a.Empty() || b.IsAll()) return b;
  if (b.Empty() || a.IsAll()) return a;
  IntervalSet result;
  auto left = a.periods_.begin();
  auto right = b.periods_.begin();
  while (left != a.periods_.end() || right != b.periods_.end()) {
    const bool from_left = right == b.periods_.end() || (left != a.periods_.end() && *left < *right);
    const Period& next = from_left ? *left++ : *right++;
    if (!result.periods_.empty() && next.start <= result.periods_.back().end) {
      result.periods_.back().end = std::max(result.periods_.back().end, next.end);
    } else {
      result.periods_.push_back(next);
    }
  }
  return result;
}

IntervalSet Intersection(const IntervalSet& a, const IntervalSet& b) {
  if (a.IsAll()) return b;
  if (b.IsAll()) return a;
  IntervalSet result;
  auto left = a.periods_.begin();
  auto right = b.periods_.begin();
  while (left != a.periods_.end() && right != b.periods_.end()) {
    const Period common = left->Intersection(*right);
    if (!common.Empty()) result.periods_.push_back(common);
    if (left->end < right->end) {
      ++left;
    } else {
      ++right;
    }
  }
  return result;
}

IntervalSet Difference(const IntervalSet& a, const IntervalSet& b) {
  if (a.Empty() || b.Empty()) return a;
  return Intersection(a, Complement(b));
}

IntervalSet Complement(const IntervalSet& a) {
  IntervalSet result;
  CivilDay from = CivilDay::Min();
  for (const Period& period : a.periods_) {
    if (from < period.start) result.periods_.push_back({from, period.start});
    from = period.end;
  }
  if (from < CivilDay::Max()) result.periods_.push_back({from, CivilDay::Max()});
  return result;
}

}  // namespace oversight::engine
