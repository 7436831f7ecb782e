#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace oversight::config {

// The candidate that a mistyped word most likely meant: the one with the fewest insertions, deletions and
// replacements, if they are no more than a third of its letters. Empty when none is near.
std::string Nearest(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace oversight::config
