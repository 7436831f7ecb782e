#include "common/time/working_days.h"

#include <cstdio>
#include <fstream>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

CivilDay Day(const std::string& text) { return CivilDay::Parse(text).value(); }

bool Weekend(CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day.civil());
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

// Easter Sunday after Gauss, with the two exceptions of the Gregorian calendar.
CivilDay Easter(int year) {
  const int a = year % 19, b = year % 4, c = year % 7;
  const int century = year / 100, p = (13 + 8 * century) / 25, q = century / 4;
  const int m = (15 - p + century - q) % 30, n = (4 + century - q) % 7;
  const int d = (19 * a + m) % 30, e = (2 * b + 4 * c + 6 * d + n) % 7;
  if (d == 29 && e == 6) return CivilDay(year, 4, 19);
  if (d == 28 && e == 6 && (11 * m + 11) % 30 < 19) return CivilDay(year, 4, 18);
  return CivilDay(year, 3, 22) + d + e;
}

CivilDay MondayOnOrAfter(CivilDay day) {
  while (absl::GetWeekday(day.civil()) != absl::Weekday::monday) ++day;
  return day;
}

// The standing rules of the Banking and Financial Dealings Act 1971 and the yearly proclamations.
std::set<CivilDay> StandingHolidays(int year) {
  std::set<CivilDay> days = {Easter(year) - 2, Easter(year) + 1, MondayOnOrAfter(CivilDay(year, 5, 1)),
                             MondayOnOrAfter(CivilDay(year, 5, 25)), MondayOnOrAfter(CivilDay(year, 8, 25))};
  for (CivilDay day : {CivilDay(year, 1, 1), CivilDay(year, 12, 25), CivilDay(year, 12, 26)}) {
    while (Weekend(day) || days.count(day) > 0) ++day;
    days.insert(day);
  }
  return days;
}

TEST(BankHolidaysTest, FollowTheStandingRulesButForTheProclaimedDays) {
  const WorkingDays& calendar = WorkingDays::EnglandAndWales();
  EXPECT_LE(calendar.first_known(), CivilDay(2010, 1, 1));
  EXPECT_GE(calendar.last_known(), CivilDay(2031, 12, 31));

  std::set<CivilDay> expected;
  for (auto year = calendar.first_known().civil().year(); year <= calendar.last_known().civil().year();
       ++year) {
    expected.merge(StandingHolidays(static_cast<int>(year)));
  }
  for (const char* moved : {"2012-05-28", "2020-05-04", "2022-05-30"})
    EXPECT_EQ(expected.erase(Day(moved)), 1u);
  for (const char* proclaimed : {"2011-04-29", "2012-06-04", "2012-06-05", "2020-05-08", "2022-06-02",
                                 "2022-06-03", "2022-09-19", "2023-05-08"}) {
    EXPECT_TRUE(expected.insert(Day(proclaimed)).second);
  }
  for (CivilDay day = calendar.first_known(); day <= calendar.last_known(); ++day) {
    ASSERT_EQ(calendar.IsBankHoliday(day), expected.count(day) == 1) << day;
    ASSERT_EQ(calendar.IsWorkingDay(day), !Weekend(day) && expected.count(day) == 0) << day;
  }
}

TEST(WorkingDaysTest, KnowsTheDaysPeopleRemember) {
  const WorkingDays& calendar = WorkingDays::EnglandAndWales();
  for (const char* off :
       {"2010-12-27", "2010-12-28", "2016-01-01", "2021-12-27", "2021-12-28", "2022-01-03", "2024-03-29",
        "2024-04-01", "2026-04-03", "2026-04-06", "2026-12-25", "2026-12-28", "2026-11-21", "2026-11-22"}) {
    EXPECT_FALSE(calendar.IsWorkingDay(Day(off))) << off;
  }
  for (const char* on : {"2012-05-28", "2020-05-04", "2022-05-30", "2026-04-02", "2026-04-07", "2026-12-24",
                         "2026-12-29", "2026-11-20"}) {
    EXPECT_TRUE(calendar.IsWorkingDay(Day(on))) << on;
  }
}

TEST(WorkingDaysTest, TheNthWorkingDayIsStrictlyAfter) {
  struct {
    const char* from;
    int n;
    const char* to;
  } const kCases[] = {
      {"2026-11-20", 1, "2026-11-23"},   // Friday -> Monday
      {"2026-11-21", 1, "2026-11-23"},   // Saturday -> Monday
      {"2026-11-22", 1, "2026-11-23"},   // Sunday -> Monday
      {"2026-11-23", 5, "2026-11-30"},   // a plain week
      {"2026-11-23", 0, "2026-11-23"},   //
      {"2026-11-22", 0, "2026-11-22"},   // no working day, not moved
      {"2026-04-02", 1, "2026-04-07"},   // across Easter
      {"2026-12-24", 1, "2026-12-29"},   // Boxing Day 2026 is kept on Monday 28 December
      {"2026-12-24", 4, "2027-01-04"},   // 29, 30, 31 December, then past New Year's Day and a weekend
      {"2026-11-23", -1, "2026-11-20"},  // Monday -> Friday before
      {"2026-04-07", -1, "2026-04-02"},  //
      {"2026-11-22", -1, "2026-11-20"},  //
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(WorkingDays::EnglandAndWales().AddWorkingDays(Day(c.from), c.n).ToString(), c.to)
        << c.from << " + " << c.n;
  }
}

TEST(WorkingDaysTest, MovesToTheNextWorkingDayOnlyWhenNeeded) {
  const WorkingDays& calendar = WorkingDays::EnglandAndWales();
  EXPECT_EQ(calendar.NextWorkingDayOnOrAfter(Day("2026-11-23")), Day("2026-11-23"));
  EXPECT_EQ(calendar.NextWorkingDayOnOrAfter(Day("2026-11-21")), Day("2026-11-23"));
  EXPECT_EQ(calendar.NextWorkingDayOnOrAfter(Day("2026-12-25")), Day("2026-12-29"));
  EXPECT_EQ(calendar.NextWorkingDayOnOrAfter(CivilDay::Max()), CivilDay::Max());
}

TEST(WorkingDaysTest, CountsWithBothEnds) {
  const WorkingDays& calendar = WorkingDays::EnglandAndWales();
  EXPECT_EQ(calendar.WorkingDaysBetween(Day("2026-11-23"), Day("2026-11-23")), 1);
  EXPECT_EQ(calendar.WorkingDaysBetween(Day("2026-11-21"), Day("2026-11-22")), 0);
  EXPECT_EQ(calendar.WorkingDaysBetween(Day("2026-11-23"), Day("2026-11-29")), 5);
  EXPECT_EQ(calendar.WorkingDaysBetween(Day("2026-12-21"), Day("2027-01-03")), 7);
  EXPECT_EQ(calendar.WorkingDaysBetween(Day("2026-11-24"), Day("2026-11-23")), 0);
  EXPECT_EQ(calendar.WorkingDaysBetween(Day("2026-01-01"), Day("2026-12-31")), 253);
}

// Walks day by day from well before the known years to well after them, and to days before 1970.
TEST(WorkingDaysTest, AgreesWithAWalkDayByDayInsideAndOutsideTheKnownYears) {
  const auto parsed =
      WorkingDays::Parse("1969-12-25 Christmas Day\n1970-12-25 Christmas Day\n1971-04-09 Good Friday\n");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const WorkingDays& calendar = *parsed;
  EXPECT_EQ(calendar.first_known(), CivilDay(1969, 1, 1));
  EXPECT_EQ(calendar.last_known(), CivilDay(1971, 12, 31));
  const auto works = [](CivilDay day) {
    return !Weekend(day) && day != CivilDay(1969, 12, 25) && day != CivilDay(1970, 12, 25) &&
           day != CivilDay(1971, 4, 9);
  };
  const CivilDay begin(1968, 11, 1);
  int count = 0;
  for (CivilDay day = begin; day < CivilDay(1972, 3, 1); ++day) {
    ASSERT_EQ(calendar.IsWorkingDay(day), works(day)) << day;
    if (works(day)) ++count;
    ASSERT_EQ(calendar.WorkingDaysBetween(begin, day), count) << day;

    CivilDay next = day;
    while (!works(next)) ++next;
    ASSERT_EQ(calendar.NextWorkingDayOnOrAfter(day), next) << day;

    CivilDay after = day, before = day;
    for (int n = 1; n <= 12; ++n) {
      do after = after + 1;
      while (!works(after));
      do before = before - 1;
      while (!works(before));
      ASSERT_EQ(calendar.AddWorkingDays(day, n), after) << day << " + " << n;
      ASSERT_EQ(calendar.AddWorkingDays(day, -n), before) << day << " - " << n;
    }
  }
}

TEST(WorkingDaysTest, KnowsOnlyWeekendsOutsideTheKnownYears) {
  const WorkingDays& calendar = WorkingDays::EnglandAndWales();
  EXPECT_TRUE(calendar.IsWorkingDay(CivilDay(2009, 12, 25)));   // a Friday
  EXPECT_TRUE(calendar.IsWorkingDay(CivilDay(2121, 12, 25)));   // a Thursday
  EXPECT_FALSE(calendar.IsWorkingDay(CivilDay(2121, 12, 27)));  // a Saturday
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2121, 12, 26), 1), CivilDay(2121, 12, 29));
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay::Max(), 5), CivilDay::Max());
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay::Min(), -5), CivilDay::Min());
}

TEST(WorkingDaysParseTest, SkipsCommentsEmptyLinesAndCarriageReturns) {
  const auto calendar =
      WorkingDays::Parse("# heading\r\n\r\n  2026-12-25 Christmas Day\r\n2026-12-28  Boxing Day");
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  EXPECT_TRUE(calendar->IsBankHoliday(CivilDay(2026, 12, 25)));
  EXPECT_FALSE(calendar->IsWorkingDay(CivilDay(2026, 12, 28)));
  EXPECT_TRUE(calendar->IsWorkingDay(CivilDay(2026, 12, 29)));
}

TEST(WorkingDaysParseTest, AHolidayOnAWeekendTakesNoWorkingDay) {
  const auto calendar = WorkingDays::Parse("2026-12-26 Boxing Day\n");
  ASSERT_TRUE(calendar.ok());
  EXPECT_TRUE(calendar->IsBankHoliday(CivilDay(2026, 12, 26)));
  EXPECT_EQ(calendar->WorkingDaysBetween(CivilDay(2026, 12, 21), CivilDay(2026, 12, 27)), 5);
}

TEST(WorkingDaysParseTest, NamesEveryFaultyLine) {
  const auto calendar = WorkingDays::Parse(
      "# calendar\n"
      "2026-12-25 Christmas Day\n"
      "2026-12-32 Boxing Day\n"
      "2026-12-25 Christmas Day\n"
      "2026-12-24 Christmas Eve\n"
      "2027-01-01\n"
      "1 January 2027\n"
      "2028-01-03 New Year's Day\n");
  ASSERT_EQ(calendar.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(calendar.status().message()),
              AllOf(HasSubstr("line 3: expected a day that exists"),
                    HasSubstr("line 4: 2026-12-25 does not come after"),
                    HasSubstr("line 5: 2026-12-24 does not come after"),
                    HasSubstr("line 6: expected the holiday's name"), HasSubstr("line 7: expected a day"),
                    HasSubstr("line 8: no entry for the year 2027"), Not(HasSubstr("line 1:")),
                    Not(HasSubstr("line 2:"))));
}

TEST(WorkingDaysParseTest, RefusesAnEmptyCalendar) {
  EXPECT_EQ(WorkingDays::Parse("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(WorkingDays::Parse("# nothing\n\n").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(WorkingDaysLoadTest, ReadsAFileAndNamesItInErrors) {
  const std::string path = ::testing::TempDir() + "/oversight_bank_holidays.txt";
  std::ofstream(path) << "2026-12-25 Christmas Day\n";
  const auto calendar = WorkingDays::Load(path);
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  EXPECT_FALSE(calendar->IsWorkingDay(CivilDay(2026, 12, 25)));

  std::ofstream(path) << "Christmas\n";
  EXPECT_THAT(std::string(WorkingDays::Load(path).status().message()),
              AllOf(HasSubstr(path), HasSubstr("line 1:")));
  std::ofstream(path) << "";
  EXPECT_EQ(WorkingDays::Load(path).status().code(), absl::StatusCode::kInvalidArgument);
  std::remove(path.c_str());
  EXPECT_EQ(WorkingDays::Load(path).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace oversight
