#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/time/civil_day.h"

namespace oversight::supervision {

// A session as a calendar shows it.
struct CalendarEvent {
  // The same for ever.
  std::string uid;
  // Grows with each change.
  int64_t sequence = 0;
  bool cancelled = false;
  // What the calendar shows; names nobody.
  std::string summary;
  CivilDay date;
  // When it begins; without it the event takes the whole day.
  std::optional<absl::Time> start;
  // How long it takes; 0 when not known, and then shown as an hour.
  int minutes = 0;
  absl::Time changed;
};

// An iCalendar file (RFC 5545, METHOD:PUBLISH): lines end in CRLF and are folded after 75 bytes, text is
// escaped, instants are UTC, so that no time zone need be defined. Only an event with a time of day that was
// not cancelled takes up time (TRANSP). The same events give the same bytes.
std::string WriteCalendar(const std::vector<CalendarEvent>& events);

}  // namespace oversight::supervision
