#include "services/compliance/engine/interner.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "services/compliance/engine/grow.h"

namespace oversight::engine {

uint32_t Interner::Add(absl::string_view name) {
  // At most three quarters full, so that probing stays short.
  if ((offsets_.size() + 1) * 4 > table_.size() * 3) Grow();
  const size_t slot = Slot(name);
  if (table_[slot] != 0) return table_[slot] - 1;
  const uint64_t begin = bytes_.size();
  MakeRoom(bytes_, begin + name.size());
  bytes_.append(name.data(), name.size());
  if (bytes_.size() >> 32 != begin >> 32) wraps_.push_back(size());
  MakeRoom(offsets_, offsets_.size() + 1);
  offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
  table_[slot] = size();
  return size() - 1;
}

std::optional<uint32_t> Interner::Find(absl::string_view name) const {
  if (table_.empty()) return std::nullopt;
  const uint32_t found = table_[Slot(name)];
  if (found == 0) return std::nullopt;
  return found - 1;
}

absl::string_view Interner::Name(uint32_t number) const {
  if (!forgotten_.empty() && forgotten_.contains(number)) return "";
  const uint64_t begin = number == 0 ? 0 : End(number - 1);
  return absl::string_view(bytes_).substr(begin, End(number) - begin);
}

uint64_t Interner::End(uint32_t number) const {
  if (wraps_.empty()) return offsets_[number];
  const auto wrapped = std::upper_bound(wraps_.begin(), wraps_.end(), number) - wraps_.begin();
  return (static_cast<uint64_t>(wrapped) << 32) + offsets_[number];
}

size_t Interner::Slot(absl::string_view name) const {
  const size_t mask = table_.size() - 1;
  size_t slot = absl::Hash<absl::string_view>{}(name)&mask;
  while (table_[slot] != 0 && Name(table_[slot] - 1) != name) slot = (slot + 1) & mask;
  return slot;
}

void Interner::Grow() { Fill(table_.empty() ? 16 : table_.size() * 2); }

void Interner::Fill(size_t slots) {
  table_.assign(slots, 0);
  for (uint32_t number = 0; number < size(); ++number) {
    if (!forgotten_.contains(number)) table_[Slot(Name(number))] = number + 1;
  }
}

void Interner::Forget(const std::vector<uint32_t>& numbers) {
  for (const uint32_t number : numbers) {
    if (!forgotten_.insert(number).second) continue;
    const uint64_t begin = number == 0 ? 0 : End(number - 1);
    std::fill(bytes_.begin() + static_cast<std::ptrdiff_t>(begin),
              bytes_.begin() + static_cast<std::ptrdiff_t>(End(number)), '\0');
  }
  if (!table_.empty()) Fill(table_.size());
}

}  // namespace oversight::engine
