#pragma once

#include <cstdint>
#include <vector>

#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/interval_set.h"
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
  CivilDay base;  // identifies it
  // From when, and until when it is spoken of, half-open; a deadline outlives everything.
  CivilDay until = CivilDay::Max();
  CivilDay due = CivilDay::Max();
  CivilDay done = CivilDay::Max();
  uint32_t event = UINT32_MAX;          // the record it rests on
  uint32_t closing_event = UINT32_MAX;  // the record by which it was done
  int16_t row = -1;
  uint16_t input = 0;    // what is missing, of Rule::inputs
  uint32_t lacking = 0;  // how many items are not covered
  Course course = Course::kToDo;
  // Past due and not done it is broken for good.
  bool final = false;
  // It waits for the next instance to come: nothing that history tells of.
  bool waiting = false;
  // Whether it was done in time: the days say it, or the times of day do, or it is open.
  enum class Timing : uint8_t { kByDay, kInTime, kLate, kInDoubt } timing = Timing::kByDay;
};

// What the kinds of obligation look at to find their instances.
struct Subjected {
  const Asking& asking;
  const Subject subject;
  // The days on which findings can be.
  Period window;
  // Where the rule applies, and where it may.
  IntervalSet scope;
  IntervalSet possible_scope;
  // Of a worker.
  AbsenceCalendar absences;

  const Rule& rule() const { return asking.rule(); }
  const AuthorityFacts& facts() const { return asking.facts(); }
  const WorkingDays& working_days() const { return asking.working_days(); }
  Frame frame() const { return {subject.kind, subject.index}; }
};

// All instances that are settled by facts or that a question as of `as_of` can see, in no particular order;
// later ones may be among them. Instances over before the last event may be left out unless `all`.
std::vector<Instance> StandingInstances(const Subjected& s, const Standing& standing);
std::vector<Instance> DeadlineInstances(const Subjected& s, const Deadline& deadline);
std::vector<Instance> MonthInstances(const Subjected& s, const CalendarMonth& month, CivilDay as_of,
                                     bool all);
std::vector<Instance> FollowUpInstances(const Subjected& s, const FollowUp& follow_up);
std::vector<Instance> CoverageInstances(const Subjected& s, const Coverage& coverage);
std::vector<Instance> SequenceInstances(const Subjected& s, const Sequence& sequence);
std::vector<Instance> MinimumInstances(const Subjected& s, const Minimum& minimum, CivilDay as_of);

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
