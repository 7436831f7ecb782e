#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace oversight::engine {

// Gives names dense numbers, 0, 1, 2, ... in the order in which they are first seen. A name costs its bytes
// and some 11 more, so that millions fit in memory. Names compare byte for byte.
class Interner {
 public:
  // The number of a name, new or known.
  uint32_t Add(absl::string_view name);
  std::optional<uint32_t> Find(absl::string_view name) const;
  // Valid until the next Add or Forget; empty for one that was forgotten.
  absl::string_view Name(uint32_t number) const;
  // Overwrites names and never gives their numbers again; whoever comes by such a name gets a new one. Takes
  // as long as there are names.
  void Forget(const std::vector<uint32_t>& numbers);
  uint32_t size() const { return static_cast<uint32_t>(offsets_.size()); }
  size_t BytesUsed() const {
    return bytes_.capacity() + 4 * (offsets_.capacity() + wraps_.capacity() + table_.capacity());
  }

 private:
  // Where `name` is, or would be put, in table_.
  size_t Slot(absl::string_view name) const;
  void Grow();
  // Puts every name that is not forgotten into a table of so many slots.
  void Fill(size_t slots);

  // Where the name ends in bytes_.
  uint64_t End(uint32_t number) const;

  std::string bytes_;              // all names, one after the other
  std::vector<uint32_t> offsets_;  // by number, the lower half of its end
  std::vector<uint32_t> wraps_;    // the numbers from which on the upper half is one more
  std::vector<uint32_t> table_;    // open addressing; number + 1, 0 when free
  absl::flat_hash_set<uint32_t> forgotten_;
};

}  // namespace oversight::engine
