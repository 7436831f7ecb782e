#pragma once

#include "common/service/service_definition.h"

namespace oversight::compliance {

// The compliance service: the assignment of policies, and the judgement of what they ask for.
service::ServiceDefinition Definition();

}  // namespace oversight::compliance
