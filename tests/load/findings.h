#pragma once

#include <ostream>

#include "absl/status/status.h"
#include "tests/load/settings.h"
#include "tests/load/suite.h"

namespace oversight::load {

// How long it takes until compliance answers with a finding that a session held just now has changed, at 200
// such sessions a second in a synthetic authority of real shape. Starts compliance; needs the other three
// services running, and `oversight-sample` and `oversightctl` built.
absl::Status MeasureFindings(Suite& suite, const Settings& settings, std::ostream& out);

}  // namespace oversight::load
