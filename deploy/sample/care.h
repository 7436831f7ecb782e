#pragma once

#include "deploy/sample/model.h"
#include "deploy/sample/random.h"

namespace oversight::sample {

// Legal statuses and placements of a child while looked after during `period`.
void AddTimeInCare(const Authority& authority, Case& child, const Period& period, Random& random);

}  // namespace oversight::sample
