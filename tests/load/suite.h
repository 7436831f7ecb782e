#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "common/rpc/client.h"
#include "common/testing/private_mariadb.h"

namespace oversight::load {

// The processes that are measured: a private database and, as they are asked for, the services' own programs
// with their default settings, and the bare server. All end with this object.
class Suite {
 public:
  struct Options {
    // The build's `services` directory, with `workforce/oversight-workforce` and so on.
    std::string programs;
    // The source's `services` directory, for migrations.
    std::string sources;
    // This program, which is the bare server as well.
    std::string self;
    // Threads and database connections of each server; the services' own default.
    int workers = 16;
  };

  explicit Suite(Options options);
  ~Suite();

  absl::Status StartDatabase();
  // Whether the service's program has been built.
  bool Has(const std::string& service) const;
  // Makes its schema and starts it. The services that it asks must be running.
  absl::Status StartService(const std::string& service);
  // A schema like the service's, with a copy of what is in it now.
  absl::StatusOr<mysql::ConnectionOptions> CopySchema(const std::string& service);
  absl::Status StartBareServer(const mysql::ConnectionOptions& database);
  // Runs a program to its end. Its output is in the error when it fails.
  absl::Status Run(const std::vector<std::string>& arguments);

  // `127.0.0.1:port` of a service, or of `bare`.
  std::string TargetOf(const std::string& name) const;
  // What a service's metrics page says now, with the head of HTTP before it.
  std::string MetricsOf(const std::string& service) const;
  absl::StatusOr<std::unique_ptr<rpc::Client>> ClientOf(const std::string& service) const;
  // Calls a method of the service's own gRPC service, `GetWorker`.
  static std::string Method(const std::string& service, absl::string_view method);

  // Statements that clients had the database carry out since it started.
  absl::StatusOr<int64_t> Statements();
  // Processor time that a service, or `bare`, has used since it started.
  absl::Duration CpuOf(const std::string& name) const;
  // One value of a query as the database's administrator.
  absl::StatusOr<std::string> Ask(const std::string& sql);
  const testing::PrivateMariaDb& database() const { return *database_; }
  const Options& options() const { return options_; }

 private:
  absl::StatusOr<mysql::ConnectionOptions> MakeSchema(const std::string& service);
  absl::Status Launch(const std::string& name, const std::vector<std::string>& arguments);
  absl::Status AwaitHealth(const std::string& name, pid_t pid);
  std::string LogOf(const std::string& name) const;

  const Options options_;
  std::unique_ptr<testing::PrivateMariaDb> database_;
  std::unique_ptr<mysql::Connection> root_;
  std::map<std::string, mysql::ConnectionOptions> schemas_;
  std::map<std::string, int> ports_;
  std::map<std::string, int> metrics_ports_;
  std::map<std::string, pid_t> process_of_;
  std::vector<pid_t> processes_;
};

}  // namespace oversight::load
