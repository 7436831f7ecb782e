#include "common/testing/private_mariadb.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/error.h"
#include "common/testing/child_process.h"
#include "common/testing/loopback.h"

namespace oversight::testing {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> FindProgram(absl::string_view name) {
  for (absl::string_view folder : {"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"}) {
    std::string path = absl::StrCat(folder, "/", name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(name, " is missing: these tests need a private database; install mariadb-server-core"));
}

// Root must say so, or the server refuses to run as root; anybody else must not.
void AppendUser(std::vector<std::string>& arguments) {
  if (geteuid() == 0) arguments.push_back("--user=root");
}

std::string RandomHex() {
  thread_local absl::BitGen random;
  return absl::StrFormat("%016x", absl::Uniform<uint64_t>(random));
}

constexpr absl::string_view kDirectoryPrefix = "oversight-mariadb-";

// A test that was killed could not clean up; its directory names its process.
void RemoveLeftovers(const std::string& base) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(base, ignored)) {
    const std::string name = entry.path().filename().string();
    pid_t owner = 0;
    const std::vector<std::string> parts = absl::StrSplit(name, '-');
    if (!absl::StartsWith(name, kDirectoryPrefix) || parts.size() != 4) continue;
    if (absl::SimpleAtoi(parts[2], &owner) && owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

absl::StatusOr<std::string> MakeDirectory() {
  const char* configured = getenv("TMPDIR");
  // The path of a Unix socket must stay below 108 characters.
  const std::string base =
      configured != nullptr && absl::string_view(configured).size() < 60 ? configured : "/tmp";
  RemoveLeftovers(base);
  std::string path = absl::StrCat(base, "/", kDirectoryPrefix, getpid(), "-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return absl::InternalError(absl::StrCat("cannot create ", path));
  return path;
}

}  // namespace

PrivateMariaDb::PrivateMariaDb(Options options) : options_(std::move(options)) {}

PrivateMariaDb::~PrivateMariaDb() {
  Stop().IgnoreError();
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

absl::Status PrivateMariaDb::Start() {
  absl::MutexLock lock(&mutex_);
  if (pid_ > 0) return absl::OkStatus();
  if (directory_.empty()) OVERSIGHT_RETURN_IF_ERROR(Install());
  OVERSIGHT_RETURN_IF_ERROR(Launch());
  return AwaitReady();
}

absl::Status PrivateMariaDb::Install() {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string installer, FindProgram("mariadb-install-db"));
  OVERSIGHT_ASSIGN_OR_RETURN(std::string directory, MakeDirectory());
  OVERSIGHT_ASSIGN_OR_RETURN(port_, FreePort());
  directory_ = std::move(directory);
  // A server clears away temporary tables when it starts, those of others in a shared directory too.
  if (!fs::create_directory(directory_ + "/tmp")) return absl::InternalError("cannot create a directory");
  // --force: whether or not the machine knows its own name.
  std::vector<std::string> arguments = {installer,
                                        "--no-defaults",
                                        absl::StrCat("--datadir=", directory_, "/data"),
                                        absl::StrCat("--tmpdir=", directory_, "/tmp"),
                                        "--skip-test-db",
                                        "--skip-name-resolve",
                                        "--force",
                                        "--auth-root-authentication-method=normal",
                                        "--innodb-log-file-size=16M"};
  AppendUser(arguments);
  OVERSIGHT_ASSIGN_OR_RETURN(const pid_t pid, StartChild(arguments, directory_ + "/log"));
  const std::optional<int> status = AwaitChild(pid, options_.ready_within);
  if (!status.has_value()) {
    kill(-pid, SIGKILL);
    AwaitChild(pid, absl::Seconds(10));
  }
  if (status == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("mariadb-install-db failed: ", LogTail()));
}

absl::Status PrivateMariaDb::Launch() {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string server, FindProgram("mariadbd"));
  std::vector<std::string> arguments = {server,
                                        "--no-defaults",
                                        absl::StrCat("--datadir=", directory_, "/data"),
                                        absl::StrCat("--tmpdir=", directory_, "/tmp"),
                                        absl::StrCat("--socket=", directory_, "/socket"),
                                        absl::StrCat("--pid-file=", directory_, "/pid"),
                                        absl::StrCat("--port=", port_),
                                        "--bind-address=127.0.0.1",
                                        "--skip-name-resolve",
                                        "--character-set-server=utf8mb4",
                                        "--collation-server=utf8mb4_bin",
                                        "--innodb-flush-log-at-trx-commit=1",
                                        "--innodb-buffer-pool-size=64M",
                                        "--innodb-log-file-size=16M",
                                        "--innodb-fast-shutdown=2",
                                        "--max-connections=500"};
  AppendUser(arguments);
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  OVERSIGHT_ASSIGN_OR_RETURN(pid_, StartChild(arguments, directory_ + "/log"));
  return absl::OkStatus();
}

absl::Status PrivateMariaDb::AwaitReady() {
  const absl::Time deadline = absl::Now() + options_.ready_within;
  for (;;) {
    absl::StatusOr<std::unique_ptr<mysql::Connection>> connection = mysql::Connection::Open(RootOptions());
    if (connection.ok()) return absl::OkStatus();
    if (AwaitChild(pid_, absl::Milliseconds(10)).has_value()) {
      pid_ = -1;
      return absl::InternalError(absl::StrCat("mariadbd ended at start: ", LogTail()));
    }
    if (absl::Now() >= deadline) {
      End(SIGKILL).IgnoreError();
      return absl::DeadlineExceededError(
          absl::StrCat("mariadbd did not answer: ", connection.status().message(), "\n", LogTail()));
    }
  }
}

absl::Status PrivateMariaDb::End(int signal) {
  if (pid_ <= 0) return absl::OkStatus();
  kill(pid_, signal);
  std::optional<int> status = AwaitChild(pid_, absl::Minutes(1));
  if (!status.has_value()) {
    kill(pid_, SIGKILL);
    status = AwaitChild(pid_, absl::Seconds(10));
  }
  pid_ = -1;
  if (!status.has_value()) return absl::InternalError("mariadbd did not end");
  return absl::OkStatus();
}

absl::Status PrivateMariaDb::Stop() {
  absl::MutexLock lock(&mutex_);
  return End(SIGTERM);
}

absl::Status PrivateMariaDb::Kill() {
  absl::MutexLock lock(&mutex_);
  return End(SIGKILL);
}

absl::Status PrivateMariaDb::Restart() {
  OVERSIGHT_RETURN_IF_ERROR(Stop());
  return Start();
}

mysql::ConnectionOptions PrivateMariaDb::RootOptions() const {
  mysql::ConnectionOptions options;
  options.socket = directory_ + "/socket";
  options.user = "root";
  return options;
}

absl::StatusOr<mysql::ConnectionOptions> PrivateMariaDb::CreateSchema() {
  OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<mysql::Connection> root, mysql::Connection::Open(RootOptions()));
  mysql::ConnectionOptions options;
  options.port = port_;
  options.schema = absl::StrCat("test_", RandomHex());
  options.user = options.schema;
  options.password = RandomHex();
  for (const std::string& sql :
       {absl::StrCat("CREATE DATABASE ", options.schema, " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
        absl::StrCat("CREATE USER ", options.user, "@'%' IDENTIFIED BY '", options.password, "'"),
        absl::StrCat("GRANT ALL ON ", options.schema, ".* TO ", options.user, "@'%'")}) {
    OVERSIGHT_RETURN_IF_ERROR(root->ExecuteText(sql));
  }
  return options;
}

absl::StatusOr<mysql::ConnectionOptions> PrivateMariaDb::CreateRowUser(
    const mysql::ConnectionOptions& owner) {
  OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<mysql::Connection> root, mysql::Connection::Open(RootOptions()));
  mysql::ConnectionOptions options = owner;
  options.user = absl::StrCat("rows_", RandomHex());
  options.password = RandomHex();
  for (const std::string& sql :
       {absl::StrCat("CREATE USER ", options.user, "@'%' IDENTIFIED BY '", options.password, "'"),
        absl::StrCat("GRANT SELECT, INSERT, UPDATE, DELETE ON ", options.schema, ".* TO ", options.user,
                     "@'%'")}) {
    OVERSIGHT_RETURN_IF_ERROR(root->ExecuteText(sql));
  }
  return options;
}

std::string PrivateMariaDb::LogTail() const {
  std::ifstream file(directory_ + "/log");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.size() <= 2000 ? all : all.substr(all.size() - 2000);
}

PrivateMariaDb& SharedMariaDb() {
  static std::unique_ptr<PrivateMariaDb> shared;
  static const bool started = [] {
    shared = std::make_unique<PrivateMariaDb>();
    if (const absl::Status status = shared->Start(); !status.ok()) {
      fprintf(stderr, "FATAL: no private database for the tests: %s\n",
              std::string(status.message()).c_str());
      shared.reset();
      exit(1);
    }
    return true;
  }();
  static_cast<void>(started);
  return *shared;
}

mysql::ConnectionOptions NewSchema() {
  absl::StatusOr<mysql::ConnectionOptions> options = SharedMariaDb().CreateSchema();
  if (!options.ok()) {
    fprintf(stderr, "FATAL: no schema for the test: %s\n", std::string(options.status().message()).c_str());
    exit(1);
  }
  return *std::move(options);
}

}  // namespace oversight::testing
