#include "services/supervision/domain/calendar.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/status/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::supervision {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// A strict reader of iCalendar files (RFC 5545): every line must end in CRLF, have at most 75 bytes, and be
// whole characters. Returns the content lines, unfolded, as name (with parameters) and value.
std::vector<std::pair<std::string, std::string>> Read(const std::string& file) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::string unfolded;
  std::vector<std::string> physical = absl::StrSplit(file, "\r\n");
  EXPECT_EQ(physical.back(), "") << "the file ends with a line end";
  physical.pop_back();
  std::vector<std::string> logical;
  for (const std::string& line : physical) {
    EXPECT_LE(line.size(), 75) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
    EXPECT_EQ(ValidUtf8(line), line) << "cut within a character";
    if (absl::StartsWith(line, " ")) {
      logical.back() += line.substr(1);
    } else {
      logical.push_back(line);
    }
  }
  for (const std::string& line : logical) {
    const size_t colon = line.find(':');
    EXPECT_NE(colon, std::string::npos) << line;
    lines.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return lines;
}

// The properties of the only event; the calendar around it is as it must be.
std::map<std::string, std::string> ReadEvent(const std::string& file) {
  auto lines = Read(file);
  EXPECT_GE(lines.size(), 8);
  EXPECT_THAT(std::vector(lines.begin(), lines.begin() + 6),
              ElementsAre(Pair("BEGIN", "VCALENDAR"), Pair("VERSION", "2.0"),
                          Pair("PRODID", "-//Oversight//Supervision//EN"), Pair("CALSCALE", "GREGORIAN"),
                          Pair("METHOD", "PUBLISH"), Pair("BEGIN", "VEVENT")));
  EXPECT_THAT(std::vector(lines.end() - 2, lines.end()),
              ElementsAre(Pair("END", "VEVENT"), Pair("END", "VCALENDAR")));
  std::map<std::string, std::string> properties;
  for (size_t i = 6; i + 2 < lines.size(); ++i) {
    EXPECT_TRUE(properties.insert(lines[i]).second) << lines[i].first << " stands there twice";
  }
  return properties;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

CalendarEvent Event() {
  return {.uid = "0123456789abcdef@oversight",
          .sequence = 2,
          .cancelled = false,
          .summary = "Supervision",
          .date = CivilDay(2026, 10, 25),
          .start = Utc("2026-10-25T09:30:00Z"),
          .minutes = 90,
          .changed = Utc("2026-04-01T12:00:00.999999Z")};
}

TEST(CalendarTest, AnEventWithATimeOfDay) {
  EXPECT_THAT(ReadEvent(WriteCalendar({Event()})),
              ElementsAre(Pair("CLASS", "PRIVATE"), Pair("DTEND", "20261025T110000Z"),
                          Pair("DTSTAMP", "20260401T120000Z"), Pair("DTSTART", "20261025T093000Z"),
                          Pair("LAST-MODIFIED", "20260401T120000Z"), Pair("SEQUENCE", "2"),
                          Pair("STATUS", "CONFIRMED"), Pair("SUMMARY", "Supervision"),
                          Pair("UID", "0123456789abcdef@oversight")));
}

TEST(CalendarTest, WithoutATimeOfDayItTakesTheDay) {
  CalendarEvent event = Event();
  event.start.reset();
  event.date = CivilDay(2028, 2, 29);
  const auto properties = ReadEvent(WriteCalendar({event}));
  EXPECT_EQ(properties.at("DTSTART;VALUE=DATE"), "20280229");
  EXPECT_EQ(properties.at("DTEND;VALUE=DATE"), "20280301");
  EXPECT_FALSE(properties.contains("DTSTART"));
  EXPECT_EQ(properties.at("TRANSP"), "TRANSPARENT") << "the day is not taken up by it";
}

TEST(CalendarTest, ACancelledOneIsSaidToBe) {
  CalendarEvent event = Event();
  event.cancelled = true;
  event.minutes = 0;
  const auto properties = ReadEvent(WriteCalendar({event}));
  EXPECT_EQ(properties.at("STATUS"), "CANCELLED");
  EXPECT_EQ(properties.at("TRANSP"), "TRANSPARENT");
  EXPECT_EQ(properties.at("DTEND"), "20261025T103000Z") << "an hour where nobody said";
}

TEST(CalendarTest, TextIsEscapedAndFoldedBetweenCharacters) {
  CalendarEvent event = Event();
  event.summary = "a;b,c\\d\ne\x07";
  EXPECT_EQ(ReadEvent(WriteCalendar({event})).at("SUMMARY"), "a\\;b\\,c\\\\d\\ne");
  // Every length, so that a character of two, three and four bytes meets each border of a line.
  for (const char* character : {"x", "\u00e9", "\u20ac", "\U0001F600"}) {
    event.summary.clear();
    for (int i = 0; i < 160; ++i) {
      event.summary += i % 2 == 0 ? "x" : character;
      EXPECT_EQ(ReadEvent(WriteCalendar({event})).at("SUMMARY"), event.summary);
    }
  }
}

TEST(CalendarTest, NoEventsAreACalendarToo) {
  EXPECT_THAT(Read(WriteCalendar({})),
              ElementsAre(Pair("BEGIN", "VCALENDAR"), Pair("VERSION", "2.0"),
                          Pair("PRODID", "-//Oversight//Supervision//EN"), Pair("CALSCALE", "GREGORIAN"),
                          Pair("METHOD", "PUBLISH"), Pair("END", "VCALENDAR")));
}

}  // namespace
}  // namespace oversight::supervision
