#include "tests/load/suite.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/migrate/migrate.h"
#include "common/rpc/healthcheck.h"
#include "common/status/macros.h"
#include "common/testing/child_process.h"
#include "common/testing/loopback.h"

namespace oversight::load {
namespace {

std::string EndOf(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.size() <= 2000 ? all : all.substr(all.size() - 2000);
}

}  // namespace

Suite::Suite(Options options) : options_(std::move(options)) {}

Suite::~Suite() {
  // Last started, first ended, so that nobody asks a service that has gone.
  for (auto pid = processes_.rbegin(); pid != processes_.rend(); ++pid) {
    kill(*pid, SIGTERM);
    if (!testing::AwaitChild(*pid, absl::Seconds(30)).has_value()) kill(*pid, SIGKILL);
  }
}

absl::Status Suite::StartDatabase() {
  // Room for all that is written; redo logs large enough that no checkpoint falls into one side's measuring.
  database_ = std::make_unique<testing::PrivateMariaDb>(testing::PrivateMariaDb::Options{
      .arguments = {"--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"}});
  OVERSIGHT_RETURN_IF_ERROR(database_->Start());
  OVERSIGHT_ASSIGN_OR_RETURN(root_, mysql::Connection::Open(database_->RootOptions()));
  for (const char* service : {"workforce", "caseload", "supervision", "compliance", "bare"}) {
    OVERSIGHT_ASSIGN_OR_RETURN(ports_[service], testing::FreePort());
    setenv(absl::StrCat("OVERSIGHT_", absl::AsciiStrToUpper(service), "_TARGET").c_str(),
           TargetOf(service).c_str(), 1);
  }
  setenv("OVERSIGHT_DEMO_MODE", "true", 1);
  return mysql::CheckDurabilitySettings(*root_);
}

bool Suite::Has(const std::string& service) const {
  return access(absl::StrCat(options_.programs, "/", service, "/oversight-", service).c_str(), X_OK) == 0;
}

absl::StatusOr<mysql::ConnectionOptions> Suite::MakeSchema(const std::string& service) {
  OVERSIGHT_ASSIGN_OR_RETURN(const mysql::ConnectionOptions schema, database_->CreateSchema());
  OVERSIGHT_ASSIGN_OR_RETURN(const auto migrations, migrate::LoadMigrations(absl::StrCat(
                                                        options_.sources, "/", service, "/migrations")));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(migrate::ForMigrating(schema)));
  OVERSIGHT_RETURN_IF_ERROR(migrate::Up(*connection, migrations).status());
  return schema;
}

absl::StatusOr<mysql::ConnectionOptions> Suite::CopySchema(const std::string& service) {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::ConnectionOptions copy, MakeSchema(service));
  std::vector<std::string> tables;
  const std::vector<mysql::Value> parameters = {copy.schema};
  OVERSIGHT_RETURN_IF_ERROR(
      root_->Query("SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name "
                   "<> 'schema_migration'",
                   parameters, [&](const mysql::Row& row) {
                     tables.push_back(row.Bytes(0));
                     return absl::OkStatus();
                   }));
  for (const std::string& table : tables) {
    OVERSIGHT_RETURN_IF_ERROR(root_->ExecuteText(absl::StrCat("DELETE FROM ", copy.schema, ".", table)));
    OVERSIGHT_RETURN_IF_ERROR(root_->ExecuteText(absl::StrCat(
        "INSERT INTO ", copy.schema, ".", table, " SELECT * FROM ", schemas_[service].schema, ".", table)));
  }
  return copy;
}

absl::Status Suite::StartService(const std::string& service) {
  OVERSIGHT_ASSIGN_OR_RETURN(const mysql::ConnectionOptions schema, MakeSchema(service));
  schemas_[service] = schema;
  const std::string password_file = absl::StrCat(database_->directory(), "/", service, ".password");
  std::ofstream(password_file) << schema.password;
  OVERSIGHT_ASSIGN_OR_RETURN(metrics_ports_[service], testing::FreePort());
  return Launch(service,
                {absl::StrCat(options_.programs, "/", service, "/oversight-", service), "serve",
                 absl::StrCat("--listen=", TargetOf(service)),
                 absl::StrCat("--metrics-listen=127.0.0.1:", metrics_ports_[service]), "--db-host=127.0.0.1",
                 absl::StrCat("--db-port=", database_->port()), absl::StrCat("--db-schema=", schema.schema),
                 absl::StrCat("--db-user=", schema.user), absl::StrCat("--db-password-file=", password_file),
                 absl::StrCat("--migrations-dir=", options_.sources, "/", service, "/migrations"),
                 absl::StrCat("--worker-threads=", options_.workers),
                 absl::StrCat("--db-pool-size=", options_.workers), "--drain-notice=0s"});
}

absl::Status Suite::StartBareServer(const mysql::ConnectionOptions& database) {
  return Launch("bare",
                {options_.self, "--bare-server", absl::StrCat(ports_["bare"]), "--workers",
                 absl::StrCat(options_.workers), "--db-port", absl::StrCat(database.port), "--db-schema",
                 database.schema, "--db-user", database.user, "--db-password", database.password});
}

absl::Status Suite::Launch(const std::string& name, const std::vector<std::string>& arguments) {
  OVERSIGHT_ASSIGN_OR_RETURN(const pid_t pid, testing::StartChild(arguments, LogOf(name)));
  processes_.push_back(pid);
  process_of_[name] = pid;
  return AwaitHealth(name, pid);
}

absl::Status Suite::AwaitHealth(const std::string& name, pid_t pid) {
  const absl::Time limit = absl::Now() + absl::Seconds(60);
  while (absl::Now() < limit) {
    if (rpc::CheckHealth({.target = TargetOf(name)}, "", absl::Seconds(2)).ok()) return absl::OkStatus();
    if (testing::AwaitChild(pid, absl::Milliseconds(50)).has_value()) {
      processes_.pop_back();
      break;
    }
  }
  return absl::UnavailableError(absl::StrCat(name, " does not serve: ", EndOf(LogOf(name))));
}

absl::Status Suite::Run(const std::vector<std::string>& arguments) {
  OVERSIGHT_ASSIGN_OR_RETURN(const pid_t pid, testing::StartChild(arguments, LogOf("run")));
  const std::optional<int> status = testing::AwaitChild(pid, absl::Minutes(10));
  if (status == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(arguments[0], " failed: ", EndOf(LogOf("run"))));
}

std::string Suite::LogOf(const std::string& name) const {
  return absl::StrCat(database_->directory(), "/", name, ".log");
}

std::string Suite::TargetOf(const std::string& name) const {
  return absl::StrCat("127.0.0.1:", ports_.at(name));
}

std::string Suite::MetricsOf(const std::string& service) const {
  return testing::HttpGet(metrics_ports_.at(service), "/metrics");
}

absl::StatusOr<std::unique_ptr<rpc::Client>> Suite::ClientOf(const std::string& service) const {
  return rpc::Client::Create({.target = TargetOf(service), .demo_user = "load"});
}

std::string Suite::Method(const std::string& service, absl::string_view method) {
  std::string name = service;
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return absl::StrCat("/oversight.", service, ".v1.", name, "Service/", method);
}

absl::StatusOr<int64_t> Suite::Statements() {
  int64_t count = 0;
  OVERSIGHT_RETURN_IF_ERROR(root_->Query(
      "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'QUESTIONS'", {},
      [&](const mysql::Row& row) {
        return absl::SimpleAtoi(row.Bytes(0), &count) ? absl::OkStatus() : absl::InternalError("no number");
      }));
  return count;
}

absl::Duration Suite::CpuOf(const std::string& name) const {
  clockid_t clock{};
  timespec used{};
  const auto process = process_of_.find(name);
  if (process == process_of_.end() || clock_getcpuclockid(process->second, &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return absl::ZeroDuration();
  }
  return absl::DurationFromTimespec(used);
}

absl::StatusOr<std::string> Suite::Ask(const std::string& sql) {
  std::string answer;
  OVERSIGHT_RETURN_IF_ERROR(root_->Query(sql, {}, [&](const mysql::Row& row) {
    answer = row.Bytes(0);
    return absl::OkStatus();
  }));
  return answer;
}

}  // namespace oversight::load
