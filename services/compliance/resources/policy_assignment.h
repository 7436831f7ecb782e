#pragma once

#include <memory>

#include "common/resource/kind.h"
#include "services/compliance/resources/policy_library.h"

namespace oversight::compliance {

// Policies that an authority has taken on. INVALID_FIELDS for a policy that is not in the library;
// FAILED_PRECONDITION (PERIOD_OVERLAP) when the same policy is assigned twice on a day.
resource::Kind PolicyAssignmentKind(std::shared_ptr<const PolicyLibrary> library,
                                    std::shared_ptr<const resource::Kind*> self);

}  // namespace oversight::compliance
