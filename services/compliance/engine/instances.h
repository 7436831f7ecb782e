#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/interval_set.h"
#include "services/compliance/engine/short_list.h"
#include "services/compliance/engine/timeline.h"

namespace oversight::engine {

// One thing that a rule asks of one subject: a deadline that was triggered, a month, a stretch of days, a
// session that had to cover something. Says once and for all what is known of it; how it stands on a day
// follows.
struct Instance {
  enum class Course : uint8_t {
    // It is to be done by `due`; `done` says when it was.
    kToDo,
    // It holds, until `until`; `due` is the last day on which it does when that is known.
    kHolds,
    // Broken on `base` for good.
    kBroken,
    kExcused,
    kUnknown,
  };
  CivilDay base;  // with its row and event, where a rule has several of one day, identifies it
  // From when, and until when it is spoken of, half-open; a deadline outlives everything.
  CivilDay until = CivilDay::Max();
  CivilDay due = CivilDay::Max();
  CivilDay done = CivilDay::Max();
  uint32_t event = UINT32_MAX;          // the record it rests on
  uint32_t closing_event = UINT32_MAX;  // the record by which it was done
  int16_t row = -1;
  uint16_t input = kNoInput;  // what is missing, of Rule::inputs
  uint32_t lacking = 0;       // how many items are not covered
  Course course = Course::kToDo;
  // Past due and not done it is broken for good.
  bool final = false;
  // It waits for the next instance to come: nothing that history tells of.
  bool waiting = false;
  // Whether it was done in time: the days say it, or the times of day do, or it is open.
  enum class Timing : uint8_t { kByDay, kInTime, kLate, kInDoubt } timing = Timing::kByDay;
};

// Few for most subjects, so that they need no memory of their own.
using InstanceList = ShortList<Instance, 2>;

// What the kinds of obligation look at to find their instances. What is not asked is not made.
class Subjected {
 public:
  // `timeless`: Rule::when says the same on every day.
  Subjected(const Asking& asking_of, Subject about, Period days, bool timeless)
      : asking(asking_of), subject(about), window(days), timeless_(timeless) {}

  const Asking& asking;
  const Subject subject;
  // The days on which findings can be.
  const Period window;

  // Where the rule applies, and where it may.
  const IntervalSet& scope() const { return Scope().sure; }
  const IntervalSet& possible_scope() const { return Scope().possible; }
  bool InScope(CivilDay day) const { return ScopeHas(day, false); }
  bool MayBeInScope(CivilDay day) const { return ScopeHas(day, true); }
  // Known, soon, to be in scope on no day.
  bool NeverInScope() const;
  // Of a worker; none for others.
  const AbsenceCalendar& absences() const;

  const Rule& rule() const { return asking.rule(); }
  const AuthorityFacts& facts() const { return asking.facts(); }
  const WorkingDays& working_days() const { return asking.working_days(); }
  Frame frame() const { return {subject.kind, subject.index}; }

 private:
  bool SubjectIsThere(CivilDay day) const;
  // Of a timeless one.
  bool WhenHolds(bool doubt) const;
  bool ScopeHas(CivilDay day, bool doubt) const;
  const Asking::BothWays& Scope() const;

  const bool timeless_;
  mutable std::optional<bool> when_holds_[2];
  mutable std::optional<Asking::BothWays> scope_;
  mutable std::optional<AbsenceCalendar> absences_;
};

// All instances that are settled by facts or that a question as of `as_of` can see, in no particular order;
// later ones may be among them. Instances over before the last event may be left out unless `all`.
// Of what must hold every day, or on the day of `on` where that is given; see Standing.
InstanceList StandingInstances(const Subjected& s, const std::vector<Condition>& must, const Path& on,
                               bool can_be_mended = false, const TimeAllowed& grace = {});
InstanceList DeadlineInstances(const Subjected& s, const Deadline& deadline);
InstanceList MonthInstances(const Subjected& s, const CalendarMonth& month, CivilDay as_of, bool all);
InstanceList FollowUpInstances(const Subjected& s, const FollowUp& follow_up);
InstanceList CoverageInstances(const Subjected& s, const Coverage& coverage, CivilDay as_of, bool all);
InstanceList SequenceInstances(const Subjected& s, const Sequence& sequence);
InstanceList MinimumInstances(const Subjected& s, const Minimum& minimum, CivilDay as_of);

// What must hold on its one day, and does not.
Instance NotHeldOn(CivilDay day, bool can_be_mended, const TimeAllowed& grace,
                   const WorkingDays& working_days);

// The cases that a session of the worker on `instance.base` had to cover and that, as of a day, it does not.
std::vector<uint32_t> NotCovered(const Subjected& s, const Coverage& coverage, const Instance& instance,
                                 CivilDay as_of);

// The last day in time of so much time after a day; of hours the last day that may be in time.
CivilDay AddTime(CivilDay day, const TimeAllowed& time, const WorkingDays& working_days);

// A calendar month and whether it counts for a subject (design section 5).
struct CountedMonth {
  CivilDay first;
  CivilDay end;  // the next month's first day
  enum class Says : uint8_t { kOut, kCounts, kExcused, kUnknown } says = Says::kOut;
  CivilDay last_in_scope;
};
CountedMonth JudgeMonth(const Subjected& s, CivilDay first, int wanted_days, uint16_t working_pattern);

}  // namespace oversight::engine
