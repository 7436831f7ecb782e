#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "services/compliance/engine/events.h"
#include "services/compliance/engine/explain.h"

namespace oversight::engine {

// The latest sessions or discussions on a day from `from` to `to` that do not count, the latest first, at
// most five, and for each the first reason why. `fits`: whether one that the rule counts is also what is
// asked for where it was held.
std::vector<Evidence> NotCounted(const Asking& asking, Subject subject, CivilDay from, CivilDay to,
                                 absl::FunctionRef<bool(const EventRef&)> fits);

// An absence, in words.
Evidence AwayOn(const AuthorityFacts& facts, const Absence& absence);

}  // namespace oversight::engine
