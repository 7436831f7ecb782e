#include "common/time/civil_day.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace oversight {
namespace {

constexpr int64_t kSecondsADay = 86400;
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

// Months by number, counted from January 1900, for the days that occur in practice: asked millions of times
// in one sweep of a country. Beyond it the calendar itself is asked.
class MonthTable {
 public:
  static const MonthTable& Get() {
    static const auto* table = new MonthTable;
    return *table;
  }

  // False where the day or the result lies beyond it.
  bool First(int32_t day, int32_t& result) const {
    if (!Knows(day)) return false;
    result = starts_[MonthOf(day)];
    return true;
  }
  bool Add(int32_t day, int months, int32_t& result) const {
    if (!Knows(day)) return false;
    const size_t month = MonthOf(day);
    const int64_t target = static_cast<int64_t>(month) + months;
    if (target < 0 || target + 1 >= static_cast<int64_t>(starts_.size())) return false;
    const int32_t length = starts_[target + 1] - starts_[target];
    result = starts_[target] + std::min(day - starts_[month], length - 1);
    return true;
  }

 private:
  static constexpr int64_t kMillionthsOfDaysAMonth = 30436875;
  static constexpr int kMonths = 12 * 400;

  bool Knows(int32_t day) const { return day >= starts_.front() && day < starts_.back(); }
  size_t MonthOf(int32_t day) const {
    // At most one month off.
    size_t month = static_cast<size_t>(int64_t{day - starts_.front()} * 1000000 / kMillionthsOfDaysAMonth);
    while (starts_[month] > day) --month;
    while (starts_[month + 1] <= day) ++month;
    return month;
  }

  MonthTable() {
    const absl::CivilMonth first(kFirstYear, 1);
    for (int i = 0; i <= kMonths; ++i)
      starts_.push_back(static_cast<int32_t>(absl::CivilDay(first + i) - absl::CivilDay(1970, 1, 1)));
  }

  std::vector<int32_t> starts_;
};

int64_t MidnightOf(absl::CivilDay day) { return absl::ToUnixSeconds(absl::FromCivil(day, AuthorityZone())); }

// How much earlier than UTC's each midnight in London is, for the days that occur in practice.
class MidnightTable {
 public:
  static const MidnightTable& Get() {
    static const auto* table = new MidnightTable;
    return *table;
  }

  static bool Knows(int64_t day) { return day >= 0 && day < kDays; }
  // Seconds since 1970; the day must be known.
  int64_t Midnight(int64_t day) const { return day * kSecondsADay - early_[static_cast<size_t>(day)]; }

 private:
  static constexpr int kDays = 365 * 180;

  MidnightTable() {
    for (int day = 0; day < kDays; ++day) {
      const int64_t early = day * kSecondsADay - MidnightOf(absl::CivilDay(1970, 1, 1) + day);
      early_.push_back(static_cast<int16_t>(early));
    }
  }

  std::vector<int16_t> early_;
};

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
  const int64_t seconds = absl::ToUnixSeconds(instant);
  // London is never behind UTC nor a day ahead of it.
  if (const int64_t day = seconds / kSecondsADay; seconds >= 0 && MidnightTable::Knows(day + 1))
    return CivilDay(static_cast<int32_t>(seconds >= MidnightTable::Get().Midnight(day + 1) ? day + 1 : day));
  return CivilDay(
      static_cast<int32_t>(absl::ToCivilDay(instant, AuthorityZone()) - absl::CivilDay(1970, 1, 1)));
}

std::string CivilDay::ToString() const { return absl::FormatCivilTime(civil()); }

absl::Time CivilDay::Midnight() const {
  if (MidnightTable::Knows(number_)) return absl::FromUnixSeconds(MidnightTable::Get().Midnight(number_));
  return absl::FromCivil(civil(), AuthorityZone());
}

CivilDay AddMonths(CivilDay day, int months) {
  if (day == CivilDay::Max() || day == CivilDay::Min()) return day;
  if (int32_t number = 0; MonthTable::Get().Add(day.number(), months, number))
    return CivilDay::FromNumber(number);
  const absl::CivilDay civil = day.civil();
  const absl::CivilMonth month = absl::CivilMonth(civil) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay result(month.year(), month.month(), std::min(civil.day(), last.day()));
  return CivilDay::FromNumber(static_cast<int32_t>(result - absl::CivilDay(1970, 1, 1)));
}

CivilDay FirstOfMonth(CivilDay day) {
  if (day == CivilDay::Max() || day == CivilDay::Min()) return day;
  int32_t number = 0;
  return MonthTable::Get().First(day.number(), number) ? CivilDay::FromNumber(number)
                                                       : day - (day.civil().day() - 1);
}

std::ostream& operator<<(std::ostream& out, CivilDay day) { return out << day.ToString(); }

}  // namespace oversight
