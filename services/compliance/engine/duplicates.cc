#include "services/compliance/engine/duplicates.h"

#include <algorithm>

namespace oversight::engine {

bool Duplicates::Set(Record duplicate, uint32_t survivor) {
  for (uint32_t row = survivor;;) {
    if (row == duplicate.row) return false;
    const auto next = meaning_.find({duplicate.kind, row});
    if (next == meaning_.end()) break;
    row = next->second;
  }
  Forget(duplicate);
  meaning_[duplicate] = survivor;
  merged_[{duplicate.kind, survivor}].push_back(duplicate.row);
  return true;
}

bool Duplicates::Forget(Record duplicate) {
  const auto found = meaning_.find(duplicate);
  if (found == meaning_.end()) return false;
  std::erase(merged_[{duplicate.kind, found->second}], duplicate.row);
  meaning_.erase(found);
  return true;
}

uint32_t Duplicates::Of(FactKind kind, uint32_t row) const {
  for (auto next = meaning_.find({kind, row}); next != meaning_.end(); next = meaning_.find({kind, row})) {
    row = next->second;
  }
  return row;
}

NamedRows Duplicates::Of(FactKind kind, NamedRows rows) const {
  for (uint32_t& row : rows) row = Of(kind, row);
  return rows;
}

FieldValue Duplicates::Of(FieldValue reference) const {
  if (reference.target == FactKind::kNone) return reference;
  if (reference.type == ColumnType::kReference) {
    reference.whole = Of(reference.target, static_cast<uint32_t>(reference.whole));
  }
  for (uint32_t& row : reference.rows) row = Of(reference.target, row);
  return reference;
}

std::vector<uint32_t> Duplicates::AllOf(FactKind kind) const {
  std::vector<uint32_t> all;
  for (const auto& [duplicate, survivor] : meaning_) {
    if (duplicate.kind == kind) all.push_back(duplicate.row);
  }
  return all;
}

std::vector<uint32_t> Duplicates::Meaning(FactKind kind, uint32_t row) const {
  std::vector<uint32_t> all = {row};
  for (size_t i = 0; i < all.size(); ++i) {
    const auto merged = merged_.find({kind, all[i]});
    if (merged != merged_.end()) all.insert(all.end(), merged->second.begin(), merged->second.end());
  }
  all.erase(all.begin());
  return all;
}

}  // namespace oversight::engine
