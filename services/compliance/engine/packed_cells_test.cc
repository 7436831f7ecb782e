#include "services/compliance/engine/packed_cells.h"

#include <gtest/gtest.h>

#include <random>

namespace oversight::engine {
namespace {

TEST(PackedCellsTest, HoldWhatAPlainVectorWould) {
  std::mt19937 random(7);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  // Of a few values, of neighbours, of any at all, of both ends.
  for (const uint32_t range : {1u, 2u, 40u, 3000u, UINT32_MAX}) {
    for (const uint32_t base : {0u, 1u, 20000u, UINT32_MAX - 1, UINT32_MAX}) {
      PackedCells cells;
      std::vector<uint32_t> plain(2000);
      for (int i = 0; i < 4000; ++i) {
        // Mostly one after the other, as records come.
        const uint32_t row = below(3) == 0 ? below(2000) : static_cast<uint32_t>(i / 3);
        const uint32_t value = below(5) == 0 ? 0 : base + below(range);
        plain[row] = value;
        cells.Set(row, value);
        ASSERT_EQ(cells[row], value);
        if (i % 400 != 0) continue;
        for (uint32_t r = 0; r < 2000; ++r)
          ASSERT_EQ(cells[r], plain[r]) << r << " of " << range << " at " << base;
      }
      const PackedCells copy = cells;
      for (uint32_t r = 0; r < 2000; r += 3) {
        cells.Erase(r);
        ASSERT_EQ(copy[r], plain[r]);
        plain[r] = 0;
      }
      for (uint32_t r = 0; r < 3000; ++r) ASSERT_EQ(cells[r], r < 2000 ? plain[r] : 0u);
    }
  }
}

TEST(PackedCellsTest, RoomMadeAheadHoldsTheSame) {
  PackedCells cells(1300, 900);
  EXPECT_EQ(cells.size(), 1300u);
  const size_t bytes = cells.BytesUsed();
  EXPECT_LT(bytes, size_t{1300} * 11 / 8);
  for (uint32_t i = 0; i < 1300; ++i) EXPECT_EQ(cells[i], 0u);
  for (uint32_t i = 0; i < 1300; i += 2) cells.Set(i * 7 % 1300, i * 31 % 901);
  EXPECT_EQ(cells.BytesUsed(), bytes);
  for (uint32_t i = 0; i < 1300; i += 2) ASSERT_EQ(cells[i * 7 % 1300], i * 31 % 901);
  cells.Set(700, 5000);
  cells.Set(1310, 2);
  for (uint32_t i = 0; i < 1300; i += 2)
    ASSERT_EQ(cells[i * 7 % 1300], i * 7 % 1300 == 700 ? 5000 : i * 31 % 901);
  EXPECT_EQ(cells[1310], 2u);
  EXPECT_EQ(cells[1305], 0u);
}

TEST(PackedCellsTest, NumbersThatFollowEachOtherUpOrDownStayRight) {
  PackedCells up;
  PackedCells down;
  for (uint32_t i = 0; i < 3000; ++i) {
    up.Set(i, 500 + i);
    down.Set(i, 4000 - i);
  }
  for (uint32_t i = 0; i < 3000; ++i) {
    ASSERT_EQ(up[i], 500 + i);
    ASSERT_EQ(down[i], 4000 - i);
  }
  EXPECT_EQ(up.size(), 3000u);
  EXPECT_EQ(up[3000], 0u);
}

TEST(PackedCellsTest, TakeAsManyBitsAsNeighboursDiffer) {
  constexpr uint32_t kRows = 512 * 40;
  PackedCells same;
  PackedCells days;
  PackedCells sparse;
  for (uint32_t i = 0; i < kRows; ++i) {
    same.Set(i, 4711);
    days.Set(i, 20000 + i * 7 % 500);
    if (i == kRows / 2) sparse.Set(i, 1);
  }
  EXPECT_LT(same.BytesUsed(), kRows / 10);
  EXPECT_LT(sparse.BytesUsed(), kRows / 10);
  EXPECT_LT(days.BytesUsed(), kRows * 10 / 8);
}

}  // namespace
}  // namespace oversight::engine
