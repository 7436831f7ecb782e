#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "services/oversightctl/cli/context.h"

// The program's commands: each adds itself with its options, and runs when its name is given.
namespace oversight::ctl {

void AddImportCommand(CLI::App& app, Context& context);
void AddReportCommand(CLI::App& app, Context& context);
// worklist
void AddWorklistCommand(CLI::App& app, Context& context);
// history, changes
void AddHistoryCommands(CLI::App& app, Context& context);
// health-check
void AddHealthCheckCommand(CLI::App& app, Context& context);
// policies, policy lint, policy preview, policy compare, assign-policy
void AddPolicyCommands(CLI::App& app, Context& context);
// head, verify, wait
void AddLedgerCommands(CLI::App& app, Context& context);
// call, methods. `words` are the program's arguments: the options are the fields of the method that they
// name.
void AddCallCommands(CLI::App& app, Context& context, const std::vector<std::string>& words);
// get, list, create, update, delete, undelete, void, merge; `words` as above, for the kind.
void AddResourceCommands(CLI::App& app, Context& context, const std::vector<std::string>& words);
bool IsResourceCommand(const std::string& command);
// completion
void AddCompletionCommands(CLI::App& app, Context& context);

}  // namespace oversight::ctl
