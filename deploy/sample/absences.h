#pragma once

#include "deploy/sample/model.h"

namespace oversight::sample {

// When the workers were away, within their employment: leave (over Christmas too), sickness short, long and
// without a known end, parental leave, and leave booked for the weeks after the end day.
void BuildAbsences(Authority& authority);

}  // namespace oversight::sample
