#pragma once

#include <vector>

#include "services/compliance/engine/absence.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/interval_set.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// A placement of a child as rules see it: respite left out, its days prolonged over respite from it, and
// dated from when the child came to this carer or home.
struct PlacedSpan {
  uint32_t id;  // of the placement
  PlacementType type;
  Period days;
  CivilDay came;
  // From when the permanence plan is fully implemented; Max(): not.
  CivilDay permanent_from;
};

std::vector<PlacedSpan> PlacedSpans(const CaseRecord& record);

// The days on which a row's condition holds for a worker, or for a case. Where an input is missing the
// condition is taken to hold (`benefit_of_doubt`), or not.
IntervalSet DaysOfWorker(const Condition& condition, const Rule& rule, const AuthorityFacts& facts,
                         const WorkerRecord& worker, const AbsenceCalendar& absences, bool benefit_of_doubt);
IntervalSet DaysOfCase(const Condition& condition, const AuthorityFacts& facts, const CaseRecord& record,
                       const std::vector<PlacedSpan>& placed);

}  // namespace oversight::engine
