#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/caseload/domain/allocation.h"
#include "services/caseload/domain/case_history.h"
#include "services/caseload/domain/meeting.h"
#include "services/caseload/domain/reduced_frequency.h"

namespace oversight::caseload {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

CivilDay Day(int number) { return CivilDay::FromNumber(number); }
Period Days(int start, int end) { return {Day(start), Day(end)}; }
Period From(int start) { return {Day(start)}; }

TEST(OpenPeriodsTest, FollowEachOther) {
  struct Case {
    const char* what;
    std::vector<Period> periods;
    std::vector<std::string> wrong;
  };
  const Case cases[] = {
      {"never opened", {}, {}},
      {"open", {From(0)}, {}},
      {"closed and reopened later", {Days(0, 10), Days(20, 30), From(40)}, {}},
      {"reopened on the day of closing", {Days(0, 10), From(10)}, {}},
      {"opened and closed on one day", {Days(0, 0), Days(0, 10)}, {}},
      {"reopened a day before closing", {Days(0, 10), From(9)}, {"open_periods[1].start_date"}},
      {"out of order", {Days(20, 30), Days(0, 10), From(40)}, {"open_periods[1].start_date"}},
      {"reopened while open", {From(0), From(10)}, {"open_periods[1].start_date"}},
      {"two faults",
       {From(0), Days(10, 20), From(15)},
       {"open_periods[1].start_date", "open_periods[2].start_date"}},
  };
  for (const Case& c : cases) {
    std::vector<FieldViolation> violations;
    CheckOpenPeriods(c.periods, violations);
    std::vector<std::string> wrong;
    for (const FieldViolation& violation : violations) wrong.push_back(violation.field);
    EXPECT_EQ(wrong, c.wrong) << c.what;
  }
}

TEST(OpenPeriodsTest, WhatIsAcceptedHasAtMostOnePeriodADay) {
  std::mt19937 random(11);
  int accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    std::vector<Period> periods(random() % 4);
    for (Period& period : periods) {
      const int start = static_cast<int>(random() % 30);
      period = random() % 6 == 0 ? From(start) : Days(start, start + static_cast<int>(random() % 8));
    }
    std::vector<FieldViolation> violations;
    CheckOpenPeriods(periods, violations);

    bool sorted_and_apart = true;
    for (size_t i = 1; i < periods.size(); ++i) {
      for (int day = 0; day < 60; ++day) {
        const auto later_reaches = [&](size_t j) { return periods[j].start <= Day(day); };
        // On a day on which an earlier period still holds, none of the later ones has begun.
        if (day < periods[i - 1].end.number() && later_reaches(i)) {
          sorted_and_apart = false;
        }
      }
    }
    ASSERT_EQ(violations.empty(), sorted_and_apart) << "round " << round;
    if (!violations.empty()) continue;
    ++accepted;
    for (int day = 0; day < 60; ++day) {
      ASSERT_LE(std::count_if(periods.begin(), periods.end(),
                              [&](const Period& p) { return p.Contains(Day(day)); }),
                1);
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_LT(accepted, 4500);
}

TEST(StatusPeriodTest, OnlyTheSameStatusClashes) {
  EXPECT_TRUE(Clash(StatusPeriod{2, Days(0, 10)}, StatusPeriod{2, Days(9, 20)}));
  EXPECT_FALSE(Clash(StatusPeriod{2, Days(0, 10)}, StatusPeriod{2, Days(10, 20)})) << "adjoining";
  EXPECT_FALSE(Clash(StatusPeriod{2, Days(0, 10)}, StatusPeriod{3, Days(0, 10)}));
  EXPECT_TRUE(Clash(StatusPeriod{2, From(0)}, StatusPeriod{2, From(1000)}));
}

TEST(PlacementTest, OnlyRespiteMayOverlap) {
  EXPECT_TRUE(Clash(Placement{false, From(0)}, Placement{false, Days(5, 6)}));
  EXPECT_FALSE(Clash(Placement{false, From(0)}, Placement{true, Days(5, 6)}));
  EXPECT_FALSE(Clash(Placement{true, From(0)}, Placement{false, Days(5, 6)}));
  EXPECT_FALSE(Clash(Placement{true, From(0)}, Placement{true, From(0)}));
  EXPECT_FALSE(Clash(Placement{false, Days(0, 5)}, Placement{false, From(5)})) << "moved on that day";
}

TEST(AllocationTest, OneKeyworkerAtATime) {
  const Allocation keyworker = {AllocationRole::kKeyworker, From(0)};
  const Allocation coworker = {AllocationRole::kCoworker, From(0)};
  EXPECT_TRUE(Clash(keyworker, Allocation{AllocationRole::kKeyworker, Days(5, 6)}));
  EXPECT_FALSE(Clash(Allocation{AllocationRole::kKeyworker, Days(0, 5)},
                     Allocation{AllocationRole::kKeyworker, From(5)}))
      << "handed over on that day";
  EXPECT_FALSE(Clash(keyworker, coworker));
  EXPECT_FALSE(Clash(coworker, coworker));
}

TEST(MeetingTest, StatesFollowEachOther) {
  constexpr MeetingState kAll[] = {MeetingState::kNone, MeetingState::kScheduled, MeetingState::kHeld,
                                   MeetingState::kCancelled};
  constexpr bool kAllowed[4][4] = {
      // to none, scheduled, held, cancelled
      {false, true, true, true},    // from none
      {false, true, true, true},    // from scheduled
      {false, false, true, false},  // from held
      {false, false, false, true},  // from cancelled
  };
  for (int from = 0; from < 4; ++from) {
    for (int to = 0; to < 4; ++to) {
      EXPECT_EQ(MayBecome(kAll[from], kAll[to]), kAllowed[from][to]) << from << " to " << to;
    }
  }
}

TEST(MeetingTest, NumbersFollowTheDays) {
  const auto held = [](int number, int day, int kind = 1) {
    return Meeting{kind, MeetingState::kHeld, Day(day), number, "s"};
  };
  EXPECT_FALSE(Clash(held(1, 5), held(2, 6)));
  EXPECT_FALSE(Clash(held(1, 5), held(2, 5))) << "two on one day";
  EXPECT_TRUE(Clash(held(1, 6), held(2, 5)));
  EXPECT_TRUE(Clash(held(2, 5), held(1, 6)));
  EXPECT_TRUE(Clash(held(1, 5), held(1, 6)));
  EXPECT_FALSE(Clash(held(1, 5), held(1, 6, 2))) << "of another kind";
  EXPECT_FALSE(Clash(held(0, 5), held(0, 6))) << "not numbered";
  Meeting cancelled = held(1, 5);
  cancelled.state = MeetingState::kCancelled;
  EXPECT_FALSE(Clash(cancelled, held(1, 6)));
}

TEST(ReducedFrequencyAgreementTest, IsMadeInAdvance) {
  const auto violations = [](int agreed, int start) {
    std::vector<FieldViolation> found;
    Check(ReducedFrequencyAgreement{Day(agreed), Day(start)}, found);
    return found;
  };
  EXPECT_THAT(violations(9, 10), IsEmpty());
  EXPECT_THAT(violations(10, 10), IsEmpty());
  EXPECT_THAT(violations(11, 10), ElementsAre(Field(&FieldViolation::field, "agreed_date")));
}

}  // namespace
}  // namespace oversight::caseload
