#pragma once

#include "oversight/compliance/v1/frequency.pb.h"
#include "services/compliance/engine/frequency.h"
#include "services/compliance/engine/policy.h"

namespace oversight::compliance {

// The API's form of what a rule asks of a worker's sessions.
v1::RequiredFrequency ToProto(const engine::Policy& policy, const engine::Rule& rule,
                              const engine::RequiredFrequency& required);

}  // namespace oversight::compliance
