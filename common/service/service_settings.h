#pragma once

#include <string>

#include "common/access/standing.h"
#include "common/config/settings.h"
#include "common/mysql/connection.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/service/service_definition.h"

namespace oversight::service {

// What a sub-command works with: of the settings that have no default, only those it needs are required.
enum class Needs { kEverything, kDatabase, kItsAddress };

// Declares every setting that the service knows, so that all sub-commands can be called with the same ones.
void DeclareSettings(const ServiceDefinition& definition, Needs needs, config::Settings& settings);

mysql::ConnectionOptions DatabaseOptions(const config::Settings& settings);
// The folder of the schema's migrations.
std::string MigrationsDirectory(const ServiceDefinition& definition, const config::Settings& settings);
rpc::ServerOptions ServerOptionsOf(const config::Settings& settings);
access::AccessOptions AccessOptionsOf(const config::Settings& settings);
// For calls to the service at `target`.
rpc::ClientOptions ClientOptionsOf(const config::Settings& settings, const std::string& service,
                                   const std::string& target);

}  // namespace oversight::service
