#pragma once

#include <map>

#include "deploy/sample/model.h"
#include "deploy/sample/random.h"

namespace oversight::sample {

// How many of `total` open cases belong to each area on the last day; adds up to `total`.
std::map<Area, int> CasesByArea(int total);

// How many open cases of each area have nobody allocated on the last day, besides those of empty positions.
std::map<Area, int> UnallocatedByArea(int total);

// Teams, positions, who supervises which position and how many cases each holds on the last day.
void BuildOrganisation(Authority& authority);

}  // namespace oversight::sample
