#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/mysql/connection.h"
#include "common/rpc/client.h"

namespace oversight::testing {

// One of the real programs, in demo mode, with a schema of its own on the shared MariaDB.
class RunningService {
 public:
  // `service` is `workforce`; `targets` are the services it refers to, by name.
  RunningService(std::string program, std::string service,
                 std::vector<std::pair<std::string, std::string>> targets);
  ~RunningService();
  RunningService(const RunningService&) = delete;
  RunningService& operator=(const RunningService&) = delete;

  // Starts it, on the same port and schema each time, and waits until it serves.
  absl::Status Start();
  // SIGKILL.
  void Kill();

  std::string target() const;
  const mysql::ConnectionOptions& schema() const { return schema_; }

  // Calls `method` of its own service as the demo user `tester`; a minute at most.
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

 private:
  const std::string program_;
  const std::string service_;
  const std::vector<std::pair<std::string, std::string>> targets_;
  const int port_;
  const int metrics_port_;
  std::string directory_;
  mysql::ConnectionOptions schema_;
  std::unique_ptr<rpc::Client> client_;
  pid_t pid_ = -1;
};

}  // namespace oversight::testing
