#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/compliance/engine/records.h"
#include "services/compliance/engine/schema.h"

namespace oversight::engine {

// What a fact that lies with a worker or case names besides: a session its supervisee and supervisor, a
// discussion its case, an allocation its worker, a supervisor's link the supervisor.
using NamedRows = std::array<uint32_t, 2>;

// Which names mean another one, because what they named was the duplicate of that and has been merged into
// it; and what the facts that name such duplicates said, so that a merge can be taken back.
class Duplicates {
 public:
  struct Record {
    FactKind kind = FactKind::kNone;
    uint32_t row = kNobody;
    friend bool operator==(const Record&, const Record&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Record& record) {
      return H::combine(std::move(h), record.kind, record.row);
    }
  };

  bool empty() const { return meaning_.empty(); }
  // Nothing changes, and the answer is false, when the survivor means the duplicate, by whatever way: nobody
  // is left in a circle.
  bool Set(Record duplicate, uint32_t survivor);
  // False when it is no duplicate.
  bool Forget(Record duplicate);
  // The row that a row means in the end: its own, unless it is a duplicate's.
  uint32_t Of(FactKind kind, uint32_t row) const;
  NamedRows Of(FactKind kind, NamedRows rows) const;
  FieldValue Of(FieldValue reference) const;
  // All duplicates of a kind, and those that mean a row.
  std::vector<uint32_t> AllOf(FactKind kind) const;
  std::vector<uint32_t> Meaning(FactKind kind, uint32_t row) const;

  // What facts said that name duplicates: references, and rows of the facts known by heart.
  absl::flat_hash_map<Record, std::vector<FieldValue>> told_references;
  absl::flat_hash_map<Record, NamedRows> told_rows;

 private:
  absl::flat_hash_map<Record, uint32_t> meaning_;
  // The duplicates that were merged into it, by survivor.
  absl::flat_hash_map<Record, std::vector<uint32_t>> merged_;
};

}  // namespace oversight::engine
