#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace oversight::migrate {

// What a migration file holds.
struct StatementText {
  // The statement alone, without a closing semicolon.
  std::string sql;
  // True when it changes rows (INSERT, UPDATE, DELETE, REPLACE), false when it changes tables.
  bool changes_rows = false;
  // Why the file cannot be used; empty when it can.
  std::vector<std::string> faults;
};

// Reads the text of one file. Allowed is one statement that either takes effect as a whole or not at all:
// CREATE, ALTER or DROP of one TABLE, INDEX or VIEW, or INSERT, UPDATE, DELETE, REPLACE. Comments may stand
// anywhere; executable comments (`/*! ... */`) may not.
StatementText ReadStatement(absl::string_view text);

}  // namespace oversight::migrate
