// A measure reaches its bound: on a day, every day, by a day, or in every calendar month.

#include <algorithm>

#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

// The measure of one month's records only.
Instance InMonth(const Subjected& s, const Measure& measure, const CountedMonth& month) {
  Instance instance{.base = month.first, .due = month.end - 1};
  const bool at_least = measure.bound == Measure::Bound::kAtLeast;
  const Frame subject = s.frame();
  struct Part {
    CivilDay day;
    double number;
    uint32_t row;
  };
  std::vector<Part> parts;
  bool open = false;
  s.asking.ForEachRecord(*measure.records, subject, [&](uint32_t row) {
    const Frame record{measure.records->of, row, &subject};
    const std::optional<CivilDay> day = s.asking.DayAt(measure.records->on, record);
    if (!day || *day < month.first || *day >= month.end) return;
    const bool sure = s.asking.HoldsOn(measure.records->where, record, *day, false);
    if (!sure && !s.asking.HoldsOn(measure.records->where, record, *day, true)) return;
    const std::optional<double> number =
        measure.field.Given() ? s.asking.NumberAt(measure.field, record) : std::optional<double>(1);
    if (!sure || !number) {
      open = true;
      instance.input = s.asking.MissingInput(measure.records->where, record).value_or(measure.input);
      return;
    }
    parts.push_back({*day, *number, row});
  });
  std::sort(parts.begin(), parts.end(), [&](const Part& a, const Part& b) {
    return a.day != b.day ? a.day < b.day : s.facts().NamedBefore(measure.records->of, a.row, b.row);
  });
  double sum = 0;
  bool reached = false;
  for (const Part& part : parts) {
    sum += part.number;
    if (!reached && at_least && sum >= measure.number) {
      reached = true;
      instance.done = part.day;
      instance.closing_event = part.row;
    }
  }
  if (at_least && measure.number <= 0) {
    reached = true;
    instance.done = month.first;
  }
  if (!at_least) {
    // Kept at the month's end unless there was too much.
    if (sum <= measure.number)
      instance.done = instance.due;
    else
      open = false;
  }
  if (open && !(at_least && reached)) instance.course = Instance::Course::kUnknown;
  instance.final = true;
  return instance;
}

Instance ByDay(const Subjected& s, const Minimum& minimum, CivilDay by) {
  const CivilDay begin = s.possible_scope().periods().front().start;
  Instance instance{.base = begin, .due = by};
  instance.final = true;
  const Period days{begin, CivilDay::Max()};
  const auto first = [&](const IntervalSet& reached) {
    const IntervalSet kept = Intersection(IntervalSet(days), reached);
    return kept.Empty() ? CivilDay::Max() : kept.periods().front().start;
  };
  const Asking::BothWays reached = s.asking.DaysBothWays(minimum.measure, s.frame());
  instance.done = first(reached.sure);
  const CivilDay perhaps = first(reached.possible);
  if (perhaps <= by && perhaps < instance.done && (instance.done == CivilDay::Max() || instance.done > by)) {
    instance.done = perhaps;
    instance.timing = Instance::Timing::kInDoubt;
    instance.input = s.asking.MissingInput(minimum.measure, s.frame()).value_or(kNoInput);
  }
  return instance;
}

}  // namespace

InstanceList MinimumInstances(const Subjected& s, const Minimum& minimum, CivilDay as_of) {
  InstanceList instances;
  if (s.possible_scope().Empty()) return instances;
  switch (minimum.judged) {
    case Minimum::Judged::kOn:
      return StandingInstances(s, minimum.measure, minimum.day);
    case Minimum::Judged::kEveryDay:
      return StandingInstances(s, minimum.measure, Path{});
    case Minimum::Judged::kBy: {
      const std::optional<CivilDay> by = s.asking.DayAt(minimum.day, s.frame());
      Instance instance = ByDay(s, minimum, by.value_or(CivilDay::Max()));
      if (!by && minimum.day_input != kNoInput) {
        instance.course = Instance::Course::kUnknown;
        instance.input = minimum.day_input;
      }
      instances.push_back(instance);
      return instances;
    }
    case Minimum::Judged::kEachMonth:
      break;
  }
  const Measure& measure = minimum.measure.front().measures.front();
  const CivilDay end = AddMonths(FirstOfMonth(as_of), 2);
  constexpr int kWantedDays = 5;
  for (CivilDay first = FirstOfMonth(s.possible_scope().periods().front().start); first < end;
       first = AddMonths(first, 1)) {
    const CountedMonth month = JudgeMonth(s, first, kWantedDays, kNoColumn);
    if (month.says == CountedMonth::Says::kOut) continue;
    Instance instance = InMonth(s, measure, month);
    if (month.says == CountedMonth::Says::kExcused) instance.course = Instance::Course::kExcused;
    if (month.says == CountedMonth::Says::kUnknown) {
      instance.course = Instance::Course::kUnknown;
      instance.input = s.asking.MissingInput(s.rule().when, s.frame()).value_or(kNoInput);
    }
    instances.push_back(instance);
  }
  return instances;
}

}  // namespace oversight::engine
