#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace oversight::engine {

// A long row of numbers, all 0 to begin with, of which neighbours are alike: days of one year, records of one
// import. They lie in blocks, each with as many bits a number as the distance between its least and its
// greatest one needs; 0 counts for itself. A block of equal numbers takes its heading and nothing else.
class PackedCells {
 public:
  PackedCells() = default;
  // Room for so many, up to a greatest one: for numbers that come in no order.
  PackedCells(uint32_t size, uint32_t greatest);

  uint32_t operator[](uint32_t row) const {
    if (row >= size_) return 0;
    const Block& block = blocks_[row / kBlock];
    if (block.width == 0) return block.at_zero;
    const uint32_t code = block.Code(row % kBlock);
    return code == 0 ? block.at_zero : block.base + code;
  }
  void Set(uint32_t row, uint32_t value);
  // Sets it to 0 and leaves no trace of what it was.
  void Erase(uint32_t row);
  // One more than the last row that was set to anything but 0, or for which room was made.
  uint32_t size() const { return size_; }
  size_t BytesUsed() const;

 private:
  static constexpr uint32_t kBlock = 512;

  // Code 0 says `at_zero`, any other `base` + code, modulo 2^32.
  struct Block {
    Block() = default;
    Block(const Block& other);
    Block(Block&&) = default;
    Block& operator=(Block other) noexcept;

    uint32_t Code(uint32_t index) const {
      const uint32_t bit = index * width;
      uint64_t word = 0;
      std::memcpy(&word, bytes.get() + bit / 8, sizeof word);
      return static_cast<uint32_t>(word >> (bit % 8)) & ~uint32_t{0} >> (32 - width);
    }
    void SetCode(uint32_t index, uint32_t code);
    uint32_t Value(uint32_t index) const;
    bool CanSay(uint32_t value) const;
    size_t Bytes() const;
    // Lays out `size` values anew.
    void Lay(const uint32_t* values, uint32_t size);

    std::unique_ptr<uint8_t[]> bytes;
    uint32_t base = 0;
    uint32_t at_zero = 0;
    uint16_t room = 0;  // cells that `bytes` holds
    uint8_t width = 0;  // bits of a cell
  };

  uint32_t SizeOf(size_t block) const;
  // The values of a block, and 0 up to its end.
  void Read(size_t block, uint32_t (&values)[kBlock]) const;
  // With 0.
  void Lengthen(uint32_t size);

  std::vector<Block> blocks_;  // all but the last one full
  uint32_t size_ = 0;
};

}  // namespace oversight::engine
