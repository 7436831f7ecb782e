#pragma once

#include "absl/strings/string_view.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine::testing {

// The two frequency tables of the shipped Knowsley policy, read from its file. Aborts when it has faults.
const Policy& Knowsley();
// `supervision-frequency` or `case-discussion`.
const Rule& KnowsleyRule(absl::string_view name);
// The same with one row more, the last: Walsall's of the same name, whose interval stands in agreements.
const Rule& KnowsleyRuleWithAgreements(absl::string_view name);

}  // namespace oversight::engine::testing
