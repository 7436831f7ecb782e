#include "services/compliance/engine/packed_cells.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "services/compliance/engine/grow.h"

namespace oversight::engine {
namespace {

constexpr uint32_t kWidest = 32;
constexpr uint32_t kFirstRoom = 16;

}  // namespace

PackedCells::Block::Block(const Block& other)
    : base(other.base), at_zero(other.at_zero), room(other.room), width(other.width) {
  if (other.bytes == nullptr) return;
  bytes = std::make_unique<uint8_t[]>(Bytes());
  std::copy_n(other.bytes.get(), Bytes(), bytes.get());
}

PackedCells::Block& PackedCells::Block::operator=(Block other) noexcept {
  std::swap(bytes, other.bytes);
  base = other.base;
  at_zero = other.at_zero;
  room = other.room;
  width = other.width;
  return *this;
}

// A code is read as part of eight bytes.
size_t PackedCells::Block::Bytes() const {
  return width == 0 ? 0 : (size_t{room} * width + 7) / 8 + sizeof(uint64_t) - 1;
}

void PackedCells::Block::SetCode(uint32_t index, uint32_t code) {
  const uint32_t bit = index * width;
  const uint64_t mask = uint64_t{~uint32_t{0} >> (kWidest - width)} << (bit % 8);
  uint64_t word = 0;
  std::memcpy(&word, bytes.get() + bit / 8, sizeof word);
  word = (word & ~mask) | uint64_t{code} << (bit % 8);
  std::memcpy(bytes.get() + bit / 8, &word, sizeof word);
}

uint32_t PackedCells::Block::Value(uint32_t index) const {
  const uint32_t code = width == 0 ? 0 : Code(index);
  return code == 0 ? at_zero : base + code;
}

bool PackedCells::Block::CanSay(uint32_t value) const {
  if (value == at_zero) return true;
  return width > 0 && value != base && value - base <= ~uint32_t{0} >> (kWidest - width);
}

void PackedCells::Block::Lay(const uint32_t* values, uint32_t size) {
  bool zeros = false;
  uint32_t least = std::numeric_limits<uint32_t>::max();
  uint32_t greatest = 0;
  for (uint32_t i = 0; i < size; ++i) {
    zeros = zeros || values[i] == 0;
    if (values[i] == 0) continue;
    least = std::min(least, values[i]);
    greatest = std::max(greatest, values[i]);
  }
  Block laid;
  if (greatest > 0) {
    // 0 needs a code of its own where it lies apart.
    const uint32_t last = greatest - least + (zeros ? 1 : 0);
    laid.width = static_cast<uint8_t>(std::bit_width(last));
    // What is left over goes to both sides, so that numbers may follow each other up or down.
    const uint32_t spare = laid.width == 0 ? 0 : (~uint32_t{0} >> (kWidest - laid.width)) - last;
    laid.base = least - (zeros ? 1 : 0) - spare / 2;
    laid.at_zero = zeros ? 0 : laid.base;
  }
  if (laid.width > 0) {
    laid.room = static_cast<uint16_t>(std::min(kBlock, std::max(kFirstRoom, size + size / 2)));
    laid.bytes = std::make_unique<uint8_t[]>(laid.Bytes());
    for (uint32_t i = 0; i < size; ++i)
      laid.SetCode(i, values[i] == laid.at_zero ? 0 : values[i] - laid.base);
  }
  *this = std::move(laid);
}

PackedCells::PackedCells(uint32_t size, uint32_t greatest)
    : blocks_((uint64_t{size} + kBlock - 1) / kBlock), size_(size) {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i].width = static_cast<uint8_t>(std::bit_width(greatest));
    blocks_[i].room = static_cast<uint16_t>(SizeOf(i));
    blocks_[i].bytes = std::make_unique<uint8_t[]>(blocks_[i].Bytes());
  }
}

uint32_t PackedCells::SizeOf(size_t block) const {
  return block + 1 < blocks_.size() ? kBlock : size_ - static_cast<uint32_t>(block) * kBlock;
}

void PackedCells::Read(size_t block, uint32_t (&values)[kBlock]) const {
  const uint32_t size = SizeOf(block);
  for (uint32_t i = 0; i < size; ++i) values[i] = blocks_[block].Value(i);
  std::fill(values + size, values + kBlock, 0);
}

void PackedCells::Lengthen(uint32_t size) {
  while (size_ < size) {
    if (size_ % kBlock == 0) {
      MakeRoom(blocks_, blocks_.size() + 1);
      blocks_.emplace_back();
    }
    Block& last = blocks_.back();
    const uint32_t begin = static_cast<uint32_t>(blocks_.size() - 1) * kBlock;
    const uint32_t end = std::min(begin + kBlock, size);
    if (last.at_zero != 0 || (last.width > 0 && end - begin > last.room)) {
      uint32_t values[kBlock];
      Read(blocks_.size() - 1, values);
      last.Lay(values, end - begin);
    }
    size_ = end;
  }
}

void PackedCells::Set(uint32_t row, uint32_t value) {
  if (row >= size_) {
    if (value == 0) return;
    Lengthen(row);
    if (row % kBlock == 0) {
      MakeRoom(blocks_, blocks_.size() + 1);
      blocks_.emplace_back().at_zero = value;
    }
  }
  Block& block = blocks_[row / kBlock];
  const uint32_t index = row % kBlock;
  if (block.CanSay(value) && (block.width == 0 || index < block.room)) {
    if (block.width > 0) block.SetCode(index, value == block.at_zero ? 0 : value - block.base);
    size_ = std::max(size_, row + 1);
    return;
  }
  uint32_t values[kBlock];
  Read(row / kBlock, values);
  values[index] = value;
  size_ = std::max(size_, row + 1);
  block.Lay(values, SizeOf(row / kBlock));
}

void PackedCells::Erase(uint32_t row) {
  if (row >= size_) return;
  Block& block = blocks_[row / kBlock];
  uint32_t values[kBlock];
  Read(row / kBlock, values);
  values[row % kBlock] = 0;
  // What is let go of keeps nothing either, and the new base is none that was made for it.
  if (block.width > 0) block.SetCode(row % kBlock, 0);
  block.Lay(values, SizeOf(row / kBlock));
}

size_t PackedCells::BytesUsed() const {
  size_t bytes = blocks_.capacity() * sizeof(Block);
  for (const Block& block : blocks_) bytes += block.Bytes();
  return bytes;
}

}  // namespace oversight::engine
