#pragma once

#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// `policy preview` and `policy compare`.
void AddPreviewCommands(CLI::App& policy, Context& context);

}  // namespace oversight::ctl
