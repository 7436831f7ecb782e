#include "services/oversightctl/cli/run.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/oversightctl/cli/commands.h"

namespace oversight::ctl {

int Run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed connection or pipe is an error, not the end
  const SystemClock clock;
  Context context;
  context.clock = &clock;
  context.console = {.out = &std::cout, .err = &std::cerr, .err_is_terminal = isatty(STDERR_FILENO) == 1};

  CLI::App app("Oversight: is the supervision happening that the policies promise?", "oversightctl");
  app.set_version_flag("--version", "oversightctl " OVERSIGHT_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  app.footer(
      "Exit codes: 0 all well; 1 rows refused, nothing found or a check failed; 2 wrong usage; "
      "3 a service is away or failed.");
  AddGlobalOptions(app, context);
  AddImportCommand(app, context);
  AddReportCommand(app, context);
  AddWorklistCommand(app, context);
  AddHistoryCommands(app, context);
  AddHealthCheckCommand(app, context);
  AddPolicyCommands(app, context);
  AddLedgerCommands(app, context);
  const std::vector<std::string> words(argv + 1, argv + argc);
  AddResourceCommands(app, context, words);
  AddCallCommands(app, context, words);
  AddCompletionCommands(app, context);
  app.parse_complete_callback([&context] { context.services = MakeServices(context.options); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are no errors.
    return app.exit(error) == 0 ? kAllWell : kUsage;
  }
  std::cout.flush();
  if (!std::cout) return kServiceFailed;
  return context.exit_code;
}

}  // namespace oversight::ctl
