#pragma once

#include <vector>

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/policy/fault.h"
#include "services/compliance/policy/place.h"

namespace oversight::policy {

// Adds what is wrong with the parts of a condition that speak of workers and cases; `kind` is the kind of
// record of which it is asked.
void CheckCondition(const Placed<compliance::v1::Condition>& condition, engine::FactKind kind,
                    std::vector<Fault>& faults);

// Whether a student placement is asked for somewhere in it.
bool SpeaksOfStudentPlacement(const compliance::v1::Condition& condition);

}  // namespace oversight::policy
