#include "services/supervision/domain/calendar.h"

#include "absl/strings/str_cat.h"

namespace oversight::supervision {
namespace {

constexpr size_t kLongestLine = 75;

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// RFC 5545, 3.1: a line of more than 75 bytes goes on in the next one, behind a space; never within a
// character.
void AddLine(std::string& out, absl::string_view line) {
  size_t room = kLongestLine;
  while (line.size() > room) {
    size_t cut = room;
    while (cut > 0 && IsContinuationByte(line[cut])) --cut;
    absl::StrAppend(&out, line.substr(0, cut), "\r\n ");
    line.remove_prefix(cut);
    room = kLongestLine - 1;
  }
  absl::StrAppend(&out, line, "\r\n");
}

// RFC 5545, 3.3.11. Other control characters are not allowed in a text.
std::string Escaped(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
      out.push_back(c);
    }
  }
  return out;
}

std::string Utc(absl::Time time) { return absl::FormatTime("%Y%m%dT%H%M%SZ", time, absl::UTCTimeZone()); }

std::string Day(CivilDay day) {
  const absl::CivilDay civil = day.civil();
  return absl::StrCat(absl::Dec(civil.year(), absl::kZeroPad4), absl::Dec(civil.month(), absl::kZeroPad2),
                      absl::Dec(civil.day(), absl::kZeroPad2));
}

void AddEvent(std::string& out, const CalendarEvent& event) {
  AddLine(out, "BEGIN:VEVENT");
  AddLine(out, absl::StrCat("UID:", Escaped(event.uid)));
  AddLine(out, absl::StrCat("DTSTAMP:", Utc(event.changed)));
  AddLine(out, absl::StrCat("LAST-MODIFIED:", Utc(event.changed)));
  AddLine(out, absl::StrCat("SEQUENCE:", event.sequence));
  AddLine(out, absl::StrCat("STATUS:", event.cancelled ? "CANCELLED" : "CONFIRMED"));
  if (event.start) {
    const int minutes = event.minutes > 0 ? event.minutes : 60;
    AddLine(out, absl::StrCat("DTSTART:", Utc(*event.start)));
    AddLine(out, absl::StrCat("DTEND:", Utc(*event.start + absl::Minutes(minutes))));
  } else {
    AddLine(out, absl::StrCat("DTSTART;VALUE=DATE:", Day(event.date)));
    AddLine(out, absl::StrCat("DTEND;VALUE=DATE:", Day(event.date + 1)));
  }
  // RFC 5545, 3.8.2.7: a day of which only an hour will be taken, and what was cancelled, leave the diary
  // free.
  if (!event.start || event.cancelled) AddLine(out, "TRANSP:TRANSPARENT");
  AddLine(out, absl::StrCat("SUMMARY:", Escaped(event.summary)));
  AddLine(out, "CLASS:PRIVATE");
  AddLine(out, "END:VEVENT");
}

}  // namespace

std::string WriteCalendar(const std::vector<CalendarEvent>& events) {
  std::string out;
  AddLine(out, "BEGIN:VCALENDAR");
  AddLine(out, "VERSION:2.0");
  AddLine(out, "PRODID:-//Oversight//Supervision//EN");
  AddLine(out, "CALSCALE:GREGORIAN");
  AddLine(out, "METHOD:PUBLISH");
  for (const CalendarEvent& event : events) AddEvent(out, event);
  AddLine(out, "END:VCALENDAR");
  return out;
}

}  // namespace oversight::supervision
