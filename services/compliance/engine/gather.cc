// The values of a column for many rows at once: what Table says of each of them, the column looked up once.

#include "services/compliance/engine/records.h"

namespace oversight::engine {
namespace {

// The value of each row in which there is one.
template <typename Value, typename Read>
uint64_t ReadSet(std::span<const uint32_t> rows, const PackedCells& words, Value* values, Read read) {
  uint64_t set = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t word = words[rows[i]];
    if (word == 0) continue;
    set |= uint64_t{1} << i;
    values[i] = read(rows[i], word);
  }
  return set;
}

}  // namespace

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
  if (cells == nullptr) return 0;
  return ReadSet(rows, cells->words, values, [&](uint32_t row, uint32_t word) {
    return cells->type == ColumnType::kInstant ? *Day(row, column)
                                               : CivilDay::FromNumber(static_cast<int32_t>(word - kDayShift));
  });
}

uint64_t Table::Instants(std::span<const uint32_t> rows, uint16_t column, int64_t* values) const {
  const Cells* cells = Find(column);
  if (cells == nullptr) return 0;
  return ReadSet(rows, cells->words, values, [&](uint32_t row, uint32_t word) {
    return word == kOdd ? *Instant(row, column) : int64_t{word - 1} * kMicrosecondsASecond;
  });
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
