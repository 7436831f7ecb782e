#include "common/time/civil_day.h"

#include <algorithm>
#include <cstdlib>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight {
namespace {

using ::testing::HasSubstr;

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(CivilDayTest, WritesAndReadsBackEveryDayItAccepts) {
  for (const char* text : {"1900-01-01", "1970-01-01", "2000-02-29", "2024-02-29", "2026-12-31", "2120-02-29",
                           "2400-02-29", "9999-12-31"}) {
    const auto day = CivilDay::Parse(text);
    ASSERT_TRUE(day.ok()) << text;
    EXPECT_EQ(day->ToString(), text);
  }
  EXPECT_EQ(CivilDay(1970, 1, 1).number(), 0);
  EXPECT_EQ(CivilDay(2026, 3, 29).number(), 20541);
}

TEST(CivilDayTest, RefusesWhatIsNoDay) {
  for (const char* text : {"",           "2026",       "2026-1-01",   "2026-01-1",        "26-01-01",
                           "2026/01/01", "2026-13-01", "2026-00-10",  "2026-01-00",       "2026-02-29",
                           "2100-02-29", "2026-04-31", "1899-12-31",  "0000-01-01",       "+026-01-01",
                           "-026-01-01", " 026-01-01", "2026-01-01 ", "2026-01-01T00:00", "20260101",
                           "2026-01-0x", "10000-01-01"}) {
    const auto day = CivilDay::Parse(text);
    EXPECT_EQ(day.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(day.status().message()), HasSubstr("YYYY-MM-DD"));
  }
  EXPECT_FALSE(CivilDay::Parse(absl::string_view("2026-01\0001", 10)).ok());
}

TEST(CivilDayTest, PartsMustNameADay) {
  EXPECT_EQ(CivilDay::FromParts(2024, 2, 29).value(), CivilDay(2024, 2, 29));
  EXPECT_FALSE(CivilDay::FromParts(2023, 2, 29).ok());
  EXPECT_FALSE(CivilDay::FromParts(2023, 0, 1).ok());
  EXPECT_FALSE(CivilDay::FromParts(2023, -1, 1).ok());
  EXPECT_FALSE(CivilDay::FromParts(2023, 1, 32).ok());
  EXPECT_FALSE(CivilDay::FromParts(1899, 12, 31).ok());
  EXPECT_FALSE(CivilDay::FromParts(10000, 1, 1).ok());
}

TEST(CivilDayTest, EveryDayHasTheFirstOfItsMonth) {
  for (CivilDay day(1899, 12, 1); day < CivilDay(2310, 1, 1); ++day)
    ASSERT_EQ(FirstOfMonth(day), day - (day.civil().day() - 1)) << day;
  EXPECT_EQ(FirstOfMonth(CivilDay::Max()), CivilDay::Max());
  EXPECT_EQ(FirstOfMonth(CivilDay::Min()), CivilDay::Min());
}

TEST(CivilDayTest, CountsDaysAcrossLeapDaysAndCenturies) {
  EXPECT_EQ(CivilDay(2024, 3, 1) - CivilDay(2024, 2, 28), 2);
  EXPECT_EQ(CivilDay(2023, 3, 1) - CivilDay(2023, 2, 28), 1);
  EXPECT_EQ(CivilDay(2100, 3, 1) - CivilDay(2100, 2, 28), 1);
  EXPECT_EQ(CivilDay(2000, 3, 1) - CivilDay(2000, 2, 28), 2);
  EXPECT_EQ(CivilDay(2026, 12, 31) + 1, CivilDay(2027, 1, 1));
  EXPECT_EQ(CivilDay(2024, 3, 1) - 1, CivilDay(2024, 2, 29));
  CivilDay day(2120, 2, 28);
  EXPECT_EQ(++day, CivilDay(2120, 2, 29));
  EXPECT_LT(CivilDay(2026, 1, 1), CivilDay::Max());
  EXPECT_GT(CivilDay(1900, 1, 1), CivilDay::Min());
}

TEST(CivilDayTest, AddMonthsCutsToTheLastDayOfTheMonth) {
  struct {
    const char* from;
    int months;
    const char* to;
  } const kCases[] = {
      {"2026-01-31", 1, "2026-02-28"},  {"2024-01-31", 1, "2024-02-29"},  {"2024-01-30", 1, "2024-02-29"},
      {"2024-01-29", 1, "2024-02-29"},  {"2026-01-28", 1, "2026-02-28"},  {"2024-02-29", 12, "2025-02-28"},
      {"2024-02-29", 48, "2028-02-29"}, {"2026-03-31", 1, "2026-04-30"},  {"2026-08-31", 6, "2027-02-28"},
      {"2026-11-30", 3, "2027-02-28"},  {"2026-12-31", 2, "2027-02-28"},  {"2026-05-01", 3, "2026-08-01"},
      {"2026-03-31", -1, "2026-02-28"}, {"2024-03-31", -1, "2024-02-29"}, {"2026-01-15", -1, "2025-12-15"},
      {"2026-06-30", 0, "2026-06-30"},  {"2119-12-31", 2, "2120-02-29"},  {"2099-12-31", 2, "2100-02-28"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(AddMonths(CivilDay::Parse(c.from).value(), c.months).ToString(), c.to)
        << c.from << " + " << c.months;
  }
  EXPECT_EQ(AddMonths(CivilDay::Max(), 3), CivilDay::Max());
  EXPECT_EQ(AddMonths(CivilDay::Min(), -3), CivilDay::Min());
}

TEST(CivilDayTest, AnInstantFallsOnTheDayOfTheLondonClock) {
  struct {
    const char* instant;
    const char* day;
  } const kCases[] = {
      // Winter: the UTC day.
      {"2026-01-15T00:00:00Z", "2026-01-15"},
      {"2026-01-15T23:59:59.999999Z", "2026-01-15"},
      // The clock goes forward on 29 March 2026 at 01:00 UTC.
      {"2026-03-28T23:59:59.999999Z", "2026-03-28"},
      {"2026-03-29T00:00:00Z", "2026-03-29"},
      {"2026-03-29T22:59:59.999999Z", "2026-03-29"},
      {"2026-03-29T23:00:00Z", "2026-03-30"},
      // And back on 25 October 2026 at 01:00 UTC.
      {"2026-10-24T22:59:59.999999Z", "2026-10-24"},
      {"2026-10-24T23:00:00Z", "2026-10-25"},
      {"2026-10-25T23:59:59.999999Z", "2026-10-25"},
      {"2026-10-26T00:00:00Z", "2026-10-26"},
      // Summer time has no end in sight.
      {"2126-07-01T22:59:59Z", "2126-07-01"},
      {"2126-07-01T23:00:00Z", "2126-07-02"},
      {"2126-01-01T23:30:00Z", "2126-01-01"},
      // Before 1970.
      {"1955-01-31T23:59:59.999999Z", "1955-01-31"},
  };
  for (const auto& c : kCases) EXPECT_EQ(CivilDay::Of(Utc(c.instant)).ToString(), c.day) << c.instant;
}

TEST(CivilDayTest, MidnightIsTheFirstInstantOfTheDay) {
  EXPECT_EQ(CivilDay(2026, 3, 29).Midnight(), Utc("2026-03-29T00:00:00Z"));
  EXPECT_EQ(CivilDay(2026, 3, 30).Midnight(), Utc("2026-03-29T23:00:00Z"));
  EXPECT_EQ(CivilDay(2026, 10, 25).Midnight(), Utc("2026-10-24T23:00:00Z"));
  EXPECT_EQ(CivilDay(2026, 10, 26).Midnight(), Utc("2026-10-26T00:00:00Z"));
  // The days of the clock changes have 23 and 25 hours.
  EXPECT_EQ(CivilDay(2026, 3, 30).Midnight() - CivilDay(2026, 3, 29).Midnight(), absl::Hours(23));
  EXPECT_EQ(CivilDay(2026, 10, 26).Midnight() - CivilDay(2026, 10, 25).Midnight(), absl::Hours(25));
  for (CivilDay day(2023, 12, 1); day < CivilDay(2029, 3, 1); ++day) {
    ASSERT_EQ(CivilDay::Of(day.Midnight()), day);
    ASSERT_EQ(CivilDay::Of(day.Midnight() - absl::Microseconds(1)), day - 1);
  }
  for (CivilDay day(2121, 1, 1); day < CivilDay(2122, 1, 1); ++day) {
    ASSERT_EQ(CivilDay::Of(day.Midnight()), day);
    ASSERT_EQ(CivilDay::Of(day.Midnight() - absl::Microseconds(1)), day - 1);
  }
}

TEST(CivilDayTest, HashAgreesWithEquality) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {CivilDay(), CivilDay(1970, 1, 1), CivilDay(2026, 1, 1), CivilDay::Max(), CivilDay::Min()}));
}

TEST(CivilDayDeathTest, MissingTimeZoneDataEndsTheProcessWithAReason) {
  // The re-executed child has not loaded the zone yet.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        setenv("TZDIR", "/nonexistent", 1);
        CivilDay::Of(absl::UnixEpoch());
      },
      "tzdata");
}

// What the calendar itself says, month by month, on both sides of the years that are looked up in a table.
TEST(AddMonthsTest, AgreesWithTheCalendarOnEveryDay) {
  for (CivilDay day(1898, 1, 1); day < CivilDay(2302, 1, 1); ++day) {
    for (const int months : {-25, -12, -1, 0, 1, 2, 3, 6, 11, 12, 36}) {
      const absl::CivilDay civil = day.civil();
      const absl::CivilMonth month = absl::CivilMonth(civil) + months;
      const int last = (absl::CivilDay(month + 1) - 1).day();
      const absl::CivilDay expected(month.year(), month.month(), std::min(civil.day(), last));
      ASSERT_EQ(AddMonths(day, months).civil(), expected) << day << " and " << months << " months";
    }
  }
}

TEST(CivilDayTest, BeginsAtMidnightInLondonAndLastsUntilTheNext) {
  for (CivilDay day(1968, 1, 1); day < CivilDay(2160, 1, 1); ++day) {
    const absl::Time midnight = day.Midnight();
    ASSERT_EQ(midnight, absl::FromCivil(day.civil(), AuthorityZone())) << day;
    ASSERT_EQ(CivilDay::Of(midnight), day);
    ASSERT_EQ(CivilDay::Of(midnight - absl::Microseconds(1)), day - 1) << day;
  }
}

}  // namespace
}  // namespace oversight
