#pragma once

#include "common/service/service_definition.h"

namespace oversight::caseload {

// The caseload service: its kinds in the order in which an import writes them.
service::ServiceDefinition Definition();

}  // namespace oversight::caseload
