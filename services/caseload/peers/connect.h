#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/service/service_definition.h"
#include "services/caseload/peers/peers.h"

namespace oversight::caseload {

// Declares `compliance-target`. It is optional, so that caseload can be put up before compliance is: without
// it compliance counts as unreachable.
void DeclarePeerSettings(config::Settings& settings);

// Connects `peers` to the services that the settings name. Nothing has to be started or stopped.
absl::StatusOr<std::unique_ptr<service::Extension>> ConnectPeers(const service::Runtime& runtime,
                                                                 PeersPtr peers);

}  // namespace oversight::caseload
