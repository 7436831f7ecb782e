#pragma once

#include <string>

#include "common/config/settings.h"
#include "common/mysql/connection.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/service/service_definition.h"

namespace oversight::service {

// Declares every setting that the service knows.
void DeclareSettings(const ServiceDefinition& definition, config::Settings& settings);

mysql::ConnectionOptions DatabaseOptions(const config::Settings& settings);
rpc::ServerOptions ServerOptionsOf(const config::Settings& settings);
// For calls to the service at `target`.
rpc::ClientOptions ClientOptionsOf(const config::Settings& settings, const std::string& service,
                                   const std::string& target);

}  // namespace oversight::service
