#include "common/service/run.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/access/access_log_retention.h"
#include "common/ledger/store.h"
#include "common/log/log.h"
#include "common/migrate/migrate.h"
#include "common/mysql/connection.h"
#include "common/rpc/healthcheck.h"
#include "common/rpc/signals.h"
#include "common/service/serve.h"
#include "common/service/service_settings.h"
#include "common/service/version.h"
#include "common/status/error.h"

namespace oversight::service {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kCalledWrongly = 2 };

struct Command {
  std::string words;
  std::string help;
  Needs needs;
  absl::Status (*run)(const ServiceDefinition&, const config::Settings&);
};

absl::Status MigrateUp(const ServiceDefinition& definition, const config::Settings& settings) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto migrations,
                             migrate::LoadMigrations(MigrationsDirectory(definition, settings)));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection,
                             mysql::Connection::Open(migrate::ForMigrating(DatabaseOptions(settings))));
  migrate::UpOptions options;
  options.on_progress = [](absl::string_view step) { std::cout << step << std::endl; };
  OVERSIGHT_ASSIGN_OR_RETURN(const int applied, migrate::Up(*connection, migrations, options));
  std::cout << applied << " applied, schema is at version " << migrations.size() << std::endl;
  return absl::OkStatus();
}

absl::Status MigrateStatus(const ServiceDefinition& definition, const config::Settings& settings) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto migrations,
                             migrate::LoadMigrations(MigrationsDirectory(definition, settings)));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(DatabaseOptions(settings)));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto states, migrate::Status(*connection, migrations));
  for (const migrate::MigrationStatus& state : states) {
    const std::string when = state.applied_at.has_value()
                                 ? absl::FormatTime(absl::RFC3339_sec, *state.applied_at, absl::UTCTimeZone())
                                 : "-";
    std::printf("%04d  %-12s %-22s %s\n", state.version, std::string(migrate::StateName(state.state)).c_str(),
                when.c_str(), state.name.c_str());
  }
  return absl::OkStatus();
}

absl::Status ConfigCheck(const ServiceDefinition&, const config::Settings& settings) {
  std::cout << settings.Describe();
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(DatabaseOptions(settings)));
  OVERSIGHT_RETURN_IF_ERROR(mysql::CheckDurabilitySettings(*connection));
  std::cout << "The settings are complete, the database answers and its settings are safe.\n";
  return absl::OkStatus();
}

// For calls to this very service, whose settings these are.
rpc::ClientOptions OwnAddress(const ServiceDefinition& definition, const config::Settings& settings) {
  config::HostAndPort listen = settings.Address("listen");
  // A server that listens on all addresses is asked on the loopback.
  if (listen.host == "0.0.0.0") listen.host = "127.0.0.1";
  if (listen.host == "::") listen.host = "::1";
  const bool v6 = listen.host.find(':') != std::string::npos;
  const std::string target = absl::StrCat(v6 ? "[" : "", listen.host, v6 ? "]" : "", ":", listen.port);
  return ClientOptionsOf(settings, definition.name, target);
}

constexpr absl::Duration kProbePatience = absl::Seconds(5);

absl::Status Healthcheck(const ServiceDefinition& definition, const config::Settings& settings) {
  return rpc::CheckHealth(OwnAddress(definition, settings), definition.rpc_service, kProbePatience);
}

absl::Status HealthcheckLive(const ServiceDefinition& definition, const config::Settings& settings) {
  return rpc::CheckAlive(OwnAddress(definition, settings), kProbePatience);
}

absl::Status NewIncarnation(const ServiceDefinition&, const config::Settings& settings) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(DatabaseOptions(settings)));
  OVERSIGHT_RETURN_IF_ERROR(ledger::StartNewIncarnation(*connection, absl::Now()));
  std::cout << "A new incarnation has begun: tokens from before are refused, and watchers rebuild.\n";
  return absl::OkStatus();
}

constexpr int kRecordsAtOnce = 1000;

absl::Status PruneAccessLog(const ServiceDefinition&, const config::Settings& settings) {
  const int64_t days = settings.Integer("access-log-keep-days");
  const absl::Time before = absl::Now() - days * absl::Hours(24);
  const std::string since = absl::FormatTime(absl::RFC3339_sec, before, absl::UTCTimeZone());
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(DatabaseOptions(settings)));
  OVERSIGHT_ASSIGN_OR_RETURN(const int64_t removed,
                             access::RemoveAccessRecordsBefore(*connection, before, kRecordsAtOnce));
  log::Info("records of the access log were removed", {{"records", removed}, {"before", since}});
  std::cout << removed << " records of the access log from before " << since << " removed" << std::endl;
  return absl::OkStatus();
}

const std::vector<Command>& Commands() {
  static const auto& commands = *new std::vector<Command>{
      {"serve", "Serves the API until SIGTERM.", Needs::kEverything, Serve},
      {"migrate up", "Brings the schema up to date; run by a job with its own database user.",
       Needs::kDatabase, MigrateUp},
      {"migrate status", "Says which migrations have been applied.", Needs::kDatabase, MigrateStatus},
      {"config check", "Checks the settings and the database without serving.", Needs::kEverything,
       ConfigCheck},
      {"config reference", "Prints the reference of all settings as Markdown.", Needs::kEverything, nullptr},
      {"healthcheck live", "Opens a new connection to `listen`; any answer will do: for liveness probes.",
       Needs::kItsAddress, HealthcheckLive},
      {"healthcheck", "Opens a new connection to `listen` and asks for gRPC health: for readiness probes.",
       Needs::kItsAddress, Healthcheck},
      {"ledger new-incarnation", "After a restore: makes every older token invalid.", Needs::kDatabase,
       NewIncarnation},
      {"access-log prune",
       "Removes records older than access-log-keep-days; run by a job with its own database user.",
       Needs::kDatabase, PruneAccessLog},
  };
  return commands;
}

std::string Usage(const ServiceDefinition& definition) {
  std::string text = absl::StrCat("The ", definition.name, " service of Oversight.\n\nUsage: oversight-",
                                  definition.name, " COMMAND [--setting=value ...]\n\nCommands:\n");
  for (const Command& command : Commands()) {
    absl::StrAppend(&text, "  ", command.words, std::string(24 - command.words.size(), ' '), command.help,
                    "\n");
  }
  absl::StrAppend(&text, "\n`oversight-", definition.name, " COMMAND --help` lists the settings.\n");
  return text;
}

// The command that the first arguments name, and how many they are.
const Command* FindCommand(const std::vector<std::string>& arguments, size_t& words) {
  for (const Command& command : Commands()) {
    for (size_t count = 1; count <= 2 && count <= arguments.size(); ++count) {
      if (absl::StrJoin(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(count), " ") ==
          command.words) {
        words = count;
        return &command;
      }
    }
  }
  return nullptr;
}

int Report(const absl::Status& status) {
  if (status.ok()) return kDone;
  std::cerr << status.message() << std::endl;
  return kFailed;
}

void InstallLogger(const ServiceDefinition& definition, const config::Settings& settings) {
  log::Install(std::make_unique<log::Logger>(
      log::Options{.service = definition.name,
                   .level = log::ParseSeverity(settings.Text("log-level")).value_or(log::Severity::kInfo),
                   .hash_key = settings.Secret("log-hash-key")}));
  for (const std::string& warning : settings.warnings()) {
    log::Warning("a setting works but should be otherwise", {{"warning", warning}});
  }
}

}  // namespace

int RunService(ServiceDefinition definition, int argc, char** argv) {
#ifdef NDEBUG
  // Debian builds Abseil with its detector of deadlocks: each lock of any mutex, gRPC's own among them, takes
  // one lock of the whole process, which costs a write several percent, and an order of locks that might
  // deadlock ends the process. Both are for tests.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  rpc::BlockTerminationSignals();
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "help") {
    (arguments.empty() ? std::cerr : std::cout) << Usage(definition);
    return arguments.empty() ? kCalledWrongly : kDone;
  }
  if (arguments[0] == "--version") {
    std::cout << "oversight-" << definition.name << " " << kVersion << std::endl;
    return kDone;
  }
  size_t words = 0;
  const Command* command = FindCommand(arguments, words);
  if (command == nullptr) {
    std::cerr << "There is no such command.\n\n" << Usage(definition);
    return kCalledWrongly;
  }
  config::Settings settings(absl::StrCat("oversight-", definition.name, " ", command->words));
  DeclareSettings(definition, command->needs, settings);
  if (command->run == nullptr) {
    std::cout << settings.Markdown();
    return kDone;
  }
  arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(words));
  const absl::Status parsed = settings.Parse(arguments, config::SystemEnvironment());
  if (settings.help_requested()) {
    std::cout << settings.Help();
    return kDone;
  }
  if (!parsed.ok()) {
    std::cerr << parsed.message() << std::endl;
    return kCalledWrongly;
  }
  InstallLogger(definition, settings);
  return Report(command->run(definition, settings));
}

}  // namespace oversight::service
