#pragma once

#include "common/service/service_definition.h"

namespace oversight::service {

// The whole program of a service. Sub-commands: `serve`, `migrate up`, `migrate status`, `config check`,
// `config reference`, `healthcheck`, `ledger new-incarnation`; `--help` and `--version`. Returns the exit
// code: 0 done, 1 failed, 2 called wrongly.
int RunService(ServiceDefinition definition, int argc, char** argv);

}  // namespace oversight::service
