#include "common/mysql/text_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oversight::mysql {
namespace {

using ::testing::Eq;
using ::testing::Optional;

absl::Time Utc(int year, int month, int day, int hour, int minute, int second, int64_t micros) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), absl::UTCTimeZone()) +
         absl::Microseconds(micros);
}

TEST(DateTime, IsWrittenAndReadToTheMicrosecond) {
  const struct {
    absl::Time instant;
    const char* text;
  } cases[] = {
      {Utc(1970, 1, 1, 0, 0, 0, 0), "1970-01-01 00:00:00.000000"},
      {Utc(1969, 12, 31, 23, 59, 59, 999999), "1969-12-31 23:59:59.999999"},
      {Utc(1900, 2, 28, 12, 0, 0, 1), "1900-02-28 12:00:00.000001"},
      {Utc(2026, 3, 29, 1, 30, 0, 500000), "2026-03-29 01:30:00.500000"},
      {Utc(2120, 2, 29, 23, 59, 59, 999999), "2120-02-29 23:59:59.999999"},
      {Utc(9999, 12, 31, 23, 59, 59, 999999), "9999-12-31 23:59:59.999999"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(FormatDateTime(c.instant), c.text);
    EXPECT_THAT(ParseDateTime(c.text), Optional(c.instant));
  }
}

TEST(DateTime, NanosecondsAreCutNeverRoundedUp) {
  EXPECT_EQ(FormatDateTime(Utc(2026, 1, 1, 0, 0, 0, 1) + absl::Nanoseconds(999)),
            "2026-01-01 00:00:00.000001");
  EXPECT_EQ(FormatDateTime(Utc(1969, 12, 31, 23, 59, 59, 0) + absl::Nanoseconds(1)),
            "1969-12-31 23:59:59.000000");
}

TEST(DateTime, FractionMayBeShortOrAbsent) {
  EXPECT_THAT(ParseDateTime("2026-01-02 03:04:05"), Optional(Utc(2026, 1, 2, 3, 4, 5, 0)));
  EXPECT_THAT(ParseDateTime("2026-01-02 03:04:05.12"), Optional(Utc(2026, 1, 2, 3, 4, 5, 120000)));
  EXPECT_THAT(ParseDateTime("2026-01-02"), Optional(Utc(2026, 1, 2, 0, 0, 0, 0)));
}

TEST(DateTime, RefusesWhatIsNoInstant) {
  for (const char* text : {"", "0000-00-00 00:00:00", "2026-02-29 00:00:00", "2026-13-01 00:00:00",
                           "2026-01-01 24:00:00", "2026-01-01 00:60:00", "2026-01-01 00:00:00.", "2026-01-0",
                           "2026-01-01 00:00:00.1234567", "2026/01/01 00:00:00", "2026-01-01 00:00"}) {
    EXPECT_THAT(ParseDateTime(text), Eq(std::nullopt)) << text;
  }
}

TEST(Date, IsRead) {
  EXPECT_THAT(ParseDate("2120-02-29"), Optional(CivilDay(2120, 2, 29)));
  EXPECT_THAT(ParseDate("1969-12-31"), Optional(CivilDay(1969, 12, 31)));
  for (const char* text : {"", "0000-00-00", "2100-02-29", "2026-00-10", "20260101"}) {
    EXPECT_THAT(ParseDate(text), Eq(std::nullopt)) << text;
  }
}

}  // namespace
}  // namespace oversight::mysql
