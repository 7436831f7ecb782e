#include "services/supervision/domain/series_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace oversight::supervision {
namespace {

CivilDay After(CivilDay day, const Frequency& frequency) {
  return frequency.months > 0 ? AddMonths(day, frequency.months) : day + frequency.days;
}

struct Gap {
  // The first day on which a session closes it, and the last on which that is in time.
  CivilDay from;
  CivilDay due = CivilDay::Max();
};

// A requirement with what has been planned for it so far.
class Tally {
 public:
  explicit Tally(Requirement requirement)
      : requirement_(std::move(requirement)), last_(requirement_.last_session) {}

  // The gap that runs now; due on Max() when nothing more is due.
  Gap Next() const {
    const Period& days = requirement_.days;
    if (requirement_.frequencies.empty()) {
      if (given_up_ || (last_ && *last_ >= days.start)) return {.from = days.start};
      return {.from = days.start, .due = days.end - 1};
    }
    const CivilDay base = last_.value_or(days.start);
    const CivilDay due = DueAfter(base, requirement_.frequencies);
    return {.from = last_ ? base + 1 : base, .due = given_up_ || due >= days.end ? CivilDay::Max() : due};
  }
  CivilDay end() const { return requirement_.days.end; }
  bool Counts(CivilDay day) const { return !requirement_.counts || requirement_.counts(day); }
  CivilDay Moved(CivilDay due) const { return requirement_.moved ? requirement_.moved(due) : due; }
  // Whether a session on this day closes the gap.
  bool Closes(CivilDay day) const {
    return day >= requirement_.days.start && Counts(day) &&
           (requirement_.frequencies.empty() || day < requirement_.days.end);
  }
  void Take(CivilDay day) {
    if (Closes(day)) last_ = std::max(last_.value_or(day), day);
  }
  // No day is to be had any more.
  void GiveUp() { given_up_ = true; }

 private:
  const Requirement requirement_;
  std::optional<CivilDay> last_;
  bool given_up_ = false;
};

class Planning {
 public:
  explicit Planning(const SeriesRequest& request) : request_(request), from_(request.start) {
    for (const Requirement& requirement : request.requirements) tallies_.emplace_back(requirement);
    if (!tallies_.empty()) return;
    tallies_.emplace_back(Requirement{.days = {request.start, CivilDay::Max()},
                                      .frequencies = request.frequencies,
                                      .last_session = request.last_session,
                                      .counts = {},
                                      .moved = {}});
  }

  SeriesPlan Run() {
    TakeOthersBefore(request_.start);
    while (const std::optional<Choice> next = Earliest()) {
      if (next_other_ < request_.others.size() && request_.others[next_other_] <= next->day) {
        // A session that there is anyhow may do for it.
        Take(request_.others[next_other_++]);
      } else if (next->day < request_.end) {
        plan_.days.push_back(next->day);
        Take(next->day);
      } else {
        GiveUp(*next->tally);
      }
    }
    std::sort(plan_.unmet.begin(), plan_.unmet.end());
    plan_.unmet.erase(std::unique(plan_.unmet.begin(), plan_.unmet.end()), plan_.unmet.end());
    return std::move(plan_);
  }

 private:
  struct Choice {
    Tally* tally;
    // The end of the series: there is none.
    CivilDay day;
  };

  // Of the days that the requirements would choose for themselves the first: it skips no day that another one
  // needs. Nothing when no more falls due within the series.
  std::optional<Choice> Earliest() {
    std::optional<Choice> earliest;
    for (Tally& tally : tallies_) {
      const Gap gap = tally.Next();
      if (gap.due >= request_.end) continue;
      const CivilDay day = DayFor(tally, gap);
      if (!earliest || day < earliest->day) earliest = {&tally, day};
    }
    return earliest;
  }

  // The last day that is in time, else the first one after.
  CivilDay DayFor(const Tally& tally, const Gap& gap) const {
    const CivilDay from = std::max(gap.from, from_);
    const auto can = [&](CivilDay day) { return request_.available(day) && tally.Closes(day); };
    CivilDay day = gap.due;
    while (day >= from && !can(day)) day = day - 1;
    if (day >= from) return day;
    for (day = std::max(gap.due + 1, from); day < request_.end && !can(day);) ++day;
    return std::min(day, request_.end);
  }

  void GiveUp(Tally& tally) {
    const Gap gap = tally.Next();
    // Moved past the end of the series, or of the rule, it is not due within them; and where no session of
    // the series would count, somebody else has to see to it.
    const bool moved_away = tally.Moved(gap.due) >= std::min(request_.end, tally.end());
    const CivilDay from = std::max(gap.from, from_);
    if (!moved_away && CountsWithin(tally, from, gap.due + 1)) plan_.unmet.push_back(gap.due);
    tally.GiveUp();
  }

  static bool CountsWithin(const Tally& tally, CivilDay from, CivilDay end) {
    // A gap that was due before the series has only its first days.
    for (CivilDay day = from; day < std::max(end, from + 1); ++day) {
      if (tally.Counts(day)) return true;
    }
    return false;
  }

  void TakeOthersBefore(CivilDay day) {
    for (; next_other_ < request_.others.size() && request_.others[next_other_] < day; ++next_other_) {
      for (Tally& tally : tallies_) tally.Take(request_.others[next_other_]);
    }
  }

  void Take(CivilDay day) {
    for (Tally& tally : tallies_) {
      const CivilDay due = tally.Next().due;
      if (tally.Closes(day) && due < day && tally.Moved(due) < day) plan_.unmet.push_back(due);
      tally.Take(day);
    }
    from_ = std::max(from_, day + 1);
  }

  const SeriesRequest& request_;
  std::vector<Tally> tallies_;
  size_t next_other_ = 0;
  // The first day that may still be taken.
  CivilDay from_;
  SeriesPlan plan_;
};

}  // namespace

void Check(const SeriesRequest& request, std::vector<FieldViolation>& violations) {
  // Longer series could not be kept up to date, and take long to plan.
  if (request.end > AddMonths(request.start, 24)) {
    violations.push_back({"end_date", "must be at most 24 months after start_date"});
  }
  if (!request.frequencies.empty() && request.frequencies.front().start > request.start) {
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

SeriesPlan PlanSeries(const SeriesRequest& request) { return Planning(request).Run(); }

}  // namespace oversight::supervision
