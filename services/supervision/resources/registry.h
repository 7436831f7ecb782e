#pragma once

#include <memory>

#include "common/service/service_definition.h"
#include "services/supervision/records/record_keeper.h"

namespace oversight::supervision {

// The supervision service: its kinds in the order in which an import writes them, and its own methods. Tests
// give it surroundings of their own; otherwise the service makes them from its settings.
service::ServiceDefinition Definition(
    std::shared_ptr<Surroundings> surroundings = std::make_shared<Surroundings>());

}  // namespace oversight::supervision
