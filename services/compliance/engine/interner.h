#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "services/compliance/engine/name_shape.h"
#include "services/compliance/engine/packed_cells.h"

namespace oversight::engine {

// Gives names dense numbers, 0, 1, 2, ... in the order in which they are first seen. Names that differ only
// in the numbers written in them are kept as these numbers, some two bytes each where they count up; another
// four to find it. All others are kept as they are. Names compare byte for byte.
class Interner {
 public:
  // The number of a name, new or known.
  uint32_t Add(absl::string_view name);
  std::optional<uint32_t> Find(absl::string_view name) const;
  // Empty for one that was forgotten.
  std::string Name(uint32_t number) const;
  // Whether the name of one comes before that of the other; faster than to ask for both.
  bool Before(uint32_t a, uint32_t b) const;
  // Overwrites names and never gives their numbers again; whoever comes by such a name gets a new one. Takes
  // as long as there are names.
  void Forget(const std::vector<uint32_t>& numbers);
  uint32_t size() const { return size_; }
  size_t BytesUsed() const;

 private:
  struct Shape {
    std::string text;
    uint64_t hash = 0;
    uint32_t uses = 0;  // 0: it is of nobody any more
    uint32_t count = 0;
  };
  // A name as it is looked for.
  struct Sought {
    absl::string_view name;
    std::optional<ShapedName> taken;
    uint64_t shape_hash = 0;
    uint32_t shape = 0;  // among the known ones; 0: none of them
    uint64_t hash = 0;
  };
  uint32_t AddAnew(absl::string_view name);
  Sought Seek(absl::string_view name) const;
  uint32_t MakeShape(const Sought& sought);
  bool Is(uint32_t number, const Sought& sought) const;
  absl::string_view WrittenOut(uint32_t number) const;
  uint64_t HashOf(uint32_t number) const;
  void SetNumber(size_t place, uint32_t number, uint32_t value);
  // Where it is, or would be put, in table_.
  uint32_t Slot(const Sought& sought) const;
  uint32_t SlotOf(uint64_t hash) const;
  // Puts every name that is not forgotten into a table of so many slots.
  void Fill(uint32_t slots);

  uint32_t size_ = 0;
  std::vector<Shape> shapes_ = std::vector<Shape>(1);  // 0: written out
  absl::flat_hash_map<uint64_t, uint32_t> shape_by_hash_;
  PackedCells shape_of_;              // by number
  std::vector<PackedCells> numbers_;  // by place in the shape; of what is written out, where
  std::string written_out_;
  uint32_t slots_ = 0;
  PackedCells table_;  // open addressing; number + 1, 0 when free
  absl::flat_hash_set<uint32_t> forgotten_;
  // What was added last: records side by side say the same names.
  std::string last_name_;
  std::optional<uint32_t> last_;
};

}  // namespace oversight::engine
