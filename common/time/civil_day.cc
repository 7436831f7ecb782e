#include "common/time/civil_day.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace oversight {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 9999;

absl::Status NoSuchDay() {
  return absl::InvalidArgumentError(absl::StrCat(
      "expected a day that exists, as YYYY-MM-DD, with a year from ", kFirstYear, " to ", kLastYear));
}

// `text` holds digits only.
int Number(absl::string_view text) {
  int value = 0;
  for (char digit : text) value = value * 10 + (digit - '0');
  return value;
}

absl::TimeZone LoadLondon() {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("Europe/London", &zone)) {
    // Without it every day boundary in summer would be an hour out, unseen.
    std::fputs("The time zone data for Europe/London is missing: install the package tzdata.\n", stderr);
    std::abort();
  }
  return zone;
}

}  // namespace

absl::TimeZone AuthorityZone() {
  static const absl::TimeZone zone = LoadLondon();
  return zone;
}

absl::StatusOr<CivilDay> CivilDay::FromParts(int year, int month, int day) {
  if (year < kFirstYear || year > kLastYear) return NoSuchDay();
  // absl::CivilDay carries 30 February over into March.
  const absl::CivilDay normalised(year, month, day);
  if (normalised.year() != year || normalised.month() != month || normalised.day() != day) return NoSuchDay();
  return CivilDay(static_cast<int32_t>(normalised - absl::CivilDay(1970, 1, 1)));
}

absl::StatusOr<CivilDay> CivilDay::Parse(absl::string_view text) {
  if (text.size() != 10) return NoSuchDay();
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : !absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return NoSuchDay();
  }
  return FromParts(Number(text.substr(0, 4)), Number(text.substr(5, 2)), Number(text.substr(8, 2)));
}

CivilDay CivilDay::Of(absl::Time instant) {
  return CivilDay(
      static_cast<int32_t>(absl::ToCivilDay(instant, AuthorityZone()) - absl::CivilDay(1970, 1, 1)));
}

std::string CivilDay::ToString() const { return absl::FormatCivilTime(civil()); }

absl::Time CivilDay::Midnight() const { return absl::FromCivil(civil(), AuthorityZone()); }

CivilDay AddMonths(CivilDay day, int months) {
  if (day == CivilDay::Max() || day == CivilDay::Min()) return day;
  const absl::CivilDay civil = day.civil();
  const absl::CivilMonth month = absl::CivilMonth(civil) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay result(month.year(), month.month(), std::min(civil.day(), last.day()));
  return CivilDay::FromNumber(static_cast<int32_t>(result - absl::CivilDay(1970, 1, 1)));
}

std::ostream& operator<<(std::ostream& out, CivilDay day) { return out << day.ToString(); }

}  // namespace oversight
