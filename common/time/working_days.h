#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"

namespace oversight {

// Which days are worked: Monday to Friday less the bank holidays. Immutable and safe to share between
// threads; every question is answered in constant time.
//
// Bank holidays are known for whole years, from first_known() to last_known(). Outside them only weekends are
// not worked: better than refusing to judge, but whoever reports a due date past last_known() should say so.
class WorkingDays {
 public:
  // Reads a calendar: a line is `YYYY-MM-DD` and the holiday's name; empty lines and lines starting with `#`
  // are skipped. Days must ascend, and no year between the first and the last may lack an entry.
  // INVALID_ARGUMENT names every faulty line by number.
  static absl::StatusOr<WorkingDays> Parse(absl::string_view text);
  // Parse of a file, for a calendar newer than the built-in one. NOT_FOUND when it cannot be read.
  static absl::StatusOr<WorkingDays> Load(const std::string& path);
  // The built-in calendar, from data/bank_holidays_england_and_wales.txt.
  static const WorkingDays& EnglandAndWales();

  bool IsWorkingDay(CivilDay day) const { return Rank(int64_t{day.number()} + 1) != Rank(day.number()); }
  // Also true of a holiday that falls on a weekend. For posts whose week is not Monday to Friday.
  bool IsBankHoliday(CivilDay day) const;

  // The n-th working day strictly after `day`; `day` itself for 0; for a negative n the |n|-th strictly
  // before it.
  CivilDay AddWorkingDays(CivilDay day, int n) const;
  CivilDay NextWorkingDayOnOrAfter(CivilDay day) const;
  // How many working days lie from `first` to `last`, both counted; 0 when `last` is before `first`.
  int WorkingDaysBetween(CivilDay first, CivilDay last) const;

  // 1 January of the first and 31 December of the last year whose bank holidays are known.
  CivilDay first_known() const { return CivilDay::FromNumber(static_cast<int32_t>(begin_)); }
  CivilDay last_known() const { return CivilDay::FromNumber(static_cast<int32_t>(end_ - 1)); }

 private:
  explicit WorkingDays(std::vector<CivilDay> holidays);

  // Working days before day `number`, counted from first_known() and negative before it.
  int64_t Rank(int64_t number) const;
  // The working day of that rank; its inverse.
  CivilDay Select(int64_t rank) const;

  std::vector<CivilDay> holidays_;  // ascending
  int64_t begin_;                   // days since 1970 of the known years, half-open
  int64_t end_;
  std::vector<int32_t> rank_;     // by day - begin_, one more than there are days
  std::vector<int32_t> working_;  // day numbers by rank
};

}  // namespace oversight
