#pragma once

#include <string>

#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// The name of a policy, given as that or as its id alone.
std::string PolicyName(const std::string& text);

// `policy preview` and `policy compare`.
void AddPreviewCommands(CLI::App& policy, Context& context);

}  // namespace oversight::ctl
