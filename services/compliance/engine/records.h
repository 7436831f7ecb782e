#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/time/civil_day.h"
#include "services/compliance/engine/packed_cells.h"
#include "services/compliance/engine/schema.h"

namespace oversight::engine {

inline constexpr uint32_t kNobody = UINT32_MAX;

// A value of a field. Which member counts follows from the type.
struct FieldValue {
  uint16_t column = 0;
  ColumnType type = ColumnType::kText;
  // A day's number, an instant's microseconds, an enum's number, a mask, a flag, a reference's row, a text's
  // hash.
  int64_t whole = 0;
  double number = 0;           // of kNumber
  std::vector<uint32_t> rows;  // of kReferences
  // Of references, the kind of what they name; kNone: whatever that is, it is never another name.
  FactKind target = FactKind::kNone;

  friend bool operator==(const FieldValue&, const FieldValue&) = default;
};

// The records of one kind, by row, as columns; a column takes room only once a record has something in it.
class Table {
 public:
  bool Known(uint32_t row) const { return known_[row] != 0; }
  // Replaces all fields of a row; those not among `values` are not set.
  void Put(uint32_t row, std::span<const FieldValue> values);
  void Remove(uint32_t row);
  uint32_t size() const { return known_.size(); }

  // What a row holds; nothing where it is not set or the row is not known.
  std::optional<CivilDay> Day(uint32_t row, uint16_t column) const {
    const Cells* cells = Find(column);
    if (cells == nullptr) return std::nullopt;
    if (cells->type == ColumnType::kInstant) return DayOfInstant(row, column);
    const uint32_t word = cells->words[row];
    if (word == 0) return std::nullopt;
    return CivilDay::FromNumber(static_cast<int32_t>(word - kDayShift));
  }
  std::optional<int64_t> Instant(uint32_t row, uint16_t column) const;
  std::optional<double> Number(uint32_t row, uint16_t column) const;
  // One that is not set is false.
  bool Flag(uint32_t row, uint16_t column) const { return Word(row, column) != 0; }
  // 0: not set.
  uint32_t Enum(uint32_t row, uint16_t column) const { return Word(row, column); }
  uint32_t Set(uint32_t row, uint16_t column) const { return Word(row, column); }
  uint32_t Text(uint32_t row, uint16_t column) const { return Word(row, column); }
  // kNobody: not set. A row is kept as one more, so that 0 means not set.
  uint32_t Reference(uint32_t row, uint16_t column) const { return Word(row, column) - 1; }
  std::span<const uint32_t> References(uint32_t row, uint16_t column) const;
  bool Refers(uint32_t row, uint16_t column, uint32_t target) const;
  bool IsSet(uint32_t row, uint16_t column) const {
    const Cells* cells = Find(column);
    if (cells == nullptr) return false;
    return cells->type == ColumnType::kReferences ? !References(row, column).empty() : cells->words[row] != 0;
  }

  // The same of up to 64 rows at once, kNobody among them being none: the values into `values`, and which
  // rows have one, as bits.
  uint64_t KnownOf(std::span<const uint32_t> rows) const;
  uint64_t AnySet(std::span<const uint32_t> rows, uint16_t column) const;
  uint64_t Days(std::span<const uint32_t> rows, uint16_t column, CivilDay* values) const;
  uint64_t Instants(std::span<const uint32_t> rows, uint16_t column, int64_t* values) const;
  // Of enums, flags, masks and texts; 0 where not set.
  void Wholes(std::span<const uint32_t> rows, uint16_t column, uint32_t* values) const;
  // kNobody where not set.
  void References(std::span<const uint32_t> rows, uint16_t column, uint32_t* values) const;

  // Every reference of a row to a kind that is known.
  std::vector<FieldValue> References(uint32_t row) const;
  // Visits the rows that name a row of `kind`, each once. Takes as long as there are rows.
  void ForEachNaming(FactKind kind, uint32_t target, absl::FunctionRef<void(uint32_t row)> visit) const;
  // Replaces one reference of a row; the other fields stay.
  void Point(uint32_t row, const FieldValue& reference);

  // Keeps, from now on, which rows refer to a row by this column.
  void IndexBy(uint16_t column);
  // The rows that refer to `target` by the column, in no particular order.
  void ForEachReferring(uint16_t column, uint32_t target, absl::FunctionRef<void(uint32_t row)> visit) const;
  // The same until `visit` says yes; whether it did.
  bool AnyReferring(uint16_t column, uint32_t target, absl::FunctionRef<bool(uint32_t row)> visit) const;
  // What is there, column by column.
  void ForEachPart(absl::FunctionRef<void(uint16_t column, const char* what, size_t bytes)> visit) const;

 private:
  struct Cells {
    // Enums, flags, masks, texts; references as row + 1; days shifted; instants as seconds and numbers as
    // wholes, one more than they are, those that are no such as kOdd.
    PackedCells words;
    absl::flat_hash_map<uint32_t, int64_t> odd_instants;
    absl::flat_hash_map<uint32_t, double> odd_numbers;
    // Few rows name several others; by row, and by the row named.
    absl::flat_hash_map<uint32_t, std::vector<uint32_t>> many;
    absl::flat_hash_map<uint32_t, std::vector<uint32_t>> naming;
    ColumnType type = ColumnType::kText;
    FactKind target = FactKind::kNone;
    bool used = false;
  };
  // Rows by the row they refer to: lists, threaded through the rows.
  struct Index {
    uint16_t column;
    // Rows as one more; 0: none.
    PackedCells first;  // by target
    PackedCells next;   // by row
    PackedCells previous;
  };
  // A day is kept as its number shifted so that 0 means not set.
  static constexpr uint32_t kDayShift = uint32_t{1} << 31;
  static constexpr uint32_t kOdd = UINT32_MAX;
  static constexpr int64_t kMicrosecondsASecond = 1000000;
  void Clear(uint32_t row);
  void Write(uint32_t row, const FieldValue& value);
  static void Link(Index& index, uint32_t row, uint32_t target);
  static void Unlink(Index& index, uint32_t row, uint32_t target);
  const Cells* Find(uint16_t column) const {
    return column < cells_.size() && cells_[column].used ? &cells_[column] : nullptr;
  }

  std::optional<CivilDay> DayOfInstant(uint32_t row, uint16_t column) const;
  uint32_t Word(uint32_t row, uint16_t column) const {
    const Cells* cells = Find(column);
    return cells == nullptr ? 0 : cells->words[row];
  }

  PackedCells known_;
  std::vector<Cells> cells_;
  std::vector<Index> indexes_;
};

}  // namespace oversight::engine
