#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace oversight::engine {

// Gives names dense numbers, 0, 1, 2, ... in the order in which they are first seen. A name costs its bytes
// and some 14 more, so that millions fit in memory. Names are never forgotten and compare byte for byte.
class Interner {
 public:
  // The number of a name, new or known.
  uint32_t Add(absl::string_view name);
  std::optional<uint32_t> Find(absl::string_view name) const;
  // Valid until the next Add.
  absl::string_view Name(uint32_t number) const;
  uint32_t size() const { return static_cast<uint32_t>(offsets_.size()); }
  size_t BytesUsed() const {
    return bytes_.capacity() + 8 * offsets_.capacity() + 4 * table_.capacity();
  }

 private:
  // Where `name` is, or would be put, in table_.
  size_t Slot(absl::string_view name) const;
  void Grow();

  std::string bytes_;              // all names, one after the other
  std::vector<uint64_t> offsets_;  // by number, where the name ends in bytes_
  std::vector<uint32_t> table_;    // open addressing; number + 1, 0 when free
};

}  // namespace oversight::engine
