#pragma once

#include <vector>

#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// From which records, and on which ways, a change comes to the subjects of a rule: what AuthorityFacts::Watch
// needs to know. Ascending, each once.
std::vector<Reach> ReachesOf(const Rule& rule);

}  // namespace oversight::engine
