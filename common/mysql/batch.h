#pragma once

#include <span>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/mysql/connection.h"

namespace oversight::mysql {

// Runs `INSERT ... VALUES (?, ...), (?, ...) <suffix>` for many rows in few statements. `values` holds the
// rows one after the other, `columns` each. Statements come in a few fixed sizes (powers of two), so that
// they stay prepared.
absl::Status InsertRows(Connection& connection, absl::string_view insert_up_to_values, int columns,
                        absl::string_view suffix, std::span<const Value> values);

// Runs a SELECT for many keys: `select` ends in `IN `, to which a list of `?` is added, and `suffix` follows.
// `fixed` come before the keys. Keys are padded by repeating the last, so a row is read once however often
// its key is given.
absl::Status QueryIn(Connection& connection, absl::string_view select, absl::string_view suffix,
                     std::span<const Value> fixed, std::span<const Value> keys, RowReader reader);

}  // namespace oversight::mysql
