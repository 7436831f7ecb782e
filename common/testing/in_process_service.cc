#include "common/testing/in_process_service.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/migrate/migrate.h"
#include "common/testing/private_mariadb.h"

namespace oversight::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

void Demand(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  fprintf(stderr, "FATAL: %s: %s\n", std::string(what).c_str(), status.ToString().c_str());
  exit(1);
}

template <typename T>
T Demand(absl::StatusOr<T> result, absl::string_view what) {
  Demand(result.status(), what);
  return *std::move(result);
}

}  // namespace

absl::Status MigrateSchema(const std::string& service, const mysql::ConnectionOptions& database) {
  OVERSIGHT_ASSIGN_OR_RETURN(
      const auto migrations,
      migrate::LoadMigrations(absl::StrCat(OVERSIGHT_SERVICES_DIRECTORY, "/", service, "/migrations")));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(migrate::ForMigrating(database)));
  return migrate::Up(*connection, migrations).status();
}

InProcessService::InProcessService(service::ServiceDefinition definition, InProcessOptions options)
    : options_(std::move(options)), definition_(std::move(definition)), tables_(definition_.kinds) {
  if (options_.database.schema.empty()) options_.database = NewSchema();
  Demand(MigrateSchema(definition_.name, options_.database), "migrations");
  const Clock* clock = options_.clock == nullptr ? &system_clock_ : options_.clock;
  pool_ = std::make_unique<mysql::Pool>(options_.database, options_.pool_size, &metrics_);
  tailer_ = std::make_unique<ledger::Tailer>(definition_.name, options_.database, options_.tailer);
  state_ = std::make_unique<resource::KindsStateSource>(&definition_.kinds, &tables_);
  writer_ = std::make_unique<resource::Writer>(resource::Environment{
      .service = definition_.name,
      .kinds = &definition_.kinds,
      .tables = &tables_,
      .pool = pool_.get(),
      .references = options_.references == nullptr ? &own_references_ : options_.references,
      .clock = clock,
      .committed = [this] { tailer_->Nudge(); }});
  standard_ = std::make_unique<resource::StandardMethods>(definition_.rpc_service, writer_.get());
  importer_ = std::make_unique<resource::Importer>(definition_.rpc_service, writer_.get());
  ledger_service_ = std::make_unique<ledger::LedgerService>(definition_.name, pool_.get(), tailer_.get(),
                                                            state_.get(), clock);
  access_log_ = std::make_unique<access::MysqlAccessLog>(pool_.get(), &metrics_, clock);
  rpc::Methods methods;
  methods.AddService(definition_.rpc_service);
  access_log_->Register(methods);
  standard_->Register(methods);
  importer_->Register(methods);
  ledger_service_->Register(methods);
  if (definition_.custom_methods) definition_.custom_methods(*standard_, methods);
  rpc::ServerOptions server_options;
  server_options.demo_mode = true;
  server_options.worker_threads = options_.worker_threads;
  server_options.drain_notice = absl::ZeroDuration();
  server_ =
      Demand(rpc::Server::Start(server_options, Guarded(methods, clock, server_options), &metrics_, clock),
             "server");
  server_->SetServing(true);
  client_ = Connect(options_.user);
}

rpc::Methods InProcessService::Guarded(const rpc::Methods& methods, const Clock* clock,
                                       rpc::ServerOptions& server_options) {
  access::AccessOptions access;
  if (options_.access.has_value()) {
    const InProcessAccess& given = *options_.access;
    access = given.options;
    server_options.demo_mode = false;
    server_options.jwt_keys_file = given.jwt_keys_file;
    server_options.jwt_issuer = given.jwt_issuer;
    server_options.jwt_audience = given.jwt_audience;
    workforce_feed_ = given.workforce == nullptr
                          ? std::make_unique<access::WorkforceFeed>(&workforce_view_, tailer_.get(), clock)
                          : std::make_unique<access::WorkforceFeed>(&workforce_view_, given.workforce, clock);
    workforce_feed_->Start();
  }
  standings_ =
      Demand(access::Standings::Open(std::move(access), &workforce_view_, clock), "roles and grants");
  owners_ = std::make_unique<access::StoredOwners>(&definition_.kinds, &tables_, pool_.get(),
                                                   standings_->table().belonging(), clock);
  guard_ = std::make_unique<access::Guard>(access::Guard::Parts{
      .standings = standings_.get(), .owners = owners_.get(), .log = access_log_.get(), .clock = clock});
  return guard_->Protect(methods);
}

InProcessService::~InProcessService() {
  server_->Drain();
  if (workforce_feed_ != nullptr) workforce_feed_->Stop();
  tailer_->Stop();
}

std::unique_ptr<rpc::Client> InProcessService::Connect(const std::string& user) const {
  rpc::ClientOptions options;
  options.target = absl::StrCat("127.0.0.1:", server_->port());
  options.demo_user = user;
  return Demand(rpc::Client::Create(options), "client");
}

std::unique_ptr<rpc::Client> InProcessService::ConnectWithToken(const std::string& token_file) const {
  rpc::ClientOptions options;
  options.target = absl::StrCat("127.0.0.1:", server_->port());
  options.token_file = token_file;
  return Demand(rpc::Client::Create(options), "client");
}

absl::StatusOr<ledger::pb::VerifyLedgerResponse> InProcessService::Verify(
    const std::string& authority, const std::vector<std::string>& known_tokens) {
  ledger::pb::VerifyLedgerRequest request;
  request.set_name(absl::StrCat("authorities/", authority));
  for (const std::string& token : known_tokens) request.add_known_tokens(token);
  auto stream = client_->Stream(LedgerMethod("VerifyLedger"), request, {.deadline = absl::Now() + kPatience});
  ledger::pb::VerifyLedgerResponse report;
  while (stream->Read(&report)) {
  }
  OVERSIGHT_RETURN_IF_ERROR(stream->Finish());
  return report;
}

int64_t InProcessService::Revision(const std::string& authority) {
  ledger::pb::GetHeadRequest request;
  request.set_name(absl::StrCat("authorities/", authority));
  const auto head = CallLedger<ledger::pb::Head>("GetHead", request);
  if (absl::IsNotFound(head.status())) return 0;
  Demand(head.status(), "GetHead");
  return head->revision();
}

std::vector<ledger::pb::Entry> InProcessService::Entries(const std::string& authority) {
  ledger::pb::WatchRequest request;
  request.add_authorities(absl::StrCat("authorities/", authority));
  auto stream = client_->Stream(LedgerMethod("Watch"), request, {.deadline = absl::Now() + kPatience});
  std::vector<ledger::pb::Entry> entries;
  ledger::pb::WatchResponse message;
  // A message without entries says that all have been sent.
  while (stream->Read(&message) && !message.entries().empty()) {
    entries.insert(entries.end(), message.entries().begin(), message.entries().end());
  }
  stream->Cancel();
  return entries;
}

int64_t InProcessService::Sql(const std::string& statement) {
  const auto connection = Demand(mysql::Connection::Open(options_.database), "connection");
  return Demand(connection->Execute(statement, {}), statement);
}

}  // namespace oversight::testing
