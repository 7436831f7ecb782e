#include "common/time/working_days.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/time/bank_holidays.h"

namespace oversight {
namespace {

// 1970-01-01 was a Thursday, three days after a Monday.
constexpr int64_t kMondayOffset = 3;

constexpr int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Mondays to Fridays before day `number`, counted from Monday 1969-12-29.
int64_t WeekdaysBefore(int64_t number) {
  const int64_t days = number + kMondayOffset;
  const int64_t weeks = FloorDivide(days, 7);
  return weeks * 5 + std::min<int64_t>(days - weeks * 7, 5);
}

int64_t NthWeekday(int64_t n) {
  const int64_t weeks = FloorDivide(n, 5);
  return weeks * 7 + (n - weeks * 5) - kMondayOffset;
}

// Days beyond all practice stay at the open end instead of wrapping round.
CivilDay Saturated(int64_t number) {
  return CivilDay::FromNumber(static_cast<int32_t>(
      std::clamp<int64_t>(number, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max())));
}

// The fault of one entry, if any; appends its day to `holidays` otherwise.
std::optional<std::string> ReadEntry(absl::string_view line, std::vector<CivilDay>& holidays) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
  const absl::StatusOr<CivilDay> day = CivilDay::Parse(parts.first);
  if (!day.ok()) return std::string(day.status().message());
  if (absl::StripAsciiWhitespace(parts.second).empty()) return "expected the holiday's name after the day";
  if (!holidays.empty()) {
    if (*day <= holidays.back())
      return absl::StrCat(day->ToString(), " does not come after the entry before it");
    const auto last_year = holidays.back().civil().year();
    if (day->civil().year() > last_year + 1) return absl::StrCat("no entry for the year ", last_year + 1);
  }
  holidays.push_back(*day);
  return std::nullopt;
}

}  // namespace

WorkingDays::WorkingDays(std::vector<CivilDay> holidays)
    : holidays_(std::move(holidays)),
      begin_(CivilDay(static_cast<int>(holidays_.front().civil().year()), 1, 1).number()),
      end_(CivilDay(static_cast<int>(holidays_.back().civil().year()) + 1, 1, 1).number()) {
  rank_.reserve(end_ - begin_ + 1);
  for (int64_t number = begin_; number < end_; ++number) {
    rank_.push_back(static_cast<int32_t>(working_.size()));
    const bool weekday = WeekdaysBefore(number + 1) != WeekdaysBefore(number);
    if (weekday && !IsBankHoliday(Saturated(number))) working_.push_back(static_cast<int32_t>(number));
  }
  rank_.push_back(static_cast<int32_t>(working_.size()));
}

absl::StatusOr<WorkingDays> WorkingDays::Parse(absl::string_view text) {
  std::vector<CivilDay> holidays;
  std::vector<std::string> faults;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    if (std::optional<std::string> fault = ReadEntry(line, holidays)) {
      faults.push_back(absl::StrCat("line ", number, ": ", *fault));
    }
  }
  if (faults.empty() && holidays.empty()) faults.push_back("the calendar has no entry");
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "; "));
  return WorkingDays(std::move(holidays));
}

absl::StatusOr<WorkingDays> WorkingDays::Load(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read the bank holidays from ", path));
  std::ostringstream text;
  text << file.rdbuf();
  absl::StatusOr<WorkingDays> days = Parse(text.str());
  if (!days.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", days.status().message()));
  return days;
}

const WorkingDays& WorkingDays::EnglandAndWales() {
  static const WorkingDays* const days = [] {
    absl::StatusOr<WorkingDays> parsed = Parse(kBankHolidaysEnglandAndWales);
    if (!parsed.ok()) {
      std::fprintf(stderr, "built-in bank holidays: %s\n", std::string(parsed.status().message()).c_str());
      std::abort();
    }
    return new WorkingDays(*std::move(parsed));
  }();
  return *days;
}

bool WorkingDays::IsBankHoliday(CivilDay day) const {
  return std::binary_search(holidays_.begin(), holidays_.end(), day);
}

int64_t WorkingDays::Rank(int64_t number) const {
  if (number < begin_) return WeekdaysBefore(number) - WeekdaysBefore(begin_);
  if (number <= end_) return rank_[number - begin_];
  return rank_.back() + WeekdaysBefore(number) - WeekdaysBefore(end_);
}

CivilDay WorkingDays::Select(int64_t rank) const {
  const int64_t known = static_cast<int64_t>(working_.size());
  if (rank < 0) return Saturated(NthWeekday(WeekdaysBefore(begin_) + rank));
  if (rank < known) return CivilDay::FromNumber(working_[rank]);
  return Saturated(NthWeekday(WeekdaysBefore(end_) + rank - known));
}

CivilDay WorkingDays::AddWorkingDays(CivilDay day, int n) const {
  if (n == 0) return day;
  return n > 0 ? Select(Rank(int64_t{day.number()} + 1) + n - 1) : Select(Rank(day.number()) + n);
}

CivilDay WorkingDays::NextWorkingDayOnOrAfter(CivilDay day) const { return Select(Rank(day.number())); }

int WorkingDays::WorkingDaysBetween(CivilDay first, CivilDay last) const {
  if (last < first) return 0;
  return static_cast<int>(Rank(int64_t{last.number()} + 1) - Rank(first.number()));
}

}  // namespace oversight
