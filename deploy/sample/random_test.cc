#include "deploy/sample/random.h"

#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::sample {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::UnorderedElementsAre;

std::vector<int> Draw(Random random, int count, int low, int high) {
  std::vector<int> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(random.Between(low, high));
  return drawn;
}

TEST(RandomTest, GivesTheSameNumbersOnEveryMachine) {
  EXPECT_THAT(Draw(Random(1, "a"), 5, 0, 999), ElementsAre(71, 395, 401, 754, 625));
}

TEST(RandomTest, SeedsAndStreamsDiffer) {
  const std::vector<int> numbers = Draw(Random(1, "a"), 20, 0, 999);
  EXPECT_NE(numbers, Draw(Random(2, "a"), 20, 0, 999));
  EXPECT_NE(numbers, Draw(Random(1, "b"), 20, 0, 999));
}

TEST(RandomTest, StaysWithinBoundsAndReachesThem) {
  const std::vector<int> numbers = Draw(Random(3, "a"), 500, -2, 2);
  EXPECT_THAT(numbers, Each(AllOf(Ge(-2), Le(2))));
  EXPECT_THAT(std::set<int>(numbers.begin(), numbers.end()), UnorderedElementsAre(-2, -1, 0, 1, 2));
}

TEST(RandomTest, ChoosesByWeight) {
  Random random(1, "a");
  std::vector<int> hits(3);
  for (int i = 0; i < 4000; ++i) ++hits[random.Weighted({1, 0, 3})];
  EXPECT_EQ(hits[1], 0);
  EXPECT_NEAR(hits[0], 1000, 120);
}

TEST(RandomTest, ShufflesWithoutLoss) {
  Random random(1, "a");
  std::vector<int> list = {1, 2, 3, 4, 5};
  random.Shuffle(list);
  EXPECT_THAT(list, UnorderedElementsAre(1, 2, 3, 4, 5));
}

}  // namespace
}  // namespace oversight::sample
