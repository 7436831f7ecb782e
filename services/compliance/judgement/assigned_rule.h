#pragma once

#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/engine/running_count.h"
#include "services/compliance/engine/timeline.h"

namespace oversight::compliance {

// A policy taken on by an authority for a time, with the authority's own numbers.
struct Assignment {
  std::string policy_id;
  Period period;
  std::vector<engine::Override> overrides = {};
};

// Assignments of one policy that adjoin are one duty, which goes on without a break; on each day it is judged
// by the numbers of that day's assignment.
struct Term {
  // The days on which these numbers hold.
  Period days;
  // The days of the whole duty, of which `days` is a part.
  Period duty;
  // With the numbers in place.
  const engine::Policy* policy = nullptr;
};

// The days of the duty that assignments of one policy make, ascending and disjoint; what is empty counts for
// nothing.
std::vector<Period> Duties(std::vector<Period> assigned);

// The day whose numbers decide a gap, as judged on `until`: that on which it ended, or where nothing ended it
// that on which it fell due; `until` while it is open.
CivilDay DecidedOn(const engine::Gap& gap, CivilDay until);

// One rule as it applies to one authority: the rule, and the terms for which its policy is assigned and in
// effect.
class AssignedRule {
 public:
  // `rule` is one of `policy`, and of the same place in the policy of each term. All must outlive it.
  AssignedRule(const engine::Policy& policy, size_t rule, const std::vector<Term>& terms,
               const WorkingDays& working_days);

  // As the policy's text has it. What may differ by day, the authority's own numbers, says PolicyOn.
  const engine::Policy& policy() const { return policy_; }
  const engine::Rule& rule() const { return rule_; }
  engine::SubjectKind subject_kind() const { return rule_.subject; }
  // The policy that judges on a day, the authority's own numbers in place; the text's own when it is not
  // assigned then.
  const engine::Policy& PolicyOn(CivilDay day) const;
  // The evaluator of the term that contains the day; null when the policy is not assigned then.
  const engine::Evaluator* On(CivilDay day) const;
  // The finding as of a day, and the first later day on which it may differ. `kept`: from the timeline that
  // was kept of the subject and from what was kept of the records that are counted, where there is such.
  std::optional<engine::Finding> Evaluate(const engine::AuthorityFacts& facts, uint32_t subject,
                                          CivilDay as_of, bool kept, CivilDay& next_change) const;
  // The same finding, sooner, without the day on which it may differ.
  std::optional<engine::Finding> Verdict(const engine::AuthorityFacts& facts, uint32_t subject,
                                         CivilDay as_of, bool kept) const;
  // Visits the verdict of every subject of which there is one, in the order of their numbers: sooner than
  // asking one by one.
  void Sweep(const engine::AuthorityFacts& facts, CivilDay as_of, bool kept,
             absl::FunctionRef<void(uint32_t subject, const engine::Finding& finding)> visit) const;
  // Makes out and keeps when the rule applies to a subject: to be done again whenever a change touches it.
  // Workers are few, and theirs are made when they are needed.
  void KeepTimeline(const engine::AuthorityFacts& facts, uint32_t subject);
  // Whether it counts records, in any of its terms.
  bool Counts() const;
  // Counts all records that the rule counts; or one anew, to be done whenever a change touches it.
  void KeepCounts(const engine::AuthorityFacts& facts);
  void KeepCount(const engine::AuthorityFacts& facts, engine::Subject record);
  // Visits the terms in the order of their days.
  void ForEachTerm(
      absl::FunctionRef<void(Period days, const engine::Policy&, const engine::Evaluator&)> visit) const;
  // Every gap that began by `until`, oldest first, each by the numbers of the day that decides it.
  std::vector<engine::Gap> History(const engine::AuthorityFacts& facts, uint32_t subject,
                                   CivilDay until) const;

 private:
  struct Held {
    Period days;
    const engine::Policy* policy;
    engine::Evaluator evaluator;
    engine::TimelineStore timelines;
    engine::RunningCount running;
  };
  const Held* HeldOn(CivilDay day) const;
  bool KeepsTimelines() const;
  // The days of which a term's history speaks: its own, and for the first and last of a duty what lies before
  // and after.
  Period Speaks(size_t term) const;

  const engine::Policy& policy_;
  const engine::Rule& rule_;
  std::vector<Held> terms_;  // ascending, disjoint
};

}  // namespace oversight::compliance
