#pragma once

#include <vector>

#include "common/status/violation.h"
#include "common/time/civil_day.h"

namespace oversight::caseload {

// The team manager's agreement that a case is discussed less often (Knowsley, appendix 7). Whether its
// grounds suffice (low risk, no deficits) is for the policy to judge: an agreement without them is a fact
// that has no effect.
struct ReducedFrequencyAgreement {
  CivilDay agreed;
  CivilDay start;
};

// Names `agreed_date` where the agreement was not made in advance: on the day it starts at the latest.
void Check(const ReducedFrequencyAgreement& agreement, std::vector<FieldViolation>& violations);

}  // namespace oversight::caseload
