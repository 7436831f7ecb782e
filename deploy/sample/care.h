#pragma once

#include <string>

#include "deploy/sample/model.h"
#include "deploy/sample/random.h"

namespace oversight::sample {

// Legal statuses and placements of a child while looked after during `period`.
void AddTimeInCare(const Authority& authority, Case& child, const Period& period, Random& random);

// How many homes the authority runs: one for each residential team.
int OwnHomes(const Authority& authority);

// The home that a residential team runs, as placements name it.
std::string HomeOf(const Team& team);

}  // namespace oversight::sample
