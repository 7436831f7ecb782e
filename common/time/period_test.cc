#include "common/time/period.h"

#include "gtest/gtest.h"

namespace oversight {
namespace {

constexpr CivilDay Day(int number) { return CivilDay::FromNumber(number); }
constexpr Period Days(int start, int end) { return Period{Day(start), Day(end)}; }

TEST(PeriodTest, HoldsFromItsStartUpToButNotOnItsEnd) {
  EXPECT_FALSE(Days(10, 20).Contains(Day(9)));
  EXPECT_TRUE(Days(10, 20).Contains(Day(10)));
  EXPECT_TRUE(Days(10, 20).Contains(Day(19)));
  EXPECT_FALSE(Days(10, 20).Contains(Day(20)));
}

TEST(PeriodTest, IsOpenUnlessAnEndIsGiven) {
  constexpr Period open{Day(10)};
  EXPECT_TRUE(open.Open());
  EXPECT_FALSE(open.Empty());
  EXPECT_TRUE(open.Contains(CivilDay(9999, 12, 31)));
  EXPECT_FALSE(Days(10, 20).Open());
}

TEST(PeriodTest, IsEmptyWhenItEndsOnOrBeforeItsStart) {
  EXPECT_TRUE(Days(10, 10).Empty());
  EXPECT_TRUE(Days(10, 9).Empty());
  EXPECT_FALSE(Days(10, 11).Empty());
  EXPECT_FALSE(Days(10, 10).Contains(Day(10)));
}

TEST(PeriodTest, OverlapsWhenBothHoldOnSomeDay) {
  struct {
    Period a, b;
    bool overlaps;
  } const kCases[] = {
      {Days(10, 20), Days(20, 30), false},            // adjoining
      {Days(10, 20), Days(19, 30), true},             // one shared day
      {Days(10, 20), Days(12, 15), true},             // inside
      {Days(10, 20), Days(10, 20), true},             // equal
      {Days(10, 20), Days(30, 40), false},            // apart
      {Days(10, 20), Days(15, 15), false},            // nothing can overlap an empty period
      {Period{Day(10)}, Period{Day(5000)}, true},     // both open
      {Days(10, 20), Period{Day(20)}, false},         // open, adjoining
      {Period{CivilDay::Min()}, Days(10, 20), true},  // open at both ends
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(c.a.Overlaps(c.b), c.overlaps)
        << c.a.start << ".." << c.a.end << " " << c.b.start << ".." << c.b.end;
    EXPECT_EQ(c.b.Overlaps(c.a), c.overlaps)
        << c.a.start << ".." << c.a.end << " " << c.b.start << ".." << c.b.end;
  }
}

TEST(PeriodTest, IntersectionHoldsTheSharedDays) {
  EXPECT_EQ(Days(10, 20).Intersection(Days(15, 30)), Days(15, 20));
  EXPECT_EQ(Period{Day(10)}.Intersection(Period{Day(15)}), Period{Day(15)});
  EXPECT_TRUE(Days(10, 20).Intersection(Days(20, 30)).Empty());
}

}  // namespace
}  // namespace oversight
