#include "services/compliance/engine/deadline_step.h"

namespace oversight::engine {
namespace {

constexpr int64_t kMicrosecondsAnHour = int64_t{3600} * 1000 * 1000;

// The limit lies `after` microseconds after `from`, wherever on its day that was.
Instance::Timing TimingOf(const Moment& done, const Moment& from, int64_t after) {
  using Timing = Instance::Timing;
  if (!done.timed && !from.timed && after == -1) {
    // Days alone: of one day it is open which was first.
    return done.day < from.day ? Timing::kInTime : done.day > from.day ? Timing::kLate : Timing::kInDoubt;
  }
  if (done.Latest() <= from.Earliest() + after) return Timing::kInTime;
  return done.Earliest() > from.Latest() + after ? Timing::kLate : Timing::kInDoubt;
}

}  // namespace

TimeAllowed Stricter(CivilDay day, const TimeAllowed& time, const TimeAllowed& stricter,
                     const WorkingDays& working_days) {
  if (stricter.unit == TimeAllowed::Unit::kHours) return stricter;
  return AddTime(day, stricter, working_days) < AddTime(day, time, working_days) ? stricter : time;
}

CivilDay LastInTime(const DeadlineStep& step, const Moment& trigger, const TimeAllowed& time, CivilDay until,
                    const WorkingDays& working_days) {
  if (step.limit == DeadlineStep::Limit::kWithin) {
    if (time.unit != TimeAllowed::Unit::kHours) return AddTime(trigger.day, time, working_days);
    const int64_t latest = trigger.Latest() + time.count * kMicrosecondsAnHour;
    return CivilDay::Of(absl::FromUnixMicros(latest));
  }
  if (until == CivilDay::Max()) return until;
  if (step.limit == DeadlineStep::Limit::kBefore) return until;
  if (step.limit == DeadlineStep::Limit::kBy) return AddTime(until, time, working_days);
  return AddTime(trigger.day + (until - trigger.day) / 2, time, working_days);
}

void SetDone(const DeadlineStep& step, const Moment& trigger, const TimeAllowed& time, const Moment& done,
             const Moment* until, Instance& instance) {
  instance.done = done.day;
  if (step.limit == DeadlineStep::Limit::kBefore) {
    // Before it began: the last instant in time is the one before.
    if (until != nullptr) instance.timing = TimingOf(done, *until, -1);
  } else if (step.limit == DeadlineStep::Limit::kWithin && time.unit == TimeAllowed::Unit::kHours) {
    if (done.day == trigger.day) return;
    instance.timing = TimingOf(done, trigger, time.count * kMicrosecondsAnHour);
  }
  if (instance.timing != Instance::Timing::kInDoubt) return;
  const Moment& from = step.limit == DeadlineStep::Limit::kBefore ? *until : trigger;
  instance.input = from.timed ? step.done_input : step.limit_input;
}

}  // namespace oversight::engine
