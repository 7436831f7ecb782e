#pragma once

#include "common/resource/standard_methods.h"
#include "common/rpc/methods.h"
#include "services/supervision/records/record_keeper.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {

// Registers PlanSeries.
void RegisterPlanSeries(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds,
                        SurroundingsPtr surroundings);

}  // namespace oversight::supervision
