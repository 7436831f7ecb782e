#pragma once

#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/domain/series_plan.h"

namespace oversight::supervision {

// What the series asks of its sessions, as the rules see it; its dates must exist.
SeriesRequest SeriesRequestOf(const v1::PlannedSeries& series);

}  // namespace oversight::supervision
