#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"

namespace oversight::testing {

// A MariaDB server of the test's own: new data directory, free loopback port, safe durability settings. It
// ends with this object, and with the process if that dies first. Needs mariadbd and mariadb-install-db
// (Debian: mariadb-server-core). Calls from several threads are allowed.
class PrivateMariaDb {
 public:
  struct Options {
    // Further arguments of mariadbd, for example "--sync-binlog=0". Later ones win over ours.
    std::vector<std::string> arguments;
    // How long the server may take to answer.
    absl::Duration ready_within = absl::Seconds(60);
  };

  PrivateMariaDb() : PrivateMariaDb(Options{}) {}
  explicit PrivateMariaDb(Options options);
  ~PrivateMariaDb();
  PrivateMariaDb(const PrivateMariaDb&) = delete;
  PrivateMariaDb& operator=(const PrivateMariaDb&) = delete;

  // Starts the server, on the first call with a new data directory, later on the same one with the same port.
  // Returns once it answers. FAILED_PRECONDITION when MariaDB is not installed.
  absl::Status Start();
  // Ends it in an orderly way (SIGTERM, and SIGKILL if that takes over a minute).
  absl::Status Stop();
  // Ends it as a power cut of the process would (SIGKILL).
  absl::Status Kill();
  absl::Status Restart();

  // For the administrator, over the Unix socket; no schema selected.
  mysql::ConnectionOptions RootOptions() const;
  // A new empty schema of random name (utf8mb4, binary collation) with its own user, who may do everything in
  // it; over TCP.
  absl::StatusOr<mysql::ConnectionOptions> CreateSchema();
  // A further user of that schema who may read and write rows but not change tables: as a server runs.
  absl::StatusOr<mysql::ConnectionOptions> CreateRowUser(const mysql::ConnectionOptions& owner);

  int port() const { return port_; }
  const std::string& directory() const { return directory_; }

 private:
  absl::Status Install() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Launch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AwaitReady() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status End(int signal) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string LogTail() const;

  const Options options_;
  absl::Mutex mutex_;
  // Both set once, by the first Start.
  std::string directory_;
  int port_ = 0;
  pid_t pid_ ABSL_GUARDED_BY(mutex_) = -1;
};

// The server all tests of this process share, started at the first call. Ends the process with a message when
// it cannot be started: without a database these tests prove nothing, so they never pass by being skipped.
PrivateMariaDb& SharedMariaDb();
// A new schema on the shared server.
mysql::ConnectionOptions NewSchema();

}  // namespace oversight::testing
