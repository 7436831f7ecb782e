#pragma once

#include <ostream>

#include "absl/status/status.h"
#include "tests/load/settings.h"
#include "tests/load/suite.h"

namespace oversight::load {

// How fast the supervision service takes in case discussions, new ones and then the same again, and what
// becomes of interactive reads meanwhile. Needs workforce, caseload and supervision running.
absl::Status MeasureImports(Suite& suite, const Settings& settings, std::ostream& out);

}  // namespace oversight::load
