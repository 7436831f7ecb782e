#include "common/time/overlap.h"

#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using ::testing::Pair;

Period Between(int start, int end) { return {CivilDay::FromNumber(start), CivilDay::FromNumber(end)}; }
Period From(int start) { return {CivilDay::FromNumber(start)}; }

TEST(FindOverlapTest, NamesTheFirstThatSharesADay) {
  const std::vector<Period> others = {Between(0, 10), Between(20, 30), From(30)};
  EXPECT_THAT(FindOverlap(Between(10, 20), others), Eq(std::nullopt)) << "adjoining on both sides";
  EXPECT_THAT(FindOverlap(Between(10, 21), others), Optional(1u));
  EXPECT_THAT(FindOverlap(Between(9, 20), others), Optional(0u));
  EXPECT_THAT(FindOverlap(From(500), others), Optional(2u));
  EXPECT_THAT(FindOverlap(Between(5, 5), others), Eq(std::nullopt)) << "holds on no day";
}

TEST(FindOverlappingPairTest, NamesBothInOrderOfStart) {
  EXPECT_THAT(FindOverlappingPair({}), Eq(std::nullopt));
  EXPECT_THAT(FindOverlappingPair({From(10), Between(0, 10)}), Eq(std::nullopt));
  EXPECT_THAT(FindOverlappingPair({From(9), Between(0, 10)}), Optional(Pair(1u, 0u)));
  EXPECT_THAT(FindOverlappingPair({From(0), Between(3, 3), From(10)}), Optional(Pair(0u, 2u)));
}

TEST(FindOverlappingPairTest, AgreesWithComparingEachWithEach) {
  std::mt19937 random(20260401);
  int overlapping = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Period> periods;
    for (int i = static_cast<int>(random() % 6); i > 0; --i) {
      const int start = static_cast<int>(random() % 40);
      periods.push_back(random() % 8 == 0 ? From(start)
                                          : Between(start, start + static_cast<int>(random() % 8)));
    }
    bool expected = false;
    for (size_t a = 0; a < periods.size(); ++a) {
      for (size_t b = a + 1; b < periods.size(); ++b) {
        for (int day = 0; day < 60; ++day) {
          expected = expected || (periods[a].Contains(CivilDay::FromNumber(day)) &&
                                  periods[b].Contains(CivilDay::FromNumber(day)));
        }
      }
    }
    overlapping += expected;
    const auto found = FindOverlappingPair(periods);
    ASSERT_EQ(found.has_value(), expected);
    if (found) {
      EXPECT_TRUE(periods[found->first].Overlaps(periods[found->second]));
    }
  }
  EXPECT_GT(overlapping, 200);
  EXPECT_LT(overlapping, 1800);
}

}  // namespace
}  // namespace oversight
