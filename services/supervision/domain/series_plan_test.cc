#include "services/supervision/domain/series_plan.h"

#include <random>
#include <set>

#include "common/time/working_days.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::supervision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool Working(CivilDay day) { return WorkingDays::EnglandAndWales().IsWorkingDay(day); }

SeriesRequest Monthly(CivilDay start, CivilDay end) {
  return {.start = start,
          .end = end,
          .frequencies = {{.start = start, .days = 0, .months = 1}},
          .last_session = std::nullopt,
          .available = Working};
}

TEST(SeriesPlanTest, DueDaysOfTheDesign) {
  const CivilDay start(2026, 1, 1);
  // Weekly for the first six weeks, then fortnightly.
  const std::vector<Frequency> eased = {{start, 7, 0}, {start + 42, 14, 0}};
  EXPECT_EQ(DueAfter(start + 30, eased), start + 37);
  EXPECT_EQ(DueAfter(start + 35, eased), start + 42);
  EXPECT_EQ(DueAfter(start + 40, eased), start + 54);
  EXPECT_EQ(DueAfter(start + 42, eased), start + 56);
  // A stricter interval runs from the day on which it begins.
  const std::vector<Frequency> stricter = {{CivilDay(2026, 5, 1), 0, 3}, {CivilDay(2026, 6, 20), 0, 1}};
  EXPECT_EQ(DueAfter(CivilDay(2026, 5, 1), stricter), CivilDay(2026, 7, 20));
  const std::vector<Frequency> back = {
      {CivilDay(2026, 5, 1), 0, 3}, {CivilDay(2026, 6, 20), 0, 1}, {CivilDay(2026, 7, 15), 0, 2}};
  EXPECT_EQ(DueAfter(CivilDay(2026, 5, 1), back), CivilDay(2026, 8, 1));
  EXPECT_EQ(DueAfter(CivilDay(2026, 1, 31), {{start, 0, 1}}), CivilDay(2026, 2, 28));
}

TEST(SeriesPlanTest, TheLastDayToBeHadBeforeEachIsDue) {
  // Due on Saturday 2 May; Monday 4 May is a bank holiday.
  const SeriesPlan plan = PlanSeries(Monthly({2026, 4, 2}, {2026, 7, 2}));
  EXPECT_THAT(plan.days, ElementsAre(CivilDay(2026, 5, 1), CivilDay(2026, 6, 1), CivilDay(2026, 7, 1)));
  EXPECT_THAT(plan.unmet, IsEmpty());
}

TEST(SeriesPlanTest, RunsUpToItsEndButNotOnIt) {
  EXPECT_THAT(PlanSeries(Monthly({2026, 6, 1}, {2026, 7, 1})).days, IsEmpty());
  EXPECT_THAT(PlanSeries(Monthly({2026, 6, 1}, {2026, 7, 2})).days, ElementsAre(CivilDay(2026, 7, 1)));
}

TEST(SeriesPlanTest, TheFirstGapRunsFromTheSessionBefore) {
  SeriesRequest request = Monthly({2026, 6, 1}, {2026, 7, 15});
  request.last_session = CivilDay(2026, 5, 13);
  EXPECT_THAT(PlanSeries(request).days, ElementsAre(CivilDay(2026, 6, 12), CivilDay(2026, 7, 10)));
  // Overdue already: as soon as can be, and it says so.
  request.last_session = CivilDay(2026, 4, 13);
  const SeriesPlan late = PlanSeries(request);
  EXPECT_THAT(late.days, ElementsAre(CivilDay(2026, 6, 1), CivilDay(2026, 7, 1)));
  EXPECT_THAT(late.unmet, ElementsAre(CivilDay(2026, 5, 13)));
}

TEST(SeriesPlanTest, AfterAnAbsenceTheFirstDayThatCanBeHad) {
  SeriesRequest request = Monthly({2026, 6, 1}, {2026, 9, 1});
  const CivilDay away_from(2026, 6, 2);
  const CivilDay back(2026, 8, 3);
  request.available = [&](CivilDay day) { return Working(day) && (day < away_from || day >= back); };
  const SeriesPlan plan = PlanSeries(request);
  // Before leaving, since that is the last day to be had in time.
  EXPECT_THAT(plan.days, ElementsAre(CivilDay(2026, 6, 1), CivilDay(2026, 8, 3)));
  EXPECT_THAT(plan.unmet, ElementsAre(CivilDay(2026, 7, 1)));
}

TEST(SeriesPlanTest, FaultsNameTheirField) {
  const auto wrong = [](SeriesRequest request) {
    std::vector<FieldViolation> violations;
    Check(request, violations);
    std::vector<std::string> fields;
    for (const FieldViolation& violation : violations) fields.push_back(violation.field);
    return fields;
  };
  SeriesRequest request = Monthly({2026, 4, 1}, {2028, 4, 1});
  EXPECT_THAT(wrong(request), IsEmpty());
  request.end = request.end + 1;
  EXPECT_THAT(wrong(request), ElementsAre("end_date"));
  request = Monthly({2026, 4, 1}, {2027, 4, 1});
  request.frequencies[0].start = request.start + 1;
  EXPECT_THAT(wrong(request), ElementsAre("frequencies[0].start_date"));
  request.frequencies = {{request.start, 7, 1}};
  EXPECT_THAT(wrong(request), ElementsAre("frequencies[0]"));
  request.frequencies = {{request.start, 0, 0}};
  EXPECT_THAT(wrong(request), ElementsAre("frequencies[0]"));
  request.frequencies = {{request.start, 7, 0}, {request.start, 14, 0}};
  EXPECT_THAT(wrong(request), ElementsAre("frequencies[1].start_date"));
  // As often as policy asks for.
  request.frequencies.clear();
  EXPECT_THAT(wrong(request), IsEmpty());
}

// Requirements of a plan for 1 June to 1 December 2026.
SeriesRequest Asking(std::vector<Requirement> requirements) {
  return {.start = {2026, 6, 1},
          .end = {2026, 12, 1},
          .frequencies = {},
          .last_session = std::nullopt,
          .available = Working,
          .requirements = std::move(requirements),
          .others = {}};
}
Requirement Weekly(CivilDay from, CivilDay until) {
  return {.days = {from, until},
          .frequencies = {{from, 7, 0}},
          .last_session = std::nullopt,
          .counts = {},
          .moved = {}};
}
Requirement Within(CivilDay from, CivilDay until) {
  return {.days = {from, until}, .frequencies = {}, .last_session = std::nullopt, .counts = {}, .moved = {}};
}

TEST(SeriesPlanTest, OfSeveralRequirementsTheEarlierDayWins) {
  // A placement from 1 to 22 September asks for every week, another policy for every calendar month.
  const SeriesPlan plan =
      PlanSeries(Asking({Weekly({2026, 9, 1}, {2026, 9, 22}), Within({2026, 8, 1}, {2026, 9, 1}),
                         Within({2026, 9, 1}, {2026, 10, 1}), Within({2026, 10, 1}, {2026, 11, 1})}));
  // The last working days of August and October; the second of the month's weekly ones is in September.
  EXPECT_THAT(plan.days, ElementsAre(CivilDay(2026, 8, 28), CivilDay(2026, 9, 8), CivilDay(2026, 9, 15),
                                     CivilDay(2026, 10, 30)));
  EXPECT_THAT(plan.unmet, IsEmpty());
}

TEST(SeriesPlanTest, NoSessionBeforeARuleAppliesCountsAndNothingIsDueOnceItDoesNot) {
  // Held on 30 June, but the placement begins on 1 July: the first week runs from there. It ends on 14 July,
  // before the second session would be due.
  SeriesRequest request = Asking({Weekly({2026, 7, 1}, {2026, 7, 14})});
  request.others = {CivilDay(2026, 6, 30)};
  EXPECT_THAT(PlanSeries(request).days, ElementsAre(CivilDay(2026, 7, 8)));
  request.requirements = {Weekly({2026, 7, 1}, {2026, 7, 16})};
  EXPECT_THAT(PlanSeries(request).days, ElementsAre(CivilDay(2026, 7, 8), CivilDay(2026, 7, 15)));
}

TEST(SeriesPlanTest, ADueDayThatMovesIsMetByTheFirstDayBack) {
  const CivilDay back(2026, 7, 20);
  Requirement weekly = Weekly({2026, 6, 29}, {2026, 8, 1});
  SeriesRequest request = Asking({weekly});
  request.available = [&](CivilDay day) {
    return Working(day) && (day < CivilDay(2026, 6, 29) || day >= back);
  };
  // Away from the first day on: due on 6 July, which is not moved.
  EXPECT_THAT(PlanSeries(request).unmet, ElementsAre(CivilDay(2026, 7, 6)));
  request.requirements[0].moved = [&](CivilDay due) { return due < back ? CivilDay(2026, 7, 24) : due; };
  const SeriesPlan plan = PlanSeries(request);
  EXPECT_THAT(plan.days, ElementsAre(back, CivilDay(2026, 7, 27)));
  EXPECT_THAT(plan.unmet, IsEmpty());
  // Where even that is too late, it says so.
  request.requirements[0].moved = [&](CivilDay due) { return due < back ? back - 1 : due; };
  EXPECT_THAT(PlanSeries(request).unmet, ElementsAre(CivilDay(2026, 7, 6)));
}

TEST(SeriesPlanTest, SessionsThatThereAreAlreadyCount) {
  SeriesRequest request = Asking({Weekly({2026, 6, 1}, {2026, 6, 24})});
  request.others = {CivilDay(2026, 6, 3), CivilDay(2026, 6, 12)};
  EXPECT_THAT(PlanSeries(request).days, ElementsAre(CivilDay(2026, 6, 10), CivilDay(2026, 6, 19)));
  // Too late it is, though it was there.
  request.available = [](CivilDay) { return false; };
  request.others = {CivilDay(2026, 6, 12), CivilDay(2026, 6, 19)};
  EXPECT_THAT(PlanSeries(request).unmet, ElementsAre(CivilDay(2026, 6, 8)));
}

TEST(SeriesPlanTest, WhereNoSessionOfTheSupervisorWouldCountSomebodyElseSeesToIt) {
  Requirement weekly = Weekly({2026, 6, 1}, {2026, 8, 1});
  weekly.counts = [](CivilDay day) { return day < CivilDay(2026, 6, 20); };
  const SeriesPlan plan = PlanSeries(Asking({weekly}));
  EXPECT_THAT(plan.days, ElementsAre(CivilDay(2026, 6, 8), CivilDay(2026, 6, 15), CivilDay(2026, 6, 19)));
  EXPECT_THAT(plan.unmet, IsEmpty());
}

TEST(SeriesPlanTest, WhateverIsAskedNoGapIsTooLongUnlessItSaysSo) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 3000; ++round) {
    const CivilDay start = CivilDay(2024, 1, 1) + static_cast<int>(random() % 1000);
    SeriesRequest request = Monthly(start, start + 365);
    request.frequencies.clear();
    CivilDay from = start;
    for (unsigned i = 0, count = 1 + random() % 3; i < count; ++i) {
      const bool months = random() % 2 == 0;
      request.frequencies.push_back({from, months ? 0 : static_cast<int>(7 * (1 + random() % 4)),
                                     months ? static_cast<int>(1 + random() % 3) : 0});
      from = from + static_cast<int>(1 + random() % 90);
    }
    if (random() % 2 == 0) request.last_session = start - static_cast<int>(random() % 40);
    std::set<CivilDay> taken;
    for (int i = 0; i < 40; ++i) taken.insert(start + static_cast<int>(random() % 365));
    if (random() % 3 == 0) {
      const CivilDay away = start + static_cast<int>(random() % 365);
      for (int i = 0; i < 60; ++i) taken.insert(away + i);
    }
    request.available = [&](CivilDay day) { return Working(day) && !taken.contains(day); };
    const SeriesPlan plan = PlanSeries(request);
    EXPECT_EQ(PlanSeries(request).days, plan.days) << "the same again";

    CivilDay base = request.last_session.value_or(start);
    std::vector<CivilDay> unmet;
    for (const CivilDay day : plan.days) {
      ASSERT_TRUE(request.available(day)) << "round " << round;
      ASSERT_TRUE(day >= start && day < request.end) << "round " << round;
      const CivilDay due = DueAfter(base, request.frequencies);
      if (day > due) unmet.push_back(due);
      // No day between would have been better: later and in time, or, when late, earlier.
      for (CivilDay between = std::max(day > due ? start : day + 1, base + 1);
           between < (day > due ? day : due + 1); ++between) {
        EXPECT_FALSE(request.available(between)) << "round " << round << ", " << between;
      }
      base = day;
    }
    const CivilDay next_due = DueAfter(base, request.frequencies);
    if (next_due < request.end) unmet.push_back(next_due);
    EXPECT_EQ(plan.unmet, unmet) << "round " << round;
  }
}

}  // namespace
}  // namespace oversight::supervision
