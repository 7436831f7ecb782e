#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

std::vector<RecordOracle::Item> RecordOracle::Minimums(const At& subject, CivilDay as_of) const {
  const v1::MinimumObligation& minimum = rule_.minimum();
  v1::Condition kept;
  *kept.add_measure() = minimum.measure();
  if (minimum.has_on()) return Standing(subject, kept, minimum.on(), false, nullptr, as_of);
  if (minimum.has_every_day()) return Standing(subject, kept, "", false, nullptr, as_of);
  std::vector<Item> items;
  if (minimum.has_by()) {
    std::optional<CivilDay> begin;
    for (CivilDay day = first_; day < horizon_ && !begin; ++day) {
      if (InScope(subject, day, true)) begin = day;
    }
    if (!begin) return items;
    Item item{.base = *begin, .due = DayAt(minimum.by(), subject).value_or(CivilDay::Max()), .final = true};
    const std::string last = minimum.by().substr(minimum.by().rfind('.') + 1);
    const bool still_runs = last == "end_date" || last == "last_date" || last == "completed_date";
    if (item.due == CivilDay::Max() && !still_runs) item.settled = Status::kUnknown;
    std::optional<CivilDay> perhaps;
    for (CivilDay day = *begin; day < horizon_ && !item.done; ++day) {
      if (Holds(kept, subject, day, false)) item.done = day;
      if (!perhaps && Holds(kept, subject, day, true)) perhaps = day;
    }
    if (perhaps && *perhaps <= item.due && (!item.done || *item.done > item.due)) {
      item.done = perhaps;
      item.in_doubt = true;
    }
    return {item};
  }
  const v1::Measure& measure = minimum.measure();
  for (CivilDay first = FirstOfMonth(first_); first <= as_of; first = AddMonths(first, 1)) {
    const int says = MonthSays(subject, first);
    if (says == 0) continue;
    Item item{.base = first, .due = AddMonths(first, 1) - 1, .final = true};
    std::map<CivilDay, double> by_day;
    bool open = false;
    bool nowhere = false;
    double sum = 0;
    for (const At& record : RecordsOf(measure.records().of(), measure.records().via(),
                                      measure.records().from(), subject, nowhere)) {
      const auto day = DayAt(measure.records().on(), record);
      if (!day || FirstOfMonth(*day) != first) continue;
      const auto where = [&](bool doubt) {
        return !measure.records().has_where() || Holds(measure.records().where(), record, *day, doubt);
      };
      if (!where(true)) continue;
      const auto number =
          measure.field().empty() ? std::optional<double>(1) : NumberAt(measure.field(), record);
      if (!where(false) || !number) {
        open = true;
      } else {
        by_day[*day] += *number;
      }
    }
    for (const auto& [day, number] : by_day) {
      sum += number;
      if (measure.has_at_least() && sum >= measure.at_least() && !item.done) item.done = day;
    }
    if (measure.has_at_least() && measure.at_least() <= 0) item.done = first;
    if (measure.has_at_most() && sum <= measure.at_most()) item.done = item.due;
    if (measure.has_at_most() && sum > measure.at_most()) open = false;
    if (open && !(measure.has_at_least() && item.done)) item.settled = Status::kUnknown;
    if (says == 2) item.settled = Status::kExcused;
    if (says == 3) item.settled = Status::kUnknown;
    items.push_back(item);
  }
  return items;
}

}  // namespace oversight::compliance::testing
