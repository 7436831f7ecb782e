#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/compliance/policy/load.h"

namespace oversight::policy {

using engine::Override;

// The policy with these numbers in place of its own; where a step or row has the field, each of them gets the
// number. The content hash, and so the version, is another. INVALID_ARGUMENT says of each override what is
// wrong with it: a rule that is not there, a field that is no local parameter of it or is given twice, a
// value that the policy could not have.
absl::StatusOr<LoadedPolicy> WithOverrides(const LoadedPolicy& loaded,
                                           const std::vector<Override>& overrides);

// engine::Policy::settle of a policy read from this definition.
std::function<engine::Policy(const std::vector<Override>&)> Settler(
    std::shared_ptr<const compliance::v1::PolicyDefinition> definition);

}  // namespace oversight::policy
