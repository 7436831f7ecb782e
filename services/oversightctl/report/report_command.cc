#include <memory>

#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/tokens.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

struct ReportArguments {
  ReportSettings settings;
  std::string team;
  std::string worker;
  std::string supervisor;
  std::vector<std::string> explain;
  std::string tokens_file;
};

void RunReport(Context& context, ReportArguments& arguments) {
  ReportSettings& settings = arguments.settings;
  settings.team = context.NameIn("teams", arguments.team);
  settings.worker = context.NameIn("workers", arguments.worker);
  settings.supervisor = context.NameIn("workers", arguments.supervisor);
  if (!arguments.explain.empty()) {
    settings.explain_rule = arguments.explain[0];
    settings.explain_subject = context.NameOf(arguments.explain[1]);
  }
  if (!arguments.tokens_file.empty()) {
    const auto tokens = LoadTokens(arguments.tokens_file);
    if (!tokens.ok()) throw CLI::ValidationError("--after", std::string(tokens.status().message()));
    settings.after_tokens = FactTokens(*tokens);
  }
  const auto report = FetchReport(context, settings);
  if (!report.ok()) return context.Fail("cannot make the report", report.status());
  if (context.console.json) {
    PrintReportJson(*report, *context.console.out);
  } else {
    PrintReport(*report, settings, *context.console.out);
  }
}

}  // namespace

void AddReportCommand(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<ReportArguments>();
  ReportSettings& settings = arguments->settings;
  CLI::App* command = app.add_subcommand("report", "Who is in time, who is overdue, and why");
  command->fallthrough();
  AddDay(*command, "--as-of", settings.as_of, "The day to judge; today when left out");
  command->add_option("--team", arguments->team, "Only this team, T1");
  command->add_option("--worker", arguments->worker, "Only this worker and the cases held, W1");
  command->add_option("--supervisor", arguments->supervisor,
                      "Only whom this worker supervises and the cases they hold: a manager's list, W1");
  command->add_option("--rule", settings.rule, "Only this rule, knowsley.case-discussion");
  command->add_option("--longest", settings.longest, "How many of the longest overdue to list")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command->add_option("--due-within", settings.due_within, "Also list what falls due within so many days")
      ->check(CLI::Range(1, 366));
  command
      ->add_option("--explain", arguments->explain,
                   "Explain one finding, for example knowsley.case-discussion cases/C1")
      ->expected(2)
      ->type_name("RULE SUBJECT");
  command->add_flag("--explain-worst", settings.explain_worst, "Explain the finding that is longest overdue")
      ->excludes("--explain");
  command->add_option("--after", arguments->tokens_file,
                      "File of tokens (import --tokens-out): the report waits until it rests on them");
  command->callback([&context, arguments] { RunReport(context, *arguments); });
}

}  // namespace oversight::ctl
