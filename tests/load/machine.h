#pragma once

#include <string>

#include "tests/load/suite.h"

namespace oversight::load {

// The machine and the database as Markdown: without them no figure means anything.
std::string DescribeMachine(Suite& suite);

}  // namespace oversight::load
