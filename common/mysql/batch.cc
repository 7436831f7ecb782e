#include "common/mysql/batch.h"

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::mysql {
namespace {

constexpr size_t kMostRows = 256;

std::string Repeat(absl::string_view text, size_t count) {
  std::string out;
  out.reserve((text.size() + 2) * count);
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&out, i == 0 ? "" : ", ", text);
  return out;
}

}  // namespace

absl::Status InsertRows(Connection& connection, absl::string_view insert_up_to_values, int columns,
                        absl::string_view suffix, std::span<const Value> values) {
  const std::string row = absl::StrCat("(", Repeat("?", static_cast<size_t>(columns)), ")");
  size_t rows = values.size() / static_cast<size_t>(columns);
  while (rows > 0) {
    const size_t now = std::min(kMostRows, std::bit_floor(rows));
    const std::string sql = absl::StrCat(insert_up_to_values, Repeat(row, now), suffix);
    OVERSIGHT_RETURN_IF_ERROR(
        connection.Execute(sql, values.subspan(0, now * static_cast<size_t>(columns))).status());
    values = values.subspan(now * static_cast<size_t>(columns));
    rows -= now;
  }
  return absl::OkStatus();
}

absl::Status QueryIn(Connection& connection, absl::string_view select, absl::string_view suffix,
                     std::span<const Value> fixed, std::span<const Value> keys, RowReader reader) {
  while (!keys.empty()) {
    const size_t now = std::min(kMostRows, keys.size());
    const size_t padded = std::bit_ceil(now);
    std::vector<Value> parameters(fixed.begin(), fixed.end());
    parameters.insert(parameters.end(), keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(now));
    parameters.insert(parameters.end(), padded - now, keys[now - 1]);
    const std::string sql = absl::StrCat(select, "(", Repeat("?", padded), ")", suffix);
    OVERSIGHT_RETURN_IF_ERROR(connection.Query(sql, parameters, reader));
    keys = keys.subspan(now);
  }
  return absl::OkStatus();
}

}  // namespace oversight::mysql
