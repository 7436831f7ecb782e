#pragma once

#include "common/service/service_definition.h"

namespace oversight::workforce {

// The workforce service: its kinds in the order in which an import writes them.
service::ServiceDefinition Definition();

}  // namespace oversight::workforce
