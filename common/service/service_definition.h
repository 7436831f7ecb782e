#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/access/access_log.h"
#include "common/access/standing.h"
#include "common/config/settings.h"
#include "common/ledger/tailer.h"
#include "common/metrics/metrics.h"
#include "common/mysql/pool.h"
#include "common/resource/kind.h"
#include "common/resource/standard_methods.h"
#include "common/rpc/client.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"

namespace oversight::service {

// What a running service has, for parts of its own.
struct Runtime {
  const config::Settings* settings = nullptr;
  mysql::Pool* pool = nullptr;
  metrics::Registry* metrics = nullptr;
  const Clock* clock = nullptr;
  ledger::Tailer* tailer = nullptr;
  resource::StandardMethods* standard_methods = nullptr;
  // What callers are, by their roles.
  const access::Standings* standings = nullptr;
  // Who works where; in demo mode known only to a service that `follows_workforce`.
  std::shared_ptr<const access::WorkforceView> workforce;
  // Where readings of confidential text are written before they are answered.
  access::AccessLog* access_log = nullptr;
  // Channels to the services in `references`, by name.
  std::map<std::string, std::shared_ptr<rpc::Client>> clients;
};

// A part of a service beyond keeping its resources. Started once the database is ready, stopped before it
// goes.
class Extension {
 public:
  virtual ~Extension() = default;
  virtual void Register(rpc::Methods& methods) = 0;
  virtual absl::Status Start() = 0;
  // Whether it has caught up with what it follows, after Start: until then the service does not report
  // SERVING.
  virtual bool CaughtUp() const { return true; }
  virtual void Stop() = 0;
};

// What makes one service differ from the others. `RunService` (common/service/run.h) does the rest:
// sub-commands, settings, logs, metrics, database, migrations, ledger, standard methods, health and drain.
struct ServiceDefinition {
  // `workforce`; also the name of its ledger.
  std::string name;
  // Full name of its gRPC service.
  std::string rpc_service;
  resource::Registry kinds;
  // Services that own resources to which its kinds refer: `workforce`, `caseload`. Each gets an address
  // setting, `workforce-target`.
  std::vector<std::string> references;
  // Registers custom verbs.
  std::function<void(resource::StandardMethods&, rpc::Methods&)> custom_methods;
  // Declares settings of its own.
  std::function<void(config::Settings&)> declare_settings;
  // Whether a part of its own asks who works where, which in demo mode nobody else does.
  bool follows_workforce = false;
  // Makes a part of its own, null where there is nothing to start; the Runtime outlives it.
  std::function<absl::StatusOr<std::unique_ptr<Extension>>(const Runtime&)> make_extension;
};

}  // namespace oversight::service
