#include "common/service/serve.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/access/guard.h"
#include "common/access/mysql_access_log.h"
#include "common/access/stored_owners.h"
#include "common/access/workforce_feed.h"
#include "common/ledger/ledger_service.h"
#include "common/log/log.h"
#include "common/metrics/http_endpoint.h"
#include "common/metrics/process_figures.h"
#include "common/migrate/migrate.h"
#include "common/resource/import.h"
#include "common/resource/references.h"
#include "common/resource/state_source.h"
#include "common/resource/writer.h"
#include "common/rpc/certificate_expiry.h"
#include "common/rpc/server.h"
#include "common/rpc/signals.h"
#include "common/service/readiness.h"
#include "common/service/service_settings.h"
#include "common/service/serving.h"
#include "common/status/error.h"

namespace oversight::service {
namespace {

// Whose ledger says who works where.
constexpr char kWorkforce[] = "workforce";

absl::StatusOr<std::map<std::string, std::shared_ptr<rpc::Client>>> ConnectTo(
    const ServiceDefinition& definition, const config::Settings& settings) {
  std::map<std::string, std::shared_ptr<rpc::Client>> clients;
  for (const std::string& service : definition.references) {
    OVERSIGHT_ASSIGN_OR_RETURN(
        std::unique_ptr<rpc::Client> client,
        rpc::Client::Create(
            ClientOptionsOf(settings, definition.name, settings.Text(absl::StrCat(service, "-target")))));
    clients.emplace(service, std::move(client));
  }
  return clients;
}

std::unique_ptr<access::WorkforceFeed> FeedOfWorkforce(
    const ServiceDefinition& definition, const std::map<std::string, std::shared_ptr<rpc::Client>>& clients,
    access::WorkforceView* view, ledger::Tailer* tailer, const Clock* clock) {
  if (definition.name == kWorkforce) return std::make_unique<access::WorkforceFeed>(view, tailer, clock);
  return std::make_unique<access::WorkforceFeed>(view, clients.at(kWorkforce), clock);
}

}  // namespace

absl::Status Serve(const ServiceDefinition& definition, const config::Settings& settings) {
  const SystemClock clock;
  metrics::Registry metrics;
  metrics::AddProcessFigures(metrics);
  rpc::AddCertificateExpiry(settings.Text("tls-certificate-file"), metrics);
  OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<migrate::Migration> migrations,
                             migrate::LoadMigrations(MigrationsDirectory(definition, settings)));
  OVERSIGHT_ASSIGN_OR_RETURN(auto clients, ConnectTo(definition, settings));
  mysql::Pool pool(DatabaseOptions(settings), static_cast<int>(settings.Integer("db-pool-size")), &metrics);
  ledger::Tailer tailer(definition.name, DatabaseOptions(settings), {});

  const resource::Tables tables(definition.kinds);
  resource::KindsStateSource state(&definition.kinds, &tables);
  resource::LedgerReferences references(clients);
  resource::Writer writer({.service = definition.name,
                           .kinds = &definition.kinds,
                           .tables = &tables,
                           .pool = &pool,
                           .references = &references,
                           .clock = &clock,
                           .committed = [&tailer] { tailer.Nudge(); }});
  resource::StandardMethods standard(definition.rpc_service, &writer);
  resource::Importer importer(definition.rpc_service, &writer);
  ledger::LedgerService ledger_service(definition.name, &pool, &tailer, &state, &clock);

  access::MysqlAccessLog access_log(&pool, &metrics, &clock);
  const auto workforce = std::make_shared<access::WorkforceView>();
  std::unique_ptr<access::WorkforceFeed> workforce_feed;
  // In demo mode nobody's role is asked for.
  if (!settings.Boolean("demo-mode") || definition.follows_workforce)
    workforce_feed = FeedOfWorkforce(definition, clients, workforce.get(), &tailer, &clock);
  OVERSIGHT_ASSIGN_OR_RETURN(const std::unique_ptr<access::Standings> standings,
                             access::Standings::Open(AccessOptionsOf(settings), workforce.get(), &clock));
  access::StoredOwners owners(&definition.kinds, &tables, &pool, standings->table().belonging(), &clock);
  access::Guard guard({.standings = standings.get(),
                       .owners = &owners,
                       .log = &access_log,
                       .clock = &clock,
                       .page_key = settings.Secret("log-hash-key")});

  rpc::Methods methods;
  methods.AddService(definition.rpc_service);
  access_log.Register(methods);
  standard.Register(methods);
  importer.Register(methods);
  ledger_service.Register(methods);
  if (definition.custom_methods) definition.custom_methods(standard, methods);
  std::unique_ptr<Extension> extension;
  if (definition.make_extension) {
    OVERSIGHT_ASSIGN_OR_RETURN(extension, definition.make_extension({.settings = &settings,
                                                                     .pool = &pool,
                                                                     .metrics = &metrics,
                                                                     .clock = &clock,
                                                                     .tailer = &tailer,
                                                                     .standard_methods = &standard,
                                                                     .standings = standings.get(),
                                                                     .workforce = workforce,
                                                                     .access_log = &access_log,
                                                                     .clients = clients}));
    if (extension != nullptr) extension->Register(methods);
  }

  const config::HostAndPort metrics_listen = settings.Address("metrics-listen");
  OVERSIGHT_ASSIGN_OR_RETURN(
      const std::unique_ptr<metrics::HttpEndpoint> endpoint,
      metrics::HttpEndpoint::Start(absl::StrCat(metrics_listen.host, ":", metrics_listen.port), metrics));

  std::unique_ptr<rpc::Server> server;
  Serving serving(extension.get(),
                  [&] { return workforce_feed == nullptr || workforce->CheckCaughtUp().ok(); });
  Readiness readiness(&pool, &clock, static_cast<int>(migrations.size()), [&](bool ready) {
    const bool may_serve = serving.MayServe(ready);
    server->SetServing(may_serve);
    return may_serve;
  });
  const rpc::Methods guarded = readiness.Guard(guard.Protect(methods));
  OVERSIGHT_ASSIGN_OR_RETURN(server,
                             rpc::Server::Start(ServerOptionsOf(settings), guarded, &metrics, &clock));
  log::Info("listening", {{"port", server->port()}});
  if (workforce_feed != nullptr) workforce_feed->Start();
  readiness.Start();

  rpc::WaitForTermination();
  log::Info("stopping");
  readiness.Stop();
  server->Drain();
  serving.Stop();
  if (workforce_feed != nullptr) workforce_feed->Stop();
  tailer.Stop();
  log::Info("stopped");
  return absl::OkStatus();
}

}  // namespace oversight::service
