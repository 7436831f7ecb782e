#include "services/compliance/engine/interner.h"

#include <algorithm>
#include <array>

#include "absl/hash/hash.h"
#include "absl/numeric/int128.h"
#include "absl/types/span.h"
#include "services/compliance/engine/grow.h"

namespace oversight::engine {
namespace {

constexpr size_t kMostShapes = 1024;
constexpr uint32_t kFirstSlots = 16;
// Where a name that is written out lies: the lower and upper half of where it begins, and its length.
constexpr size_t kBegin = 0, kBeginUpper = 1, kLength = 2;

using Numbers = absl::Span<const uint32_t>;

uint64_t Hash(absl::string_view text) { return absl::Hash<absl::string_view>{}(text); }

uint64_t Hash(uint64_t shape, Numbers numbers) {
  return absl::Hash<std::pair<uint64_t, Numbers>>{}({shape, numbers});
}

}  // namespace

uint32_t Interner::Add(absl::string_view name) {
  if (!last_.has_value() || last_name_ != name) {
    last_ = AddAnew(name);
    last_name_.assign(name.data(), name.size());
  }
  return *last_;
}

uint32_t Interner::AddAnew(absl::string_view name) {
  // At most three quarters full, so that probing stays short.
  if ((uint64_t{size_} + 1) * 4 > uint64_t{slots_} * 3) Fill(std::max(kFirstSlots, slots_ + slots_ / 3));
  const Sought sought = Seek(name);
  const uint32_t slot = Slot(sought);
  if (const uint32_t found = table_[slot]; found != 0) return found - 1;
  const uint32_t number = size_++;
  if (const uint32_t shape = MakeShape(sought); shape != 0) {
    ++shapes_[shape].uses;
    shape_of_.Set(number, shape);
    for (size_t i = 0; i < sought.taken->count; ++i) SetNumber(i, number, sought.taken->numbers[i]);
  } else {
    const uint64_t begin = written_out_.size();
    SetNumber(kBegin, number, static_cast<uint32_t>(begin));
    SetNumber(kBeginUpper, number, static_cast<uint32_t>(begin >> 32));
    SetNumber(kLength, number, static_cast<uint32_t>(name.size()));
    MakeRoom(written_out_, begin + name.size());
    written_out_.append(name.data(), name.size());
  }
  table_.Set(slot, number + 1);
  return number;
}

std::optional<uint32_t> Interner::Find(absl::string_view name) const {
  if (slots_ == 0) return std::nullopt;
  const uint32_t found = table_[Slot(Seek(name))];
  if (found == 0) return std::nullopt;
  return found - 1;
}

std::string Interner::Name(uint32_t number) const {
  if (!forgotten_.empty() && forgotten_.contains(number)) return "";
  const uint32_t shape = shape_of_[number];
  if (shape == 0) return std::string(WrittenOut(number));
  return PutTogether(shapes_[shape].text, [&](uint32_t place) { return numbers_[place][number]; });
}

bool Interner::Before(uint32_t a, uint32_t b) const {
  const uint32_t shape = shape_of_[a];
  if (shape == 0 || shape != shape_of_[b]) return Name(a) < Name(b);
  // Of the same shape a number has the same digits: it comes before where it is less.
  for (size_t i = 0; i < shapes_[shape].count; ++i) {
    const uint32_t of_a = numbers_[i][a];
    const uint32_t of_b = numbers_[i][b];
    if (of_a != of_b) return of_a < of_b;
  }
  return false;
}

Interner::Sought Interner::Seek(absl::string_view name) const {
  Sought sought{.name = name, .taken = TakeApart(name)};
  if (!sought.taken) {
    sought.hash = Hash(name);
    return sought;
  }
  sought.shape_hash = Hash(sought.taken->shape());
  sought.hash = Hash(sought.shape_hash, Numbers(sought.taken->numbers.data(), sought.taken->count));
  const auto found = shape_by_hash_.find(sought.shape_hash);
  if (found != shape_by_hash_.end() && shapes_[found->second].text == sought.taken->shape())
    sought.shape = found->second;
  return sought;
}

uint32_t Interner::MakeShape(const Sought& sought) {
  if (sought.shape != 0 || !sought.taken || sought.taken->count == 0) return sought.shape;
  // One that has the same hash is as rare as can be, and may be written out.
  if (shape_by_hash_.contains(sought.shape_hash)) return 0;
  const auto free =
      std::find_if(shapes_.begin() + 1, shapes_.end(), [](const Shape& shape) { return shape.uses == 0; });
  const auto made = static_cast<uint32_t>(free - shapes_.begin());
  if (made == kMostShapes) return 0;
  if (free == shapes_.end()) shapes_.emplace_back();
  shapes_[made] = {std::string(sought.taken->shape()), sought.shape_hash, 0, sought.taken->count};
  shape_by_hash_[sought.shape_hash] = made;
  return made;
}

bool Interner::Is(uint32_t number, const Sought& sought) const {
  const uint32_t shape = shape_of_[number];
  if (shape == 0) return WrittenOut(number) == sought.name;
  if (shape != sought.shape) return false;
  // From the last on: the first are those of what lies above and the same for many.
  for (size_t i = sought.taken->count; i-- > 0;) {
    if (numbers_[i][number] != sought.taken->numbers[i]) return false;
  }
  return true;
}

absl::string_view Interner::WrittenOut(uint32_t number) const {
  const uint64_t begin = uint64_t{numbers_[kBeginUpper][number]} << 32 | numbers_[kBegin][number];
  return absl::string_view(written_out_).substr(begin, numbers_[kLength][number]);
}

uint64_t Interner::HashOf(uint32_t number) const {
  const Shape& shape = shapes_[shape_of_[number]];
  if (shape.count == 0) return Seek(WrittenOut(number)).hash;
  std::array<uint32_t, ShapedName::kMostNumbers> numbers;
  for (size_t i = 0; i < shape.count; ++i) numbers[i] = numbers_[i][number];
  return Hash(shape.hash, Numbers(numbers.data(), shape.count));
}

void Interner::SetNumber(size_t place, uint32_t number, uint32_t value) {
  if (place >= numbers_.size()) numbers_.resize(std::max(place, kLength) + 1);
  numbers_[place].Set(number, value);
}

uint32_t Interner::SlotOf(uint64_t hash) const {
  return static_cast<uint32_t>(absl::Uint128High64(absl::uint128(hash) * slots_));
}

uint32_t Interner::Slot(const Sought& sought) const {
  uint32_t slot = SlotOf(sought.hash);
  for (uint32_t held = table_[slot]; held != 0 && !Is(held - 1, sought); held = table_[slot])
    slot = slot + 1 == slots_ ? 0 : slot + 1;
  return slot;
}

void Interner::Fill(uint32_t slots) {
  slots_ = slots;
  // As many names as come before the next one is made.
  table_ = PackedCells(slots, slots / 4 * 3 + 3);
  for (uint32_t number = 0; number < size(); ++number) {
    if (forgotten_.contains(number)) continue;
    uint32_t slot = SlotOf(HashOf(number));
    while (table_[slot] != 0) slot = slot + 1 == slots_ ? 0 : slot + 1;
    table_.Set(slot, number + 1);
  }
}

void Interner::Forget(const std::vector<uint32_t>& numbers) {
  std::fill(last_name_.begin(), last_name_.end(), '\0');
  last_.reset();
  for (const uint32_t number : numbers) {
    if (!forgotten_.insert(number).second) continue;
    Shape& shape = shapes_[shape_of_[number]];
    if (shape.count == 0) {
      const auto begin = written_out_.begin() + (WrittenOut(number).data() - written_out_.data());
      std::fill(begin, begin + numbers_[kLength][number], '\0');
    } else if (--shape.uses == 0) {
      shape_by_hash_.erase(shape.hash);
      std::fill(shape.text.begin(), shape.text.end(), '\0');
      shape = Shape();
    }
    for (PackedCells& place : numbers_) place.Erase(number);
    shape_of_.Set(number, 0);
  }
  if (slots_ > 0) Fill(slots_);
}

size_t Interner::BytesUsed() const {
  size_t bytes = shape_of_.BytesUsed() + table_.BytesUsed() + written_out_.capacity() +
                 shapes_.capacity() * sizeof(Shape) + shape_by_hash_.capacity() * 17 + last_name_.capacity();
  for (const Shape& shape : shapes_) bytes += shape.text.capacity();
  for (const PackedCells& place : numbers_) bytes += place.BytesUsed() + sizeof(PackedCells);
  return bytes;
}

}  // namespace oversight::engine
