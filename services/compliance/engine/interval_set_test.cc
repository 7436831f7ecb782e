#include "services/compliance/engine/interval_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace oversight::engine {
namespace {

CivilDay Day(int number) { return CivilDay::FromNumber(number); }
Period Days(int from, int to) { return {Day(from), Day(to)}; }

TEST(IntervalSetTest, JoinsWhatOverlapsOrAdjoinsAndDropsWhatIsEmpty) {
  const IntervalSet set(std::vector<Period>{Days(10, 12), Days(1, 3), Days(3, 5), Days(4, 4), Days(8, 6),
                                            Days(11, 20), Days(12, 13)});
  EXPECT_THAT(std::vector<Period>(set.periods().begin(), set.periods().end()),
              ::testing::ElementsAre(Days(1, 5), Days(10, 20)));
}

TEST(IntervalSetTest, ContainsTheFirstDayButNotTheEnd) {
  const IntervalSet set(std::vector<Period>{Days(1, 3), Days(7, 9)});
  EXPECT_FALSE(set.Contains(Day(0)));
  EXPECT_TRUE(set.Contains(Day(1)));
  EXPECT_TRUE(set.Contains(Day(2)));
  EXPECT_FALSE(set.Contains(Day(3)));
  EXPECT_TRUE(set.Contains(Day(8)));
  EXPECT_FALSE(set.Contains(Day(9)));
  EXPECT_FALSE(IntervalSet().Contains(Day(1)));
}

TEST(IntervalSetTest, ComplementReachesFromTheBeginningToTheEndOfTime) {
  EXPECT_EQ(Complement(IntervalSet()), IntervalSet::All());
  EXPECT_TRUE(Complement(IntervalSet::All()).Empty());
  const IntervalSet open(Period{Day(5), CivilDay::Max()});
  EXPECT_EQ(Complement(open), IntervalSet(Period{CivilDay::Min(), Day(5)}));
}

// Sets of days, one by one.
TEST(IntervalSetTest, AgreesWithSetsOfDays) {
  std::mt19937 random(7);
  const auto number = [&](int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<Period> periods[2];
    std::set<int> days[2];
    for (int side = 0; side < 2; ++side) {
      for (int i = number(0, 5); i > 0; --i) {
        const int from = number(0, 30);
        const int to = from + number(-2, 8);
        periods[side].push_back(Days(from, to));
        for (int day = from; day < to; ++day) days[side].insert(day);
      }
    }
    const IntervalSet a(periods[0]);
    const IntervalSet b(periods[1]);
    for (int day = -2; day < 45; ++day) {
      const bool in_a = days[0].contains(day);
      const bool in_b = days[1].contains(day);
      ASSERT_EQ(a.Contains(Day(day)), in_a);
      ASSERT_EQ(Union(a, b).Contains(Day(day)), in_a || in_b);
      ASSERT_EQ(Intersection(a, b).Contains(Day(day)), in_a && in_b);
      ASSERT_EQ(Difference(a, b).Contains(Day(day)), in_a && !in_b);
      ASSERT_EQ(Complement(a).Contains(Day(day)), !in_a);
    }
    // Equal sets have equal periods.
    ASSERT_EQ(Union(a, b), Union(b, a));
    ASSERT_EQ(Complement(Complement(a)), a);
    ASSERT_EQ(Difference(a, b), Intersection(a, Complement(b)));
  }
}

}  // namespace
}  // namespace oversight::engine
