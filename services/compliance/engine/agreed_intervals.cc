#include "services/compliance/engine/agreed_intervals.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace oversight::engine {
namespace {

// What a record asks for; of none a count of 0.
Interval AskedBy(const Asking& asking, const IntervalOfRecords& wanted, const Frame& record) {
  const auto number = [&](const Path& path) {
    return path.Given() ? static_cast<int>(asking.NumberAt(path, record).value_or(0)) : 0;
  };
  if (const int days = number(wanted.days); days > 0) return Interval::Days(days);
  if (const int months = number(wanted.months); months > 0) return Interval::Months(months);
  return {};
}

}  // namespace

AgreedIntervals::AgreedIntervals(const Asking& asking, const IntervalOfRecords& wanted,
                                 const Frame& subject) {
  std::vector<Period> all;
  asking.ForEachRecord(wanted.records, subject, [&](uint32_t row) {
    const Frame record{wanted.records.of, row, &subject};
    const Interval every = AskedBy(asking, wanted, record);
    if (every.count == 0) return;
    const IntervalSet days = asking.RecordDays(wanted.records, record, false);
    for (const Period& period : days.periods()) {
      asked_.push_back({period, every});
      all.push_back(period);
    }
  });
  days_ = IntervalSet(std::move(all));
}

Interval AgreedIntervals::On(CivilDay day) const {
  // Compared from the day on which the last of them began to be asked for, and not earlier than is sensible.
  CivilDay together(1900, 1, 1);
  for (const Asked& asked : asked_) {
    if (asked.days.Contains(day)) together = std::max(together, asked.days.start);
  }
  Interval shortest;
  for (const Asked& asked : asked_) {
    if (!asked.days.Contains(day)) continue;
    const CivilDay reach = AddInterval(together, asked.every);
    const CivilDay before = AddInterval(together, shortest);
    // Of two that lead to one day always the same one, whichever record came first.
    if (shortest.count == 0 || reach < before || (reach == before && asked.every.unit < shortest.unit))
      shortest = asked.every;
  }
  return shortest;
}

void AgreedIntervals::ForEachChange(absl::FunctionRef<void(CivilDay)> visit) const {
  for (const Asked& asked : asked_) {
    visit(asked.days.start);
    visit(asked.days.end);
  }
}

bool AreRivals(Interval a, Interval b) {
  if (a.unit == b.unit) return false;
  if (a.unit == Interval::Unit::kMonths) std::swap(a, b);
  // A month has 28 to 31 days.
  return a.count >= 28 * b.count && a.count <= 31 * b.count;
}

}  // namespace oversight::engine
