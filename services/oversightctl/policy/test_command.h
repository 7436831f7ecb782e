#pragma once

#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// `policy test`: runs the cases that policies ship with, without a service.
void AddTestCommand(CLI::App& policy, Context& context);

}  // namespace oversight::ctl
