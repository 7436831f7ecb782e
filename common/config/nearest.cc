#include "common/config/nearest.h"

#include <algorithm>
#include <numeric>

namespace oversight::config {
namespace {

// Levenshtein's distance, row by row.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Nearest(absl::string_view word, const std::vector<std::string>& candidates) {
  std::string nearest;
  size_t fewest = 0;
  for (const std::string& candidate : candidates) {
    const size_t distance = Distance(word, candidate);
    if (distance * 3 <= candidate.size() && (nearest.empty() || distance < fewest)) {
      nearest = candidate;
      fewest = distance;
    }
  }
  return nearest;
}

}  // namespace oversight::config
