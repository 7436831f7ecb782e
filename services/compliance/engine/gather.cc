// The values of a column for many rows at once: what Table says of each of them, the column looked up once.

#include "services/compliance/engine/records.h"

namespace oversight::engine {

uint64_t Table::KnownOf(std::span<const uint32_t> rows) const {
  uint64_t known = 0;
  for (size_t i = 0; i < rows.size(); ++i) known |= uint64_t{Known(rows[i])} << i;
  return known;
}

uint64_t Table::AnySet(std::span<const uint32_t> rows, uint16_t column) const {
  const Cells* cells = Find(column);
  uint64_t set = 0;
  if (cells == nullptr) return set;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool is_set = cells->type == ColumnType::kReferences ? !References(rows[i], column).empty()
                                                               : cells->words[rows[i]] != 0;
    set |= uint64_t{is_set} << i;
  }
  return set;
}

uint64_t Table::Days(std::span<const uint32_t> rows, uint16_t column, CivilDay* values) const {
  const Cells* cells = Find(column);
  uint64_t set = 0;
  if (cells == nullptr) return set;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t word = cells->words[rows[i]];
    if (word == 0) continue;
    set |= uint64_t{1} << i;
    values[i] = cells->type == ColumnType::kInstant
                    ? *Day(rows[i], column)
                    : CivilDay::FromNumber(static_cast<int32_t>(word - kDayShift));
  }
  return set;
}

uint64_t Table::Instants(std::span<const uint32_t> rows, uint16_t column, int64_t* values) const {
  const Cells* cells = Find(column);
  uint64_t set = 0;
  if (cells == nullptr) return set;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t word = cells->words[rows[i]];
    if (word == 0) continue;
    set |= uint64_t{1} << i;
    values[i] = word == kOdd ? *Instant(rows[i], column) : int64_t{word - 1} * kMicrosecondsASecond;
  }
  return set;
}

void Table::Wholes(std::span<const uint32_t> rows, uint16_t column, uint32_t* values) const {
  const Cells* cells = Find(column);
  for (size_t i = 0; i < rows.size(); ++i) values[i] = cells == nullptr ? 0 : cells->words[rows[i]];
}

void Table::References(std::span<const uint32_t> rows, uint16_t column, uint32_t* values) const {
  // A row is kept as one more.
  Wholes(rows, column, values);
  for (size_t i = 0; i < rows.size(); ++i) --values[i];
}

}  // namespace oversight::engine
