#include "services/supervision/domain/series_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace oversight::supervision {
namespace {

CivilDay After(CivilDay day, const Frequency& frequency) {
  return frequency.months > 0 ? AddMonths(day, frequency.months) : day + frequency.days;
}

}  // namespace

void Check(const SeriesRequest& request, std::vector<FieldViolation>& violations) {
  // Longer series could not be kept up to date, and take long to plan.
  if (request.end > AddMonths(request.start, 24)) {
    violations.push_back({"end_date", "must be at most 24 months after start_date"});
  }
  if (request.frequencies.empty()) {
    violations.push_back({"frequencies", "at least one is required"});
    return;
  }
  if (request.frequencies.front().start > request.start) {
    violations.push_back({"frequencies[0].start_date", "must not be after the start_date of the series"});
  }
  for (size_t i = 0; i < request.frequencies.size(); ++i) {
    const Frequency& frequency = request.frequencies[i];
    if ((frequency.days > 0) == (frequency.months > 0)) {
      violations.push_back({absl::StrCat("frequencies[", i, "]"), "set one of every_days and every_months"});
    }
    if (i > 0 && frequency.start <= request.frequencies[i - 1].start) {
      violations.push_back(
          {absl::StrCat("frequencies[", i, "].start_date"), "must be after that of the frequency before"});
    }
  }
}

CivilDay DueAfter(CivilDay base, const std::vector<Frequency>& frequencies) {
  // The frequency in force on the base; what begins before the first one counts as the first.
  size_t first = 0;
  while (first + 1 < frequencies.size() && frequencies[first + 1].start <= base) ++first;
  std::vector<CivilDay> begins = {base};
  CivilDay due = After(base, frequencies[first]);
  for (size_t i = first + 1; i < frequencies.size() && frequencies[i].start < due; ++i) {
    begins.push_back(frequencies[i].start);
    due = CivilDay::Max();
    for (size_t j = 0; j < begins.size(); ++j) {
      // The longest interval in force on any day from this beginning on.
      CivilDay longest = begins[j];
      for (size_t k = first + j; k <= i; ++k) longest = std::max(longest, After(begins[j], frequencies[k]));
      due = std::min(due, longest);
    }
  }
  return due;
}

SeriesPlan PlanSeries(const SeriesRequest& request) {
  SeriesPlan plan;
  CivilDay base = request.last_session.value_or(request.start);
  // The first day that may be taken. Without a session before, the first day of the series itself is one.
  CivilDay from = request.last_session ? std::max(base + 1, request.start) : request.start;
  while (true) {
    const CivilDay due = DueAfter(base, request.frequencies);
    if (due >= request.end) return plan;
    CivilDay day = due;
    while (day >= from && !request.available(day)) day = day - 1;
    if (day < from) {
      plan.unmet.push_back(due);
      for (day = std::max(due + 1, from); day < request.end && !request.available(day);) ++day;
      if (day >= request.end) return plan;
    }
    plan.days.push_back(day);
    base = day;
    from = day + 1;
  }
}

}  // namespace oversight::supervision
