#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/civil_day.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

namespace oversight::load {

struct SqlAnswer {
  double seconds = 0;     // median, warm
  int64_t cases = 0;      // that it counted
  int64_t different = 0;  // counted under another status than the engine's
};

// Puts the case discussions into a private MariaDB and asks it how the cases stand as of a day, by row and
// status. It is made as easy for the database as can be: which row governs a case and from when is written
// beside it, and only discussions that count are there, clustered by case and day.
absl::StatusOr<SqlAnswer> AskSql(const std::vector<std::unique_ptr<engine::AuthorityFacts>>& all,
                                 const engine::Rule& rule, CivilDay as_of, int rounds);

}  // namespace oversight::load
