#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/events.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/instances.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/engine/timeline.h"

namespace oversight::engine {

// The statuses of a finding; the numbers equal those of the API's enum.
enum class Status : uint8_t {
  kMet = 1,
  kPending = 2,
  kDueSoon = 3,
  kOverdue = 4,
  kLate = 5,
  kBreached = 6,
  kExcused = 7,
  kUnknown = 8,
};

// For example `OVERDUE`.
absl::string_view StatusName(Status status);

// Whether one rule is kept for one subject on one day. Plain data, 40 bytes; texts come from Explain.
struct Finding {
  static constexpr uint32_t kNoEvent = UINT32_MAX;

  Status status = Status::kPending;
  // Why the gap runs from `base`: kEvent, or what began on that day.
  BaseReason base_reason = BaseReason::kRuleApplies;
  // What is missing when UNKNOWN.
  Missing missing = Missing::kNothing;
  // Of a recurring obligation with a clock for each value (RecordEvent::values): the value.
  int8_t clock = kOneClock;
  // The governing row of Rule::rows; when UNKNOWN the row that cannot be decided or that names the missing
  // input.
  int16_t row = -1;
  // Of Rule::inputs, when one of them is missing; or what stands in place of one.
  uint16_t input = 0;
  // The day of the instance: from which a gap runs, of a trigger or session, a month's first day, from which
  // it has held or has not. Which of that day it is says WhichOfItsDay.
  CivilDay base;
  // The record on `base` by which the gap runs or on which the instance rests, of kind EventKindOf.
  uint32_t event = kNoEvent;
  // The last day in time; Max() when nothing is due, or an absence without end keeps it open.
  CivilDay due = CivilDay::Max();
  // The same before absences and working days moved it.
  CivilDay unadjusted_due = CivilDay::Max();
  // First day of the notice period; Max() when nothing is due.
  CivilDay notice_from = CivilDay::Max();
  // Days past due on which the worker was not absent.
  int32_t days_overdue = 0;
  // How many cases a session did not cover.
  uint32_t lacking = 0;
  // The earliest later day on which this may differ although no fact changes: never too late, perhaps too
  // early. Covers also the subject's team and the case's holder. Max(): never.
  CivilDay next_change = CivilDay::Max();

  friend bool operator==(const Finding&, const Finding&) = default;
};

// How a gap ended.
enum class Outcome : uint8_t {
  kOpen,
  kMet,
  kLate,
  // Closed in time as far as is known, but on some day an input was missing.
  kUnknown,
  // The rule stopped applying before the gap was closed; `days_overdue` says whether it was missed by then.
  kLapsed,
  // Broken, and could not be put right.
  kBroken,
  // Absence excused it.
  kExcused,
};

// One gap of a subject's history.
struct Gap {
  Outcome outcome = Outcome::kOpen;
  BaseReason base_reason = BaseReason::kRuleApplies;
  int8_t clock = kOneClock;
  CivilDay base;
  uint32_t event = Finding::kNoEvent;  // on `base`
  // The step or line it is about; -1 of a recurring obligation.
  int16_t row = -1;
  // As it stood when the gap ended; of an open gap, as it stands.
  CivilDay due = CivilDay::Max();
  CivilDay unadjusted_due = CivilDay::Max();
  // The day of the event that closed it, or the first day on which the rule no longer applied. Max(): open.
  CivilDay closed = CivilDay::Max();
  uint32_t closing_event = Finding::kNoEvent;
  // Days past due until then, the closing day included, days of absence left out.
  int32_t days_overdue = 0;

  friend bool operator==(const Gap&, const Gap&) = default;
};

// How many days a subject is past a due date as of a day, those on which a worker was absent left out.
int DaysOverdue(const AuthorityFacts& facts, const WorkingDays& working_days, Subject subject, CivilDay due,
                CivilDay as_of);

// The kind of record that the event of a finding or gap of a row numbers; kNone where they rest on none.
FactKind EventKindOf(const Rule& rule, int row);

// What tells a finding or gap from all others that its rule may ask of the same subject from the same day:
// its step, record or clock. Empty where there can be no other, and of the first step and the first clock. It
// speaks of nothing else, so it stays when more comes to begin on that day.
std::string WhichOfItsDay(const Rule& rule, const AuthorityFacts& facts, const Finding& finding);
std::string WhichOfItsDay(const Rule& rule, const AuthorityFacts& facts, const Gap& gap);

// Whether two findings or gaps of one rule and subject are about the same thing.
template <typename One, typename Other>
bool SameThing(const Rule& rule, const AuthorityFacts& facts, const One& one, const Other& other) {
  return one.base == other.base && WhichOfItsDay(rule, facts, one) == WhichOfItsDay(rule, facts, other);
}

// Judges one rule of one authority. Pure: no clock, no I/O; the same facts and day give the same answer.
// Cheap to make; refers to its rule and calendar, which must outlive it. Safe to share between threads.
class Evaluator {
 public:
  Evaluator(const Rule& rule, Assignment assignment, const WorkingDays& working_days);

  const Rule& rule() const { return rule_; }
  const Assignment& assignment() const { return assignment_; }
  const WorkingDays& working_days() const { return working_days_; }

  // The days, rows and runs of the rule for a subject of rule().subject kind. Sessions and discussions play
  // no part in it, so it may be kept until one of the subject's other facts changes.
  Timeline MakeTimeline(const AuthorityFacts& facts, uint32_t subject) const;

  // The finding as of a day, facts of later days known but not yet happened. None when the rule does not
  // apply to the subject on that day; `next_change_if_none` (optional) then gets the first later day on which
  // it may.
  std::optional<Finding> Evaluate(const AuthorityFacts& facts, uint32_t subject, CivilDay as_of,
                                  CivilDay* next_change_if_none = nullptr) const;
  // The same with a timeline kept from before.
  std::optional<Finding> Evaluate(const AuthorityFacts& facts, uint32_t subject, const TimelineView& timeline,
                                  CivilDay as_of, CivilDay* next_change_if_none = nullptr) const;
  // The same with what the rule counts of all records of a kind, kept up to date.
  std::optional<Finding> Evaluate(const AuthorityFacts& facts, uint32_t subject, const RunningCount& running,
                                  CivilDay as_of, CivilDay* next_change_if_none = nullptr) const;

  // The same findings, sooner, for those who do not ask when they may change: next_change is not made out.
  std::optional<Finding> Verdict(const AuthorityFacts& facts, uint32_t subject, CivilDay as_of) const;
  std::optional<Finding> Verdict(const AuthorityFacts& facts, uint32_t subject, const TimelineView& timeline,
                                 CivilDay as_of) const;
  std::optional<Finding> Verdict(const AuthorityFacts& facts, uint32_t subject, const RunningCount& running,
                                 CivilDay as_of) const;

  // Visits what Verdict says of every subject that it says something of, in the order of their numbers: all
  // of them side by side take far less than one by one.
  void Sweep(const AuthorityFacts& facts, CivilDay as_of,
             absl::FunctionRef<void(uint32_t subject, const Finding& finding)> visit) const;
  // The same with timelines kept from before.
  void Sweep(const AuthorityFacts& facts, const TimelineStore& timelines, CivilDay as_of,
             absl::FunctionRef<void(uint32_t subject, const Finding& finding)> visit) const;

  // Every gap that began by `until`, oldest first, as judged on `until`.
  std::vector<Gap> History(const AuthorityFacts& facts, uint32_t subject, CivilDay until) const;

 private:
  friend class Explainer;
  friend class BlockSweep;
  // The clocks of a recurring obligation: one, or one for each value that must come up.
  using ClockList = absl::InlinedVector<int8_t, 8>;
  ClockList Clocks() const;
  std::optional<Finding> Verdict(const Asking& asking, uint32_t subject, CivilDay as_of) const;
  // Of a recurring obligation: whether any of its rows may hold on a day. Sooner than to make its timeline.
  bool MayApply(const Asking& asking, uint32_t subject, CivilDay as_of) const;
  // In the following, `next_change` may be null: then it is not made out.
  std::optional<Finding> EvaluateClocks(const Asking& asking, uint32_t subject, const TimelineView& timeline,
                                        CivilDay as_of, CivilDay* next_change) const;
  std::optional<Finding> EvaluateClock(const AuthorityFacts& facts, uint32_t subject,
                                       const TimelineView& timeline, const Events& events, CivilDay as_of,
                                       CivilDay* next_change) const;
  void AddHistory(const TimelineView& timeline, const Events& events, CivilDay until,
                  std::vector<Gap>& gaps) const;
  // The due date of a gap before absences and working days move it. Max(): nothing is due.
  CivilDay DueDate(const TimelineView& timeline, const Run& run, CivilDay base) const;
  CivilDay Moved(const TimelineView& timeline, CivilDay due) const;
  bool IsUnknownOn(const TimelineView& timeline, const Run& run, CivilDay due, CivilDay as_of) const;
  CivilDay NextChange(const AuthorityFacts& facts, uint32_t subject, const TimelineView& timeline,
                      const Events& events, CivilDay as_of, const Finding* finding) const;
  CivilDay NextChangeOfTeam(const AuthorityFacts& facts, uint32_t subject, CivilDay as_of) const;

  friend std::optional<struct Explanation> ExplainInstance(const Evaluator& evaluator,
                                                           const AuthorityFacts& facts, uint32_t subject,
                                                           CivilDay as_of);
  // All other kinds: the instances, and of them the oldest still open, what is missed first, else the latest;
  // of one day the most urgent.
  Subjected MakeSubjected(const Asking& asking, uint32_t subject) const;
  InstanceList Instances(const Subjected& s, CivilDay as_of, bool all) const;
  // Fills a new finding.
  void Judge(const Subjected& s, const Instance& instance, CivilDay as_of, Finding& finding) const;
  // The one that speaks for the rule, and its finding; null when none has begun. `next` comes down to the
  // next day on which one of them may be judged otherwise.
  const Instance* Choose(const Subjected& s, std::span<const Instance> instances, CivilDay as_of,
                         Finding& finding, CivilDay& next) const;
  // Not done, and something is still to come of it.
  static bool IsOpen(const Instance& instance, Status status, CivilDay as_of);
  // Nothing is said of a subject on a day on which the rule does not apply to it.
  bool SpeaksOnlyInScope() const;
  std::optional<Finding> EvaluateInstances(const Asking& asking, uint32_t subject, CivilDay as_of,
                                           CivilDay* next_change) const;
  std::vector<Gap> HistoryOfInstances(const AuthorityFacts& facts, uint32_t subject, CivilDay until) const;

  const Rule& rule_;
  Assignment assignment_;
  const WorkingDays& working_days_;
  RowTable rows_;
  const bool timeless_;  // Rule::when says the same on every day
};

}  // namespace oversight::engine
