// Measures the compliance engine over facts of the size of England, beside one pass over the same facts and
// the same question as SQL. See README.md.
#include <cstdlib>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "tests/load/engine_run.h"

int main(int argc, char** argv) {
  oversight::load::EngineOptions options;
  CLI::App app("Measures the compliance engine in process, beside one pass over the same facts and SQL.");
  app.add_option("--policies", options.policies, "The folder of the policies.")->required();
  app.add_option("--authorities", options.size.authorities, "How many authorities, of differing size.")
      ->capture_default_str();
  app.add_option("--workers", options.size.workers, "In all of them together.")->capture_default_str();
  app.add_option("--cases", options.size.cases, "Open cases in all of them together.")->capture_default_str();
  app.add_option("--months", options.size.months, "Length of the history.")->capture_default_str();
  app.add_option("--rounds", options.rounds, "Rounds of which the median counts.")->capture_default_str();
  app.add_option("--writes", options.writes, "Session writes that are re-judged.")->capture_default_str();
  app.add_option("--many-workers", options.many_workers, "Of the one large authority of re-judging.")
      ->capture_default_str();
  app.add_option("--many-months", options.many_months, "Its history, and that of the small one beside it.")
      ->capture_default_str();
  app.add_option("--parts", options.parts, "Of sweep,kept,sql,rejudge,months,memory,start.")
      ->capture_default_str();
  app.add_flag("--by-part", options.by_part, "Also the memory of each list and column.");
  app.add_flag("--by-rule", options.by_rule, "Also what each rule takes.");
  app.add_option("--rule", options.rule, "Of the rules only those whose id contains this.");
  app.add_flag("--store", options.store,
               "Starts also as the process that writes the history of all authorities.");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = oversight::load::RunEngine(options, std::cout);
  if (status.ok()) return EXIT_SUCCESS;
  std::cerr << "oversight_engine_load: " << status << std::endl;
  return EXIT_FAILURE;
}
