#include "services/compliance/engine/records.h"

#include <algorithm>
#include <cmath>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"

namespace oversight::engine {
namespace {

constexpr uint64_t kFnvOffset = 14695981039346656037u;
constexpr uint64_t kFnvPrime = 1099511628211u;

}  // namespace

uint32_t TextHash(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return 0;
  // The same in every process: findings must not depend on a seed.
  uint64_t hash = kFnvOffset;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(absl::ascii_tolower(c))) * kFnvPrime;
  const uint32_t folded = static_cast<uint32_t>(hash ^ (hash >> 32));
  return folded == 0 ? 1 : folded;
}

void Table::Put(uint32_t row, std::span<const FieldValue> values) {
  Clear(row);
  known_.Set(row, 1);
  for (const FieldValue& value : values) Write(row, value);
  for (Index& index : indexes_) Link(index, row, Reference(row, index.column));
}

void Table::Remove(uint32_t row) {
  if (!Known(row)) return;
  Clear(row);
  known_.Set(row, 0);
}

void Table::Clear(uint32_t row) {
  if (!Known(row)) return;
  for (Index& index : indexes_) Unlink(index, row, Reference(row, index.column));
  for (Cells& cells : cells_) {
    if (!cells.used) continue;
    cells.words.Set(row, 0);
    if (cells.type == ColumnType::kInstant) cells.odd_instants.erase(row);
    if (cells.type == ColumnType::kNumber) cells.odd_numbers.erase(row);
    if (const auto found = cells.many.find(row); found != cells.many.end()) {
      for (const uint32_t target : found->second) std::erase(cells.naming[target], row);
      cells.many.erase(found);
    }
  }
}

void Table::Write(uint32_t row, const FieldValue& value) {
  if (value.column >= cells_.size()) cells_.resize(value.column + 1);
  Cells& cells = cells_[value.column];
  // A column of lists of references keeps who names whom itself. That it is one shows only now.
  if (!cells.used && value.type == ColumnType::kReferences)
    std::erase_if(indexes_, [&](const Index& index) { return index.column == value.column; });
  cells.used = true;
  cells.type = value.type;
  cells.target = value.target;
  switch (value.type) {
    case ColumnType::kDay:
      return cells.words.Set(row, static_cast<uint32_t>(value.whole) + kDayShift);
    case ColumnType::kInstant:
      if (value.whole % kMicrosecondsASecond == 0 && value.whole >= 0 &&
          value.whole / kMicrosecondsASecond < int64_t{kOdd} - 1) {
        return cells.words.Set(row, static_cast<uint32_t>(value.whole / kMicrosecondsASecond) + 1);
      }
      cells.odd_instants[row] = value.whole;
      return cells.words.Set(row, kOdd);
    case ColumnType::kEnum:
      return cells.words.Set(row, static_cast<uint8_t>(value.whole));
    case ColumnType::kFlag:
      return cells.words.Set(row, value.whole != 0 ? 1 : 0);
    case ColumnType::kSet:
    case ColumnType::kText:
      return cells.words.Set(row, static_cast<uint32_t>(value.whole));
    case ColumnType::kReference:
      return cells.words.Set(row, static_cast<uint32_t>(value.whole) + 1);
    case ColumnType::kReferences:
      if (value.rows.empty()) return;
      cells.many[row] = value.rows;
      std::sort(cells.many[row].begin(), cells.many[row].end());
      cells.many[row].erase(std::unique(cells.many[row].begin(), cells.many[row].end()),
                            cells.many[row].end());
      for (const uint32_t target : cells.many[row]) cells.naming[target].push_back(row);
      return;
    case ColumnType::kNumber:
      if (std::isnan(value.number)) return;
      // Not -0, which is no whole one more than nothing.
      if (value.number >= 0 && !std::signbit(value.number) && value.number < kOdd - 1 &&
          value.number == std::floor(value.number)) {
        return cells.words.Set(row, static_cast<uint32_t>(value.number) + 1);
      }
      cells.odd_numbers[row] = value.number;
      return cells.words.Set(row, kOdd);
  }
}

std::optional<CivilDay> Table::DayOfInstant(uint32_t row, uint16_t column) const {
  const std::optional<int64_t> instant = Instant(row, column);
  if (!instant) return std::nullopt;
  return CivilDay::Of(absl::FromUnixMicros(*instant));
}

std::optional<int64_t> Table::Instant(uint32_t row, uint16_t column) const {
  const uint32_t word = Word(row, column);
  if (word == 0) return std::nullopt;
  if (word == kOdd) return cells_[column].odd_instants.at(row);
  return int64_t{word - 1} * kMicrosecondsASecond;
}

std::optional<double> Table::Number(uint32_t row, uint16_t column) const {
  const uint32_t word = Word(row, column);
  if (word == 0) return std::nullopt;
  if (word == kOdd) return cells_[column].odd_numbers.at(row);
  return word - 1;
}

std::span<const uint32_t> Table::References(uint32_t row, uint16_t column) const {
  const Cells* cells = Find(column);
  if (cells == nullptr) return {};
  const auto found = cells->many.find(row);
  return found == cells->many.end() ? std::span<const uint32_t>() : std::span<const uint32_t>(found->second);
}

bool Table::Refers(uint32_t row, uint16_t column, uint32_t target) const {
  const std::span<const uint32_t> rows = References(row, column);
  return std::find(rows.begin(), rows.end(), target) != rows.end();
}

void Table::IndexBy(uint16_t column) {
  if (const Cells* cells = Find(column); cells != nullptr && cells->type == ColumnType::kReferences) return;
  for (const Index& index : indexes_) {
    if (index.column == column) return;
  }
  Index& index = indexes_.emplace_back();
  index.column = column;
  for (uint32_t row = 0; row < size(); ++row) {
    if (Known(row)) Link(index, row, Reference(row, column));
  }
}

void Table::Link(Index& index, uint32_t row, uint32_t target) {
  if (target == kNobody) return;
  const uint32_t next = index.first[target];
  index.next.Set(row, next);
  index.previous.Set(row, 0);
  if (next != 0) index.previous.Set(next - 1, row + 1);
  index.first.Set(target, row + 1);
}

void Table::Unlink(Index& index, uint32_t row, uint32_t target) {
  if (target == kNobody) return;
  const uint32_t next = index.next[row];
  const uint32_t previous = index.previous[row];
  if (next != 0) index.previous.Set(next - 1, previous);
  if (previous != 0) {
    index.next.Set(previous - 1, next);
  } else {
    index.first.Set(target, next);
  }
}

void Table::ForEachReferring(uint16_t column, uint32_t target,
                             absl::FunctionRef<void(uint32_t row)> visit) const {
  AnyReferring(column, target, [&](uint32_t row) {
    visit(row);
    return false;
  });
}

bool Table::AnyReferring(uint16_t column, uint32_t target,
                         absl::FunctionRef<bool(uint32_t row)> visit) const {
  // First: an index may have been asked for before anything told that the column names several.
  if (const Cells* cells = Find(column); cells != nullptr && cells->type == ColumnType::kReferences) {
    const auto found = cells->naming.find(target);
    return found != cells->naming.end() && std::any_of(found->second.begin(), found->second.end(), visit);
  }
  for (const Index& index : indexes_) {
    if (index.column != column) continue;
    for (uint32_t row = index.first[target]; row != 0; row = index.next[row - 1]) {
      if (visit(row - 1)) return true;
    }
    return false;
  }
  // Not indexed: slower, and as right.
  for (uint32_t row = 0; row < size(); ++row) {
    if (Known(row) && Reference(row, column) == target && visit(row)) return true;
  }
  return false;
}

std::vector<FieldValue> Table::References(uint32_t row) const {
  std::vector<FieldValue> references;
  for (size_t i = 0; i < cells_.size(); ++i) {
    const Cells& cells = cells_[i];
    const auto column = static_cast<uint16_t>(i);
    if (!cells.used || cells.target == FactKind::kNone || !IsSet(row, column)) continue;
    FieldValue value{.column = column, .type = cells.type, .target = cells.target};
    if (cells.type == ColumnType::kReference) value.whole = Reference(row, column);
    const std::span<const uint32_t> many = References(row, column);
    value.rows.assign(many.begin(), many.end());
    references.push_back(std::move(value));
  }
  return references;
}

void Table::ForEachNaming(FactKind kind, uint32_t target, absl::FunctionRef<void(uint32_t)> visit) const {
  std::vector<uint32_t> naming;
  for (size_t column = 0; column < cells_.size(); ++column) {
    if (!cells_[column].used || cells_[column].target != kind) continue;
    ForEachReferring(static_cast<uint16_t>(column), target, [&](uint32_t row) { naming.push_back(row); });
  }
  std::sort(naming.begin(), naming.end());
  naming.erase(std::unique(naming.begin(), naming.end()), naming.end());
  for (const uint32_t row : naming) visit(row);
}

void Table::Point(uint32_t row, const FieldValue& reference) {
  if (!Known(row)) return;
  if (reference.type == ColumnType::kReferences) {
    Cells& cells = cells_[reference.column];
    for (const uint32_t target : cells.many[row]) std::erase(cells.naming[target], row);
  }
  for (Index& index : indexes_) {
    if (index.column == reference.column) Unlink(index, row, Reference(row, index.column));
  }
  Write(row, reference);
  for (Index& index : indexes_) {
    if (index.column == reference.column) Link(index, row, Reference(row, index.column));
  }
}

void Table::ForEachPart(absl::FunctionRef<void(uint16_t, const char*, size_t)> visit) const {
  visit(kNoColumn, "which are known", known_.BytesUsed());
  visit(kNoColumn, "headings of columns",
        cells_.capacity() * sizeof(Cells) + indexes_.capacity() * sizeof(Index));
  for (size_t column = 0; column < cells_.size(); ++column) {
    const Cells& cells = cells_[column];
    visit(static_cast<uint16_t>(column), "values",
          cells.words.BytesUsed() + 16 * (cells.odd_instants.capacity() + cells.odd_numbers.capacity()));
  }
  for (const Index& index : indexes_) {
    visit(index.column, "who refers",
          index.first.BytesUsed() + index.next.BytesUsed() + index.previous.BytesUsed());
  }
}

}  // namespace oversight::engine
