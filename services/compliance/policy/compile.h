#pragma once

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/policy.h"

namespace oversight::policy {

// What the engine evaluates. The definition must be free of faults.
engine::Policy Compile(const compliance::v1::PolicyDefinition& definition);

}  // namespace oversight::policy
