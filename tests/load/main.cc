// Measures Oversight beside its limits: a bare gRPC server and the database's connector doing the same work
// in the same run. See README.md.
#include <cstdlib>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/signals.h"
#include "common/status/macros.h"
#include "tests/load/bare_server.h"
#include "tests/load/findings.h"
#include "tests/load/imports.h"
#include "tests/load/machine.h"
#include "tests/load/suite.h"
#include "tests/load/unary.h"

namespace oversight::load {
namespace {

struct Arguments {
  Suite::Options suite;
  Settings settings;
  std::string only = "read,write,import,findings";
  double seconds = 2;
  int bare_server_port = 0;
  mysql::ConnectionOptions bare_database;
};

absl::Status Measure(const Arguments& arguments) {
  const auto wanted = [&](const char* part) { return absl::StrContains(arguments.only, part); };
  Suite suite(arguments.suite);
  OVERSIGHT_RETURN_IF_ERROR(suite.StartDatabase());
  OVERSIGHT_RETURN_IF_ERROR(suite.StartService("workforce"));
  std::cout << DescribeMachine(suite) << "- " << arguments.settings.rounds << " rounds of "
            << arguments.seconds << " s for each side in turn; medians\n"
            << std::flush;
  if (wanted("read") || wanted("write")) {
    UnaryBenchmark unary(suite, arguments.settings, std::cout);
    OVERSIGHT_RETURN_IF_ERROR(unary.Prepare());
    if (wanted("read")) OVERSIGHT_RETURN_IF_ERROR(unary.MeasureReads());
    if (wanted("write")) OVERSIGHT_RETURN_IF_ERROR(unary.MeasureWrites());
  }
  if (!wanted("import") && !wanted("findings")) return absl::OkStatus();
  OVERSIGHT_RETURN_IF_ERROR(suite.StartService("caseload"));
  OVERSIGHT_RETURN_IF_ERROR(suite.StartService("supervision"));
  if (wanted("import")) OVERSIGHT_RETURN_IF_ERROR(MeasureImports(suite, arguments.settings, std::cout));
  if (wanted("findings")) OVERSIGHT_RETURN_IF_ERROR(MeasureFindings(suite, arguments.settings, std::cout));
  return absl::OkStatus();
}

}  // namespace
}  // namespace oversight::load

int main(int argc, char** argv) {
  // As the services have it (common/service/run.cc), so that both sides carry the same.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  using namespace oversight::load;  // NOLINT: the whole file is about it
  Arguments arguments;
  arguments.suite.self = argv[0];
  CLI::App app("Measures Oversight beside a bare gRPC server and the database's connector.");
  app.add_option("--programs", arguments.suite.programs, "The build's `services` directory.");
  app.add_option("--sources", arguments.suite.sources, "The source's `services` directory.");
  app.add_option("--rounds", arguments.settings.rounds, "Rounds of which the median counts.")
      ->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "Measured in each round, for each side.")
      ->capture_default_str();
  app.add_option("--workers", arguments.suite.workers, "Threads and connections of each server.")
      ->capture_default_str();
  app.add_option("--only", arguments.only, "Parts to measure, comma separated.")->capture_default_str();
  app.add_option("--bare-server", arguments.bare_server_port, "Be the bare server on this port.")->group("");
  app.add_option("--db-port", arguments.bare_database.port)->group("");
  app.add_option("--db-schema", arguments.bare_database.schema)->group("");
  app.add_option("--db-user", arguments.bare_database.user)->group("");
  app.add_option("--db-password", arguments.bare_database.password)->group("");
  CLI11_PARSE(app, argc, argv);
  arguments.settings.stretch.measured = absl::Seconds(arguments.seconds);

  // A server drains at SIGTERM; the benchmark itself just ends, and what it started with it.
  if (arguments.bare_server_port != 0) oversight::rpc::BlockTerminationSignals();
  const absl::Status status =
      arguments.bare_server_port != 0
          ? RunBareServer(arguments.bare_database, arguments.bare_server_port, arguments.suite.workers)
          : Measure(arguments);
  if (status.ok()) return EXIT_SUCCESS;
  std::cerr << "oversight_load: " << status << std::endl;
  return EXIT_FAILURE;
}
