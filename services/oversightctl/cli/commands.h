#pragma once

#include <CLI/CLI.hpp>

#include "services/oversightctl/cli/context.h"

// The program's commands: each adds itself with its options, and runs when its name is given.
namespace oversight::ctl {

void AddImportCommand(CLI::App& app, Context& context);
void AddReportCommand(CLI::App& app, Context& context);
// history, changes
void AddHistoryCommands(CLI::App& app, Context& context);
// policies, policy lint, assign-policy
void AddPolicyCommands(CLI::App& app, Context& context);
// head, verify, wait
void AddLedgerCommands(CLI::App& app, Context& context);
// call, methods
void AddCallCommands(CLI::App& app, Context& context);

}  // namespace oversight::ctl
