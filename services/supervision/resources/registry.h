#pragma once

#include "common/service/service_definition.h"

namespace oversight::supervision {

// The supervision service: its kinds in the order in which an import writes them, and the verbs of a session.
service::ServiceDefinition Definition();

}  // namespace oversight::supervision
