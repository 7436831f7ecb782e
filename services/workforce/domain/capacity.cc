#include "services/workforce/domain/capacity.h"

#include <algorithm>
#include <numeric>

namespace oversight::workforce {

double ReductionPercent(absl::Span<const double> percents) {
  return std::min(100.0, std::accumulate(percents.begin(), percents.end(), 0.0));
}

double FullTimeEquivalent(absl::Span<const double> posts) {
  return std::accumulate(posts.begin(), posts.end(), 0.0,
                         [](double sum, double post) { return sum + (post > 0 ? post : 1); });
}

}  // namespace oversight::workforce
