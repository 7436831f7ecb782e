#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine::testing {

// One line of a table that a practice supervisor could check.
struct Expected {
  absl::string_view as_of;
  // For example `OVERDUE registered, from 2025-01-06, due 2025-02-06, 3 days overdue`; `due never` when
  // nothing is due; `none` when the rule does not apply.
  absl::string_view finding;
};

// What the rule says about a subject in facts written as in world.h, in the words of Expected::finding. The
// policy takes effect on 2024-01-01.
std::string Judged(const Rule& rule, absl::string_view facts, absl::string_view subject,
                   absl::string_view as_of);

}  // namespace oversight::engine::testing
