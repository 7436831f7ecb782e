#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// What kinds of record there are and which fields they have, by number: how policies and facts speak of any
// resource without the engine knowing its message.
namespace oversight::engine {

// A kind of record. The named ones are those that the engine knows by heart; all others have the numbers that
// the schema gives them.
enum class FactKind : uint16_t {
  kWorker,
  kPost,
  kAsye,
  kStudentPlacement,
  kSupervisorLink,
  kAbsence,
  kTeam,
  kCase,
  kStatusPeriod,
  kPlacement,
  kAgreement,
  kAllocation,
  kSession,
  kDiscussion,
  kAuthority,
  // Rules that say nothing about any resource.
  kNone = UINT16_MAX,
};

inline constexpr size_t kKnownKinds = 15;

enum class ColumnType : uint8_t {
  // A civil day; an instant in microseconds since 1970.
  kDay,
  kInstant,
  kEnum,
  // The values of a repeated enum, as a bit mask.
  kSet,
  kFlag,
  kNumber,
  // Another record; several others.
  kReference,
  kReferences,
  // A text, of which only a hash is kept: enough to tell whether it is there and whether it is a given one.
  kText,
};

inline constexpr uint16_t kNoColumn = UINT16_MAX;
// The column of every kind that holds the record above it, the authority for those at the top.
inline constexpr uint16_t kParentColumn = 0;

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  // Of a reference.
  FactKind target = FactKind::kNone;
  // Of an enum or set: its values by number.
  std::vector<std::string> values;
};

struct KindSchema {
  FactKind kind = FactKind::kNone;
  std::string type_name;  // oversight.workforce.v1.Post
  std::vector<Column> columns;
  // Between which days a record holds; kNoColumn where it has none.
  uint16_t since = kNoColumn;
  uint16_t until = kNoColumn;
  // `until` is itself a day on which it holds.
  bool until_included = false;

  uint16_t FindColumn(absl::string_view name) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == name) return static_cast<uint16_t>(i);
    }
    return kNoColumn;
  }
};

struct Schema {
  std::vector<KindSchema> kinds;  // by number

  const KindSchema& Of(FactKind kind) const { return kinds[static_cast<size_t>(kind)]; }
};

// The hash under which a text is kept; 0 for an empty one. Capitals and spaces around it play no part.
uint32_t TextHash(absl::string_view text);

}  // namespace oversight::engine
