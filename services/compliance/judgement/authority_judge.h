#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/judgement/assigned_rule.h"
#include "services/compliance/judgement/next_due_queue.h"
#include "services/compliance/judgement/waivers.h"

namespace oversight::compliance {

// A change of one finding from one judgement to the next. A side without a finding has none.
struct FindingChange {
  const AssignedRule* rule = nullptr;
  engine::Subject subject;
  std::optional<engine::Finding> before;
  std::optional<engine::Finding> after;
};

// Whether two findings say the same: all but what passes with the days.
bool SameVerdict(const std::optional<engine::Finding>& a, const std::optional<engine::Finding>& b);

// Judges one authority and keeps judging it: re-judges the subjects that a change touched, and those whose
// findings the passing of days may turn. What it holds is always what a full sweep would give. Not
// synchronised.
class AuthorityJudge {
 public:
  // `policies` and `working_days` must outlive it.
  AuthorityJudge(std::string authority, const std::vector<engine::Policy>* policies,
                 const WorkingDays* working_days);
  // The facts and waivers of another one, copied, under these policies, none of which is assigned yet: to ask
  // what would be. It has judged nothing; call Prepare before the first question.
  AuthorityJudge(const AuthorityJudge& of, const std::vector<engine::Policy>* policies);

  const std::string& authority() const { return authority_; }
  const WorkingDays& working_days() const { return *working_days_; }
  engine::AuthorityFacts& facts() { return facts_; }
  const engine::AuthorityFacts& facts() const { return facts_; }

  // For which days a policy is assigned and with what numbers of the authority's own, by the assignment's
  // name.
  void SetAssignment(const std::string& name, Assignment assignment);
  void SetAssignment(const std::string& name, const std::string& policy_id, Period period) {
    SetAssignment(name, Assignment{policy_id, period});
  }
  void RemoveAssignment(const std::string& name);
  void RemoveAllAssignments();
  // The days for which a policy is assigned, whether or not this process knows it; those that adjoin are one.
  std::vector<Period> AssignedDays(absl::string_view policy_id) const;
  // Of one policy, by their start.
  std::vector<Assignment> AssignmentsOf(absl::string_view policy_id) const;
  // All of them, by name.
  const std::map<std::string, Assignment>& assignments() const { return assignments_; }
  // From the next judgement on these judge. They must outlive it, and those before them its next Prepare or
  // Judge.
  void SetPolicies(const std::vector<engine::Policy>* policies);
  const std::vector<engine::Policy>& policies() const { return *policies_; }
  // The authority's own numbers that no policy of today can have, since the last call: `knowsley.x field`.
  // The policy's own hold in their place.
  std::vector<std::string> TakeUnfitOverrides();

  void SetWaiver(const std::string& name, Waiver waiver);
  void RemoveWaiver(const std::string& name);
  void RemoveAllWaivers();
  const Waivers& waivers() const { return waivers_; }

  // A resource was merged into another one, and whatever names it means that; or it is itself again. Names
  // are those within the authority.
  void SetMeaning(engine::FactKind kind, absl::string_view duplicate, absl::string_view survivor);
  void ForgetMeaning(engine::FactKind kind, absl::string_view name);

  void Touch(const engine::DirtySet& dirty);
  void TouchEveryone() { everyone_dirty_ = true; }
  bool HasWork(CivilDay today) const;

  // Judges what is to be judged again, as of `today`, and says what changed since the last judgement. A day
  // before that of the last judgement is allowed; everything is judged again then.
  std::vector<FindingChange> Judge(CivilDay today);
  // The day of the last judgement.
  CivilDay judged_day() const { return judged_day_; }

  const std::vector<AssignedRule>& rules() const { return rules_; }
  // How often rules() has become another list: until it has, the rules stay where they are.
  int rules_built() const { return rules_built_; }
  const AssignedRule* FindRule(absl::string_view rule_id) const;
  uint32_t SubjectCount(engine::SubjectKind kind) const;
  // The subject of this kind by its name within the authority, or by that of a duplicate merged into it.
  std::optional<engine::Subject> FindSubject(engine::SubjectKind kind, absl::string_view name) const;

  // Makes the rules ready for questions, without judging anything.
  void Prepare();
  // What one rule says of one subject as of any day, waivers included: every view of a finding is this one.
  std::optional<engine::Finding> Evaluate(const AssignedRule& rule, engine::Subject subject, CivilDay as_of,
                                          CivilDay* next_change = nullptr) const;
  // The waiver that excuses it on a day; empty when none does.
  absl::string_view WaiverOf(const AssignedRule& rule, engine::Subject subject, CivilDay day) const;
  // Findings of one of the rules as of any day, in the order of subjects: those kept when it is the judged
  // day, but for subjects that wait to be judged again; they, and other days, are judged for this question.
  void ForEachFindingOf(const AssignedRule& rule, CivilDay as_of,
                        absl::FunctionRef<void(engine::Subject, const engine::Finding&)> visit) const;
  // Of all rules, in their order.
  void ForEachFinding(
      CivilDay as_of,
      absl::FunctionRef<void(const AssignedRule&, engine::Subject, const engine::Finding&)> visit) const;

 private:
  void RebuildRules();
  // The terms for which a policy is assigned.
  std::vector<Term> TermsOf(const engine::Policy& policy);
  const engine::Policy* Settled(const engine::Policy& policy, const std::vector<engine::Override>& overrides);
  void TouchWaived(const Waiver& waiver);
  // A rule, by its place in rules_, and a subject that a change reached on a way that this rule watches.
  using ReachedByRule = std::pair<size_t, engine::Subject>;
  // Ascending, each once.
  std::vector<ReachedByRule> ReachedByRules() const;
  bool Watches(size_t rule, uint32_t way) const;
  // The subjects of the rule that a change touched since the last judgement.
  absl::flat_hash_set<uint32_t> Awaiting(size_t rule) const;
  // Lets each rule count anew what was touched.
  void KeepCounts(const std::vector<ReachedByRule>& reached);
  // `touched`: the facts of the subject may have changed since it was judged last.
  void JudgeSubject(size_t rule, engine::Subject subject, CivilDay today, bool touched,
                    std::vector<FindingChange>& changes);
  // Whether all that is kept is what the facts say.
  bool UpToDate() const { return !everyone_dirty_ && !rules_stale_ && dirty_.empty() && reached_.empty(); }
  void Excuse(const AssignedRule& rule, engine::Subject subject, CivilDay as_of,
              std::optional<engine::Finding>& finding) const;
  std::optional<engine::Finding> EvaluateKept(const AssignedRule& rule, engine::Subject subject,
                                              CivilDay as_of, bool kept, CivilDay* next_change) const;

  const std::string authority_;
  const std::vector<engine::Policy>* policies_;
  const WorkingDays* const working_days_;
  engine::AuthorityFacts facts_;
  std::map<std::string, Assignment> assignments_;
  // Policies with the authority's own numbers in place, by the content hash of the text and the numbers.
  std::map<std::pair<std::string, std::vector<engine::Override>>, std::shared_ptr<const engine::Policy>>
      settled_;
  std::set<std::string> unfit_overrides_;
  Waivers waivers_;
  std::vector<AssignedRule> rules_;
  // The rules about each kind of subject, and those that count records, by their place in rules_.
  std::map<engine::SubjectKind, std::vector<size_t>> rules_about_;
  std::vector<size_t> counting_rules_;
  // The rules that watch each way, by its number; ascending.
  std::vector<std::vector<size_t>> rules_watching_;
  // By rule, then by subject index.
  std::vector<std::vector<std::optional<engine::Finding>>> findings_;
  NextDueQueue next_due_;
  absl::flat_hash_set<engine::Subject> dirty_;  // for all rules
  absl::flat_hash_set<engine::DirtySet::Reached> reached_;
  bool everyone_dirty_ = true;
  bool rules_stale_ = true;
  int rules_built_ = 0;
  CivilDay judged_day_ = CivilDay::Min();
};

}  // namespace oversight::compliance
