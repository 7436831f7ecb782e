#include <algorithm>
#include <tuple>

#include "services/compliance/facts/record_oracle.h"

// Which of all things asked speaks for the rule.
namespace oversight::compliance::testing {

using engine::Status;

Status RecordOracle::StatusOf(const Item& item, CivilDay as_of) const {
  const bool has_due = item.due != CivilDay::Max();
  const int notice = rule_.has_notice_days()                ? rule_.notice_days()
                     : has_due && item.due - item.base <= 7 ? 2
                                                            : 7;
  if (item.settled != Status::kPending) return item.settled;
  const bool near = has_due && item.due - notice <= as_of;
  if (item.holds) return near ? Status::kDueSoon : Status::kMet;
  if (item.done && *item.done <= as_of) {
    if (item.in_doubt) return Status::kUnknown;
    return item.in_time.value_or(*item.done <= item.due) ? Status::kMet : Status::kLate;
  }
  if (has_due && as_of > item.due) return item.final ? Status::kBreached : Status::kOverdue;
  return near ? Status::kDueSoon : Status::kPending;
}

std::optional<RecordVerdict> RecordOracle::Judge(const std::string& name, CivilDay as_of) const {
  const At subject{name, Find(name), nullptr};
  if (subject.message == nullptr) return std::nullopt;
  std::vector<Item> items;
  if (rule_.has_standing()) {
    const v1::StandingObligation& s = rule_.standing();
    items =
        Standing(subject, s.must(), s.on(), s.can_be_mended(), s.has_grace() ? &s.grace() : nullptr, as_of);
  }
  if (rule_.has_deadline()) items = Deadlines(subject);
  if (rule_.has_calendar_month()) items = Months(subject, as_of);
  if (rule_.has_follow_up()) items = FollowUps(subject);
  if (rule_.has_coverage()) items = Coverages(subject);
  if (rule_.has_sequence()) items = Sequences(subject);
  if (rule_.has_minimum()) items = Minimums(subject, as_of);
  if ((rule_.has_calendar_month() || rule_.has_minimum()) && !InScope(subject, as_of, true))
    return std::nullopt;
  std::erase_if(items, [&](const Item& item) { return item.base > as_of || item.until <= as_of; });
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.base, a.waiting, a.row, a.event) < std::tie(b.base, b.waiting, b.row, b.event);
  });
  if (items.empty()) return std::nullopt;
  // The worst of a day speaks for it.
  const std::vector<Status> worst_first = {Status::kOverdue, Status::kBreached, Status::kUnknown,
                                           Status::kLate,    Status::kDueSoon,  Status::kPending,
                                           Status::kExcused, Status::kMet};
  const auto worse = [&](const Item& a, const Item& b) {
    const auto place = [&](const Item& item) {
      return std::find(worst_first.begin(), worst_first.end(), StatusOf(item, as_of));
    };
    return a.base == b.base && a.waiting == b.waiting && place(a) < place(b);
  };
  const Item* chosen = &items.back();
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    if (worse(*item, *chosen)) chosen = &*item;
  }
  const Item* oldest_open = nullptr;
  for (const Item& item : items) {
    const Status status = StatusOf(item, as_of);
    const bool undone = !item.done || *item.done > as_of || item.in_doubt;
    const bool open = undone && !item.holds &&
                      (status == Status::kPending || status == Status::kDueSoon ||
                       status == Status::kOverdue || status == Status::kUnknown);
    // What holds, but not for long, is open too: it must be renewed.
    if (open || (undone && item.holds && status == Status::kDueSoon)) {
      // A miss hides behind nothing, and what is not known only behind a miss.
      const auto graver = [&](Status s) { return s == Status::kOverdue ? 2 : s == Status::kUnknown ? 1 : 0; };
      const int by = oldest_open == nullptr ? 1 : graver(status) - graver(StatusOf(*oldest_open, as_of));
      if (by > 0 || (by == 0 && worse(item, *oldest_open))) oldest_open = &item;
    }
  }
  const bool broken_last = StatusOf(*chosen, as_of) == Status::kBreached;
  if (oldest_open != nullptr && (!broken_last || StatusOf(*oldest_open, as_of) == Status::kOverdue))
    chosen = oldest_open;
  RecordVerdict verdict{
      .status = StatusOf(*chosen, as_of), .base = chosen->base, .due = chosen->due, .row = chosen->row};
  for (const std::string& item : chosen->items) {
    const auto covered = chosen->covered_on.find(item);
    if (covered == chosen->covered_on.end() || covered->second > as_of) ++verdict.lacking;
  }
  return verdict;
}

}  // namespace oversight::compliance::testing
