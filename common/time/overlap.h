#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/time/period.h"

namespace oversight {

// The index of the first of `others` that overlaps `period`; nothing when none does.
inline std::optional<size_t> FindOverlap(const Period& period, absl::Span<const Period> others) {
  for (size_t i = 0; i < others.size(); ++i) {
    if (period.Overlaps(others[i])) return i;
  }
  return std::nullopt;
}

// Two of `periods`, in any order given, that overlap each other, by index, the one that starts first being
// first; nothing when no two do. Periods that hold on no day overlap nothing. O(n log n).
inline std::optional<std::pair<size_t, size_t>> FindOverlappingPair(absl::Span<const Period> periods) {
  std::vector<size_t> by_start(periods.size());
  std::iota(by_start.begin(), by_start.end(), size_t{0});
  std::erase_if(by_start, [&](size_t i) { return periods[i].Empty(); });
  std::stable_sort(by_start.begin(), by_start.end(),
                   [&](size_t a, size_t b) { return periods[a].start < periods[b].start; });
  for (size_t i = 1; i < by_start.size(); ++i) {
    if (periods[by_start[i - 1]].Overlaps(periods[by_start[i]]))
      return std::pair(by_start[i - 1], by_start[i]);
  }
  return std::nullopt;
}

}  // namespace oversight
