#pragma once

#include "services/compliance/engine/instances.h"

namespace oversight::engine {

// Whether an event that the rule counts is also what the month's line on its day asks for.
bool SatisfiesLine(const Subjected& s, const EventRef& event);

}  // namespace oversight::engine
