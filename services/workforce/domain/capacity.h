#pragma once

#include "absl/types/span.h"

namespace oversight::workforce {

// Reductions of a worker's capacity that hold at once, in percent, together: their sum, 100 at the most.
double ReductionPercent(absl::Span<const double> percents);

// The full-time equivalents of posts held at once, together; a post that does not say (0) counts as full
// time.
double FullTimeEquivalent(absl::Span<const double> posts);

}  // namespace oversight::workforce
