#pragma once

#include "common/metrics/metrics.h"

namespace oversight::metrics {

// Adds what the operating system knows of this process: open descriptors and how many it may have, memory in
// use, processor time. Figures that it does not tell are left out.
void AddProcessFigures(Registry& registry);

}  // namespace oversight::metrics
