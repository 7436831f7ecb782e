#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/access/guard.h"
#include "common/access/mysql_access_log.h"
#include "common/access/stored_owners.h"
#include "common/access/workforce_feed.h"
#include "common/ledger/ledger_service.h"
#include "common/ledger/tailer.h"
#include "common/metrics/metrics.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"
#include "common/resource/import.h"
#include "common/resource/state_source.h"
#include "common/resource/writer.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/service/service_definition.h"
#include "common/testing/fake_references.h"

namespace oversight::testing {

// Authentication and authorisation as in earnest, instead of demo mode.
struct InProcessAccess {
  std::string jwt_keys_file;
  std::string jwt_issuer;
  std::string jwt_audience;
  access::AccessOptions options;
  // The workforce service; its own ledger is read when null.
  std::shared_ptr<rpc::Client> workforce;
};

struct InProcessOptions {
  // Where its tables are; a new schema on the shared server when it is empty. Migrated in any case.
  mysql::ConnectionOptions database;
  // Asked about other services' resources; none of them is missing when null.
  resource::RemoteReferences* references = nullptr;
  // The system's when null.
  const Clock* clock = nullptr;
  ledger::TailerOptions tailer{.poll_interval = absl::Milliseconds(5),
                               .heartbeat_interval = absl::Seconds(10)};
  int pool_size = 24;
  int worker_threads = 24;
  // The user of `client()`, in demo mode.
  std::string user = "tester";
  std::optional<InProcessAccess> access;
};

// A service of ours as `serve` runs it (common/service/serve.h), inside the test: on a free loopback port in
// demo mode, with its migrations applied. It serves from the start and does not look after its readiness.
class InProcessService {
 public:
  // Its migrations are in services/, in the folder of its name. Ends the process when it cannot start.
  InProcessService(service::ServiceDefinition definition, InProcessOptions options = {});
  ~InProcessService();

  rpc::Client& client() { return *client_; }
  std::unique_ptr<rpc::Client> Connect(const std::string& user) const;
  // For services with `access`: a caller with the token in this file.
  std::unique_ptr<rpc::Client> ConnectWithToken(const std::string& token_file) const;
  const access::WorkforceView& workforce_view() const { return workforce_view_; }
  FakeReferences& references() { return own_references_; }
  const mysql::ConnectionOptions& database() const { return options_.database; }
  ledger::Tailer& tailer() { return *tailer_; }
  resource::Writer& writer() { return *writer_; }
  const std::string& name() const { return definition_.name; }

  using Trailers = std::vector<std::pair<std::string, std::string>>;
  metrics::Registry& metrics() { return metrics_; }
  // Calls a method of the service's own gRPC service, `CreateWorker`.
  template <typename Response>
  absl::StatusOr<Response> Call(absl::string_view method, const google::protobuf::Message& request,
                                Trailers* trailers = nullptr) {
    Response response;
    const absl::Status status = client_->Unary("/" + definition_.rpc_service + "/" + std::string(method),
                                               request, &response, {}, trailers);
    if (!status.ok()) return status;
    return response;
  }
  // Calls a method of its LedgerService.
  template <typename Response>
  absl::StatusOr<Response> CallLedger(absl::string_view method, const google::protobuf::Message& request) {
    Response response;
    const absl::Status status = client_->Unary(LedgerMethod(method), request, &response, {});
    if (!status.ok()) return status;
    return response;
  }
  // The verdict of VerifyLedger over `authority`, an id.
  absl::StatusOr<ledger::pb::VerifyLedgerResponse> Verify(const std::string& authority,
                                                          const std::vector<std::string>& known_tokens = {});
  // The authority's newest revision; 0 when it has none.
  int64_t Revision(const std::string& authority);
  // Every entry of the authority, through Watch.
  std::vector<ledger::pb::Entry> Entries(const std::string& authority);
  static std::string LedgerMethod(absl::string_view method) {
    return "/oversight.ledger.v1.LedgerService/" + std::string(method);
  }

  // Runs one statement in the service's schema, behind its back. Ends the process when it fails.
  int64_t Sql(const std::string& statement);

 private:
  rpc::Methods Guarded(const rpc::Methods& methods, const Clock* clock, rpc::ServerOptions& server_options);

  InProcessOptions options_;
  FakeReferences own_references_;
  const SystemClock system_clock_;
  const service::ServiceDefinition definition_;
  metrics::Registry metrics_;
  const resource::Tables tables_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<ledger::Tailer> tailer_;
  std::unique_ptr<resource::KindsStateSource> state_;
  std::unique_ptr<resource::Writer> writer_;
  std::unique_ptr<resource::StandardMethods> standard_;
  std::unique_ptr<resource::Importer> importer_;
  std::unique_ptr<ledger::LedgerService> ledger_service_;
  access::WorkforceView workforce_view_;
  std::unique_ptr<access::WorkforceFeed> workforce_feed_;
  std::unique_ptr<access::Standings> standings_;
  std::unique_ptr<access::StoredOwners> owners_;
  std::unique_ptr<access::MysqlAccessLog> access_log_;
  std::unique_ptr<access::Guard> guard_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Client> client_;
};

// Applies a service's migrations to a schema. `service` is its folder in services/.
absl::Status MigrateSchema(const std::string& service, const mysql::ConnectionOptions& database);

}  // namespace oversight::testing
