#pragma once

#include "deploy/sample/model.h"

namespace oversight::sample {

// Who held which case when. The keyworker changes with the stage of the case, when the worker leaves or is
// away for long; some cases wait for one. On the end day the positions hold the caseloads planned for them.
void BuildAllocations(Authority& authority);

}  // namespace oversight::sample
