#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/resource/kind.h"
#include "common/rpc/methods.h"

namespace oversight::service {

// What makes one service differ from the others. `RunService` (common/service/run.h) does the rest: sub-commands, settings,
// logs, metrics, database, migrations, ledger, standard methods, health and drain.
struct ServiceDefinition {
  // `workforce`; also the name of its ledger and the prefix of its settings.
  std::string name;
  // Full name of its gRPC service.
  std::string rpc_service;
  resource::Registry kinds;
  // Services that own resources to which its kinds refer: `workforce`, `caseload`. Each gets an address setting.
  std::vector<std::string> references;
};

}  // namespace oversight::service
