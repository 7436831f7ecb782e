#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/facts.h"
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

// Whether one rule is kept for one subject on one day. Plain data, 36 bytes; texts come from Explain.
struct Finding {
  static constexpr uint32_t kNoEvent = UINT32_MAX;

  Status status = Status::kPending;
  // Why the gap runs from `base`: kEvent, or what began on that day.
  BaseReason base_reason = BaseReason::kRuleApplies;
  // What is missing when UNKNOWN.
  Missing missing = Missing::kNothing;
  // The governing row of Rule::rows; when UNKNOWN the row that cannot be decided or that names the missing
  // input.
  int16_t row = -1;
  // Identifies the gap: the day from which it runs.
  CivilDay base;
  // The session (worker rules) or discussion (case rules) on `base`.
  uint32_t event = kNoEvent;
  // The last day in time; Max() when nothing is due, or an absence without end keeps it open.
  CivilDay due = CivilDay::Max();
  // The same before absences and working days moved it.
  CivilDay unadjusted_due = CivilDay::Max();
  // First day of the notice period; Max() when nothing is due.
  CivilDay notice_from = CivilDay::Max();
  // Days past due on which the worker was not absent.
  int32_t days_overdue = 0;
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
};

// One gap of a subject's history.
struct Gap {
  Outcome outcome = Outcome::kOpen;
  BaseReason base_reason = BaseReason::kRuleApplies;
  CivilDay base;
  uint32_t event = Finding::kNoEvent;  // on `base`
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

// Judges one rule of one authority. Pure: no clock, no I/O; the same facts and day give the same answer.
// Cheap to make; refers to its rule and calendar, which must outlive it. Safe to share between threads.
class Evaluator {
 public:
  Evaluator(const Rule& rule, Assignment assignment, const WorkingDays& working_days);

  const Rule& rule() const { return rule_; }
  const Assignment& assignment() const { return assignment_; }

  // The days, rows and runs of the rule for a subject of rule().subject kind. Sessions and discussions play
  // no part in it, so it may be kept until one of the subject's other facts changes.
  Timeline MakeTimeline(const AuthorityFacts& facts, uint32_t subject) const;

  // The finding as of a day, facts of later days known but not yet happened. None when the rule does not
  // apply to the subject on that day; `next_change_if_none` (optional) then gets the first later day on which
  // it may.
  std::optional<Finding> Evaluate(const AuthorityFacts& facts, uint32_t subject, CivilDay as_of,
                                  CivilDay* next_change_if_none = nullptr) const;
  // The same with a timeline kept from before.
  std::optional<Finding> Evaluate(const AuthorityFacts& facts, uint32_t subject, const Timeline& timeline,
                                  CivilDay as_of, CivilDay* next_change_if_none = nullptr) const;

  // Every gap that began by `until`, oldest first, as judged on `until`.
  std::vector<Gap> History(const AuthorityFacts& facts, uint32_t subject, CivilDay until) const;

 private:
  friend class Explainer;
  // Whether a session or discussion ends a gap of this rule.
  bool Counts(const AuthorityFacts& facts, uint32_t subject, EventRef event) const;
  // The last event that counts, on a day from `from` to `to`, both included; of one day the first by name.
  std::optional<EventRef> LastEvent(const AuthorityFacts& facts, uint32_t subject, CivilDay from,
                                    CivilDay to) const;
  // The first, likewise.
  std::optional<EventRef> NextEvent(const AuthorityFacts& facts, uint32_t subject, CivilDay from,
                                    CivilDay to) const;
  // The due date of a gap before absences and working days move it. Max(): nothing is due.
  CivilDay DueDate(const Timeline& timeline, const Run& run, CivilDay base) const;
  CivilDay Moved(const Timeline& timeline, CivilDay due) const;
  bool IsUnknownOn(const Timeline& timeline, const Run& run, CivilDay due, CivilDay as_of) const;
  CivilDay NextChange(const AuthorityFacts& facts, uint32_t subject, const Timeline& timeline, CivilDay as_of,
                      const Finding* finding) const;

  const Rule& rule_;
  Assignment assignment_;
  const WorkingDays& working_days_;
  RowTable rows_;
};

}  // namespace oversight::engine
