#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace oversight {

// A whole day of the proleptic Gregorian calendar in the authority's zone (Europe/London); four bytes, so
// that millions fit in memory. Has no time of day and no zone of its own.
class CivilDay {
 public:
  constexpr CivilDay() = default;
  // Days since 1970-01-01.
  static constexpr CivilDay FromNumber(int32_t number) { return CivilDay(number); }
  // The day must exist; see Parse and FromParts for untrusted input.
  CivilDay(int year, int month, int day)
      : number_(static_cast<int32_t>(absl::CivilDay(year, month, day) - absl::CivilDay(1970, 1, 1))) {}

  // INVALID_ARGUMENT unless the day exists and its year lies in 1900..9999.
  static absl::StatusOr<CivilDay> FromParts(int year, int month, int day);
  // Accepts exactly `YYYY-MM-DD`. INVALID_ARGUMENT says what was expected.
  static absl::StatusOr<CivilDay> Parse(absl::string_view text);
  // The day on which an instant falls in Europe/London.
  static CivilDay Of(absl::Time instant);
  // Later and earlier than any day that occurs in practice: for open ends.
  static constexpr CivilDay Max() { return CivilDay(INT32_MAX); }
  static constexpr CivilDay Min() { return CivilDay(INT32_MIN); }

  constexpr int32_t number() const { return number_; }
  absl::CivilDay civil() const { return absl::CivilDay(1970, 1, 1) + number_; }
  // `YYYY-MM-DD`.
  std::string ToString() const;
  // The first instant of this day in Europe/London.
  absl::Time Midnight() const;

  friend constexpr auto operator<=>(CivilDay, CivilDay) = default;
  friend constexpr CivilDay operator+(CivilDay day, int n) { return CivilDay(day.number_ + n); }
  friend constexpr CivilDay operator-(CivilDay day, int n) { return CivilDay(day.number_ - n); }
  friend constexpr int operator-(CivilDay a, CivilDay b) { return a.number_ - b.number_; }
  CivilDay& operator++() {
    ++number_;
    return *this;
  }
  template <typename H>
  friend H AbslHashValue(H h, CivilDay day) {
    return H::combine(std::move(h), day.number_);
  }

 private:
  constexpr explicit CivilDay(int32_t number) : number_(number) {}
  int32_t number_ = 0;
};

// Adds calendar months and cuts to the month's last day: 31 January + 1 month = 28 or 29 February.
// Open ends stay open.
CivilDay AddMonths(CivilDay day, int months);
// The first day of the calendar month in which a day lies. Open ends stay open.
CivilDay FirstOfMonth(CivilDay day);

std::ostream& operator<<(std::ostream& out, CivilDay day);

// Europe/London, loaded once. Ends the process with a message when the machine has no time zone data.
absl::TimeZone AuthorityZone();

}  // namespace oversight
