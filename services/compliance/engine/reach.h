#pragma once

#include <vector>

#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// From which records, and on which ways, a change comes to the subjects of a rule, and to the records that it
// counts (CountedMeasure): what AuthorityFacts::Watch needs to know. Ascending, each once.
std::vector<Reach> ReachesOf(const Rule& rule);

// What a rule counts of all records of a kind, each as one, by what is asked of the record itself and never
// of the subject: what they add up to can be kept (RunningCount). Null: nothing.
const Measure* CountedMeasure(const Rule& rule);

}  // namespace oversight::engine
