#pragma once

#include <memory>

#include "common/resource/kind.h"
#include "services/compliance/resources/policy_library.h"

namespace oversight::compliance {

// Waivers of rules for one subject, for a time. INVALID_FIELDS for a rule that no policy in the library has,
// and for a subject of another authority.
resource::Kind WaiverKind(std::shared_ptr<const PolicyLibrary> library);

}  // namespace oversight::compliance
