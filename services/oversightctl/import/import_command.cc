#include <memory>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/import/columns.h"
#include "services/oversightctl/import/import_run.h"

namespace oversight::ctl {

void AddImportCommand(CLI::App& app, Context& context) {
  auto settings = std::make_shared<ImportSettings>();
  auto columns = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("import", "Import an extract and the suite's own CSV files from a directory");
  command->fallthrough();
  command->add_option("DIR", settings->directory, "Directory with ssd_*.csv, sessions.csv, posts.csv, ...");
  CLI::Option* show_columns =
      command
          ->add_option(
              "--columns", *columns,
              "Import nothing; show which files there may be and their columns, or those of one file")
          ->expected(0, 1)
          ->type_name("[FILE]");
  command->add_option("--source", settings->source, "System of the external ids")->capture_default_str();
  command->add_flag("--retire-vanished", settings->retire_vanished,
                    "Retire records of the same source whose rows are no longer in the files");
  command->add_flag("--dry-run", settings->dry_run, "Check everything, store nothing");
  command->add_flag("--wait", settings->wait, "Wait until compliance has judged what was imported");
  command->add_option("--tokens-out", settings->tokens_out,
                      "Write the ledgers' tokens after the import to this file");
  command->add_flag("-v,--verbose", settings->verbose, "Name every vanished record");
  command->add_option("--chunk", settings->chunk_size, "Records in one call")
      ->check(CLI::Range(1, 2000))
      ->capture_default_str();
  command->add_option("--parallel", settings->parallel, "Calls under way at the same time")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  AddDuration(*command, "--retry-for", settings->retry_for,
              "How long to try again while a service is away or busy");
  AddDuration(*command, "--wait-for", settings->wait_for, "How long --wait waits");
  command->callback([&context, settings, columns, show_columns] {
    if (show_columns->count() > 0) {
      const absl::Status status = PrintColumns(*columns, context.console);
      if (!status.ok()) context.Fail("cannot show the columns", status);
      return;
    }
    if (settings->directory.empty()) throw CLI::RequiredError("DIR");
    settings->authority = std::string(absl::StripPrefix(context.Authority(), "authorities/"));
    settings->call_timeout = context.options.timeout;
    context.exit_code = RunImport(*context.services, *settings, context.console, *context.clock,
                                  [](absl::Duration duration) { absl::SleepFor(duration); });
  });
}

}  // namespace oversight::ctl
