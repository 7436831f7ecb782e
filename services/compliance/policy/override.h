#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/compliance/policy/load.h"

namespace oversight::policy {

// A number that an authority settles otherwise than the pack: one of a rule's local parameters.
struct Override {
  std::string rule;   // `knowsley.record-signed`
  std::string field;  // as in LocalParameter, `deadline.steps.within.working_days`
  double value = 0;
};

// The policy with these numbers in place of its own; where a step or row has the field, each of them gets the
// number. The content hash, and so the version, is another. INVALID_ARGUMENT says of each override what is
// wrong with it: a rule that is not there, a field that is no local parameter of it, a value that the policy
// could not have.
absl::StatusOr<LoadedPolicy> WithOverrides(const LoadedPolicy& loaded,
                                           const std::vector<Override>& overrides);

}  // namespace oversight::policy
