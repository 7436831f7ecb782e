#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

std::vector<RecordOracle::Item> RecordOracle::Sequences(const At& subject) const {
  const v1::SequenceObligation& sequence = rule_.sequence();
  std::map<std::pair<CivilDay, std::string>, At> series;
  bool nowhere = false;
  for (const At& record :
       RecordsOf(sequence.each().of(), sequence.each().via(), sequence.each().from(), subject, nowhere)) {
    const auto day = DayAt(sequence.each().on(), record);
    if (day && (!sequence.each().has_where() || Holds(sequence.each().where(), record, *day, true))) {
      series[{*day, record.name}] = record;
    }
  }
  std::vector<Item> items;
  int position = 0;
  CivilDay day = first_;
  for (const auto& [day_and_name, of_series] : series) {
    const auto& key = day_and_name;
    const At& record = of_series;
    if (key.first < first_) continue;
    // Counted anew once the rule has not applied for a day.
    for (; day <= key.first; ++day) {
      if (!InScope(subject, day, true)) position = 0;
    }
    if (!InScope(subject, key.first, true)) continue;
    ++position;
    const bool sure =
        InScope(subject, key.first, false) &&
        (!sequence.each().has_where() || Holds(sequence.each().where(), record, key.first, false));
    for (int s = 0; s < sequence.steps_size(); ++s) {
      const v1::SequenceStep& step = sequence.steps(s);
      bool asked = position == step.first();
      for (int p = step.first(); step.every() > 0 && p <= position; p += step.every())
        asked = asked || p == position;
      if (!asked) continue;
      Item item{.base = key.first, .row = s, .event = record.name};
      const auto must = [&](bool doubt) {
        return !step.has_must() || Holds(step.must(), record, key.first, doubt);
      };
      item.holds = must(false);
      if (!item.holds) item.settled = !sure || must(true) ? Status::kUnknown : Status::kBreached;
      items.push_back(item);
    }
  }
  return items;
}

}  // namespace oversight::compliance::testing
