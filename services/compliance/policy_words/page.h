#pragma once

#include <string>
#include <vector>

#include "services/compliance/policy/load.h"

namespace oversight::policy_words {

// The policy as a page of Markdown, for a policy officer: every rule with its clause, whom it is about, what
// it asks when, and the numbers that an authority may settle otherwise.
std::string Page(const policy::LoadedPolicy& policy);

}  // namespace oversight::policy_words
