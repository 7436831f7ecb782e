#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "services/compliance/policy_cases/case_file.h"

namespace oversight::policy_cases::testing {

// A shipped policy, `walsall`.
std::shared_ptr<const policy::LoadedPolicy> Pack(const std::string& id);

// The faults of a file of cases of the pack, a line each: `line:column: message`.
std::string FaultsOf(const std::string& pack, absl::string_view text);

// The cases of a file that must be free of faults.
std::vector<Case> CasesOf(const std::string& pack, absl::string_view text);

// Runs one case of the policy `demo`, whose one rule, with its `rules { ... }`, is written for the test; its
// clauses refer to the document `doc`.
void Check(absl::string_view rule, absl::string_view one_case);

}  // namespace oversight::policy_cases::testing
