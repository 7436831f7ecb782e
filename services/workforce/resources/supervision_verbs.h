#pragma once

#include "common/resource/standard_methods.h"
#include "common/rpc/methods.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

// MoveSupervisees. `standard` must outlive the methods.
void RegisterSupervisionVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds);

}  // namespace oversight::workforce
