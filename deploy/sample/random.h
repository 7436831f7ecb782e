#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"

namespace oversight::sample {

// Chance that comes out the same on every machine: the engine's sequence is fixed by the C++ standard, and
// the distributions are our own, because the standard's are not. Each part of the sample draws from a stream
// of its own, so that a change to one part leaves the others as they were.
class Random {
 public:
  Random(uint64_t seed, absl::string_view stream);

  // A whole number from `low` to `high`, both included. `low` must not exceed `high`.
  int Between(int low, int high);
  bool Percent(int share) { return Between(1, 100) <= share; }
  // A day of a period that is neither empty nor open.
  CivilDay DayOf(const Period& period) { return period.start + Between(0, period.end - period.start - 1); }
  // An index, chosen in proportion to its weight. At least one weight must be positive.
  size_t Weighted(const std::vector<int>& weights);
  // The list must not be empty.
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[static_cast<size_t>(Between(0, static_cast<int>(list.size()) - 1))];
  }
  template <typename T>
  void Shuffle(std::vector<T>& list) {
    for (size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[static_cast<size_t>(Between(0, static_cast<int>(i) - 1))]);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace oversight::sample
