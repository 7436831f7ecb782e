#pragma once

#include <vector>

namespace oversight::supervision {

// The fewest people about whom a figure is shown.
inline constexpr int kSmallestGroup = 5;

// Which groups of a survey must be withheld, given how many answered in each and altogether: those of fewer
// than 5; and, where the total less the groups shown would tell of fewer than 5 people, the next smallest as
// well. `total` is 0 when it is not shown itself. The result is in the order of `groups`.
std::vector<bool> WithheldGroups(const std::vector<int>& groups, int total);

}  // namespace oversight::supervision
