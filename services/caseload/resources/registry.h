#pragma once

#include <memory>

#include "common/service/service_definition.h"
#include "services/caseload/peers/peers.h"

namespace oversight::caseload {

// The caseload service: its kinds in the order in which an import writes them. `peers` are set from the
// settings when it is served; where they are not set, the other services count as unreachable.
service::ServiceDefinition Definition(PeersPtr peers = std::make_shared<Peers>());

}  // namespace oversight::caseload
