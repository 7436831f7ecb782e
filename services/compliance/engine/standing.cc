// Something holds every day, or on one day.

#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

Instance OnOneDay(const Subjected& s, const std::vector<Condition>& must, CivilDay day, bool can_be_mended,
                  const TimeAllowed& grace) {
  Instance instance{.base = day};
  const Asking::Answer holds = s.asking.Ask(must, s.frame(), day);
  if (holds == Asking::Answer::kYes) {
    instance.course = Instance::Course::kHolds;
  } else if (!s.InScope(day) || holds == Asking::Answer::kOpen) {
    instance.course = Instance::Course::kUnknown;
    instance.input = s.asking.MissingInput(must, s.frame())
                         .value_or(s.asking.MissingInput(s.rule().when, s.frame()).value_or(kNoInput));
  } else {
    instance = NotHeldOn(day, can_be_mended, grace, s.working_days());
  }
  return instance;
}

}  // namespace

Instance NotHeldOn(CivilDay day, bool can_be_mended, const TimeAllowed& grace,
                   const WorkingDays& working_days) {
  Instance instance{.base = day};
  if (can_be_mended) {
    instance.due = AddTime(day, grace, working_days);
  } else {
    instance.course = Instance::Course::kBroken;
  }
  return instance;
}

InstanceList StandingInstances(const Subjected& s, const std::vector<Condition>& must, const Path& on,
                               bool can_be_mended, const TimeAllowed& grace) {
  InstanceList instances;
  if (on.Given()) {
    const std::optional<CivilDay> day = s.asking.DayAt(on, s.frame());
    if (day && s.MayBeInScope(*day)) instances.push_back(OnOneDay(s, must, *day, can_be_mended, grace));
    return instances;
  }
  const Asking::BothWays kept = s.asking.DaysBothWays(must, s.frame());
  const IntervalSet held = Intersection(s.possible_scope(), kept.sure);
  const IntervalSet not_held = Difference(s.possible_scope(), held);
  const IntervalSet broken = Difference(Intersection(not_held, s.scope()), kept.possible);
  const IntervalSet unknown = Difference(not_held, broken);
  for (const Period& days : held.periods()) {
    Instance instance{.base = days.start, .until = days.end, .course = Instance::Course::kHolds};
    // Known to end while still asked for: to be renewed by then.
    if (s.InScope(days.end)) instance.due = days.end - 1;
    instances.push_back(instance);
  }
  for (const Period& days : broken.periods()) {
    Instance instance{.base = days.start, .until = days.end};
    instance.due = grace.count == 0 ? days.start - 1 : AddTime(days.start, grace, s.working_days());
    if (held.Contains(days.end)) instance.done = days.end;
    instances.push_back(instance);
  }
  for (const Period& days : unknown.periods()) {
    Instance instance{.base = days.start, .until = days.end, .course = Instance::Course::kUnknown};
    instance.input = s.asking.MissingInput(must, s.frame())
                         .value_or(s.asking.MissingInput(s.rule().when, s.frame()).value_or(kNoInput));
    instances.push_back(instance);
  }
  return instances;
}

}  // namespace oversight::engine
