// Something is done within so long after its trigger.

#include <algorithm>

#include "services/compliance/engine/deadline_step.h"
#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

constexpr int kHoursADay = 24;

std::optional<Moment> MomentOf(const Asking& asking, const Path& day_path, const Path& time_path,
                               const Frame& frame) {
  for (const Path* path : {&time_path, &day_path}) {
    if (const std::optional<int64_t> instant = asking.InstantAt(*path, frame)) {
      return Moment{CivilDay::Of(absl::FromUnixMicros(*instant)), true, *instant};
    }
  }
  if (!day_path.Given()) return std::nullopt;
  const std::optional<CivilDay> day = asking.DayAt(day_path, frame);
  if (!day) return std::nullopt;
  return Moment{*day};
}

struct Trigger {
  Moment moment;
  Frame frame;
  uint32_t event = kNobody;
  // It is open whether it is one; it ends here.
  bool doubtful = false;
  CivilDay until = CivilDay::Max();
};

class StepJudge {
 public:
  StepJudge(const Subjected& s, const Deadline& deadline, size_t step)
      : s_(s), deadline_(deadline), step_(deadline.steps[step]), row_(static_cast<int16_t>(step)) {}

  void Run(InstanceList& instances) {
    const Frame subject = s_.frame();
    if (step_.each) {
      for (const Asking::Occurrence& o : s_.asking.Occurrences(*step_.each, subject)) {
        const Frame frame{step_.each->of, o.row, &subject};
        const std::optional<int64_t> instant = s_.asking.InstantAt(step_.trigger_time, frame);
        Consider({{o.day, instant.has_value(), instant.value_or(0)}, frame, o.row, o.doubtful}, instances);
      }
    } else if (!step_.start_of.empty()) {
      const Asking::BothWays holds = s_.asking.DaysBothWays(step_.start_of, subject);
      const IntervalSet sure = Intersection(s_.scope(), holds.sure);
      const IntervalSet possible = Intersection(s_.possible_scope(), holds.possible);
      for (const Period& days : sure.periods()) Consider({{days.start}, subject}, instances);
      const IntervalSet doubtful = Difference(possible, sure);
      for (const Period& days : doubtful.periods()) {
        Consider({{days.start}, subject, kNobody, true, days.end}, instances);
      }
    } else if (const auto moment = MomentOf(s_.asking, step_.on, step_.trigger_time, subject)) {
      Consider({*moment, subject}, instances);
    }
  }

 private:
  void Consider(Trigger trigger, InstanceList& instances) {
    const CivilDay day = trigger.moment.day;
    const Asking::Answer holds = s_.asking.Ask(step_.when, trigger.frame, day);
    if (holds == Asking::Answer::kNo || !s_.MayBeInScope(day)) return;
    if (holds == Asking::Answer::kOpen || !s_.InScope(day)) trigger.doubtful = true;
    Instance instance{.base = day, .until = trigger.until, .event = trigger.event, .row = row_};
    instance.final = deadline_.final;
    const TimeAllowed time = TimeFor(trigger);
    std::optional<CivilDay> until;
    if (step_.limit != DeadlineStep::Limit::kWithin) until = s_.asking.DayAt(step_.until, trigger.frame);
    instance.due =
        LastInTime(step_, trigger.moment, time, until.value_or(CivilDay::Max()), s_.working_days());
    FindDone(trigger, time, instance);
    if (trigger.doubtful) {
      instance.course = Instance::Course::kUnknown;
      instance.input = s_.asking.MissingInput(s_.rule().when, s_.frame()).value_or(MissingOf(trigger));
    }
    instances.push_back(instance);
  }

  uint16_t MissingOf(const Trigger& trigger) const {
    std::optional<uint16_t> first = s_.asking.MissingInput(step_.when, trigger.frame);
    const auto consider = [&](std::optional<uint16_t> input) {
      if (input && (!first || *input < *first)) first = input;
    };
    for (const DeadlineStep::Stricter& stricter : step_.stricter) {
      consider(s_.asking.MissingInput(stricter.when, trigger.frame));
    }
    consider(s_.asking.MissingInput(step_.start_of, trigger.frame));
    if (step_.each) consider(s_.asking.MissingInput(step_.each->where, trigger.frame));
    return first.value_or(kNoInput);
  }

  TimeAllowed TimeFor(Trigger& trigger) const {
    TimeAllowed time = step_.time;
    const CivilDay day = trigger.moment.day;
    for (const DeadlineStep::Stricter& stricter : step_.stricter) {
      const Asking::Answer holds = s_.asking.Ask(stricter.when, trigger.frame, day);
      if (holds == Asking::Answer::kYes) time = Stricter(day, time, stricter.time, s_.working_days());
      if (holds == Asking::Answer::kOpen) trigger.doubtful = true;
    }
    return time;
  }

  void FindDone(const Trigger& trigger, const TimeAllowed& time, Instance& instance) const {
    if (!step_.done.empty()) {
      const Period from_trigger{trigger.moment.day, CivilDay::Max()};
      const auto first = [&](const IntervalSet& done) {
        const IntervalSet days = Intersection(IntervalSet(from_trigger), done);
        return days.Empty() ? CivilDay::Max() : days.periods().front().start;
      };
      const Asking::BothWays done = s_.asking.DaysBothWays(step_.done, trigger.frame);
      instance.done = first(done.sure);
      const CivilDay perhaps = first(done.possible);
      if (perhaps < instance.done) {
        // Open from the day on which it may have been done; certain again once it was done in time.
        if (perhaps <= instance.due && (instance.done == CivilDay::Max() || instance.done > instance.due)) {
          instance.done = perhaps;
          instance.timing = Instance::Timing::kInDoubt;
          instance.input = s_.asking.MissingInput(step_.done, trigger.frame).value_or(kNoInput);
        }
      }
      return;
    }
    const std::optional<Moment> done = MomentOf(s_.asking, step_.done_on, step_.done_time, trigger.frame);
    if (!done) return;
    std::optional<Moment> until;
    if (step_.limit == DeadlineStep::Limit::kBefore)
      until = MomentOf(s_.asking, step_.until, step_.until_time, trigger.frame);
    SetDone(step_, trigger.moment, time, *done, until ? &*until : nullptr, instance);
  }

  const Subjected& s_;
  const Deadline& deadline_;
  const DeadlineStep& step_;
  const int16_t row_;
};

}  // namespace

CivilDay AddTime(CivilDay day, const TimeAllowed& time, const WorkingDays& working_days) {
  switch (time.unit) {
    case TimeAllowed::Unit::kHours:
      return day + (time.count + kHoursADay - 1) / kHoursADay;
    case TimeAllowed::Unit::kDays:
      return day + time.count;
    case TimeAllowed::Unit::kWorkingDays:
      return working_days.AddWorkingDays(day, time.count);
    case TimeAllowed::Unit::kMonths:
      return AddMonths(day, time.count);
  }
  return day;
}

InstanceList DeadlineInstances(const Subjected& s, const Deadline& deadline) {
  InstanceList instances;
  for (size_t step = 0; step < deadline.steps.size(); ++step) StepJudge(s, deadline, step).Run(instances);
  return instances;
}

}  // namespace oversight::engine
