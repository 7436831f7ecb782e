#pragma once

#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// `policy show` and `policy diff`: policies in words.
void AddReadingCommands(CLI::App& policy, Context& context);

}  // namespace oversight::ctl
