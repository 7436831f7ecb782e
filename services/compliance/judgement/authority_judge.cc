#include "services/compliance/judgement/authority_judge.h"

#include <algorithm>
#include <utility>

#include "services/compliance/engine/reach.h"

namespace oversight::compliance {
namespace {

using engine::Evaluator;
using engine::Finding;
using engine::Subject;
using engine::SubjectKind;

// Assignments of one policy that adjoin are one: the duty goes on without a break.
std::vector<Period> Joined(std::vector<Period> periods) {
  std::erase_if(periods, [](const Period& period) { return period.Empty(); });
  std::sort(periods.begin(), periods.end());
  std::vector<Period> joined;
  for (const Period& period : periods) {
    if (!joined.empty() && period.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, period.end);
    } else {
      joined.push_back(period);
    }
  }
  return joined;
}

}  // namespace

bool SameVerdict(const std::optional<Finding>& a, const std::optional<Finding>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a.has_value() || (a->status == b->status && a->base == b->base && a->due == b->due &&
                            a->row == b->row && a->missing == b->missing && a->input == b->input &&
                            a->event == b->event && a->lacking == b->lacking);
}

AssignedRule::AssignedRule(const engine::Policy& policy, const engine::Rule& rule,
                           const std::vector<Period>& assigned, const WorkingDays& working_days)
    : policy_(policy), rule_(rule) {
  for (const Period& period : assigned) {
    // Whoever takes a policy on early is held to it only from the day on which it takes effect.
    const CivilDay from = std::max(period.start, policy.effective_from);
    if (from >= period.end) continue;
    evaluators_.emplace_back(rule, engine::Assignment{.effective_from = from, .effective_until = period.end},
                             working_days);
  }
  timelines_.resize(evaluators_.size());
}

const Evaluator* AssignedRule::On(CivilDay day) const {
  for (const Evaluator& evaluator : evaluators_) {
    if (evaluator.assignment().effective_from <= day && day < evaluator.assignment().effective_until)
      return &evaluator;
  }
  return nullptr;
}

const engine::TimelineStore* AssignedRule::StoreOn(CivilDay day) const {
  const Evaluator* evaluator = On(day);
  return evaluator == nullptr ? nullptr : &timelines_[static_cast<size_t>(evaluator - evaluators_.data())];
}

void AssignedRule::KeepTimeline(const engine::AuthorityFacts& facts, uint32_t subject) {
  if (rule_.As<engine::Recurring>() == nullptr || rule_.subject == SubjectKind::kWorker) return;
  for (size_t i = 0; i < evaluators_.size(); ++i)
    timelines_[i].Put(subject, evaluators_[i].MakeTimeline(facts, subject));
}

std::optional<Finding> AssignedRule::Evaluate(const engine::AuthorityFacts& facts, uint32_t subject,
                                              CivilDay as_of, bool kept, CivilDay& next_change) const {
  next_change = CivilDay::Max();
  for (const Evaluator& evaluator : evaluators_) {
    if (evaluator.assignment().effective_from > as_of) {
      next_change = std::min(next_change, evaluator.assignment().effective_from);
    }
  }
  const Evaluator* evaluator = On(as_of);
  if (evaluator == nullptr) return std::nullopt;
  const engine::TimelineStore& store = *StoreOn(as_of);
  CivilDay next_if_none = CivilDay::Max();
  std::optional<Finding> finding =
      kept && store.Has(subject)
          ? evaluator->Evaluate(facts, subject, store.Get(subject), as_of, &next_if_none)
          : evaluator->Evaluate(facts, subject, as_of, &next_if_none);
  next_change = std::min(next_change, finding.has_value() ? finding->next_change : next_if_none);
  return finding;
}

std::optional<Finding> AssignedRule::Verdict(const engine::AuthorityFacts& facts, uint32_t subject,
                                             CivilDay as_of, bool kept) const {
  const Evaluator* evaluator = On(as_of);
  if (evaluator == nullptr) return std::nullopt;
  const engine::TimelineStore& store = *StoreOn(as_of);
  return kept && store.Has(subject) ? evaluator->Verdict(facts, subject, store.Get(subject), as_of)
                                    : evaluator->Verdict(facts, subject, as_of);
}

AuthorityJudge::AuthorityJudge(std::string authority, const std::vector<engine::Policy>* policies,
                               const WorkingDays* working_days)
    : authority_(std::move(authority)), policies_(policies), working_days_(working_days) {}

AuthorityJudge::AuthorityJudge(const AuthorityJudge& of, const std::vector<engine::Policy>* policies)
    : authority_(of.authority_),
      policies_(policies),
      working_days_(of.working_days_),
      facts_(of.facts_),
      waivers_(of.waivers_) {}

void AuthorityJudge::SetAssignment(const std::string& name, const std::string& policy_id, Period period) {
  assignments_[name] = {policy_id, period};
  rules_stale_ = true;
}

void AuthorityJudge::RemoveAssignment(const std::string& name) {
  if (assignments_.erase(name) > 0) rules_stale_ = true;
}

void AuthorityJudge::RemoveAllAssignments() {
  assignments_.clear();
  rules_stale_ = true;
}

std::vector<Period> AuthorityJudge::AssignedDays(absl::string_view policy_id) const {
  std::vector<Period> days;
  for (const auto& [name, assignment] : assignments_) {
    if (assignment.policy_id == policy_id) days.push_back(assignment.period);
  }
  return Joined(std::move(days));
}

void AuthorityJudge::SetPolicies(const std::vector<engine::Policy>* policies) {
  if (policies == policies_) return;
  // Nothing is carried over: the rules of before may be gone by the next judgement.
  rules_.clear();
  findings_.clear();
  policies_ = policies;
  rules_stale_ = true;
}

void AuthorityJudge::TouchWaived(const Waiver& waiver) {
  if (everyone_dirty_ || rules_stale_) return;
  for (const AssignedRule& rule : rules_) {
    if (!waiver.rules.contains(rule.rule().id)) continue;
    // One that is not known yet is judged when it comes.
    const std::optional<Subject> subject = FindSubject(rule.subject_kind(), waiver.subject);
    if (subject.has_value()) dirty_.insert(*subject);
  }
}

void AuthorityJudge::SetWaiver(const std::string& name, Waiver waiver) {
  RemoveWaiver(name);
  TouchWaived(waiver);
  waivers_.Set(name, std::move(waiver));
}

void AuthorityJudge::RemoveWaiver(const std::string& name) {
  if (const Waiver* waiver = waivers_.Find(name); waiver != nullptr) TouchWaived(*waiver);
  waivers_.Remove(name);
}

void AuthorityJudge::RemoveAllWaivers() {
  for (const auto& [name, waiver] : waivers_.all()) TouchWaived(waiver);
  waivers_.Clear();
}

std::optional<Subject> AuthorityJudge::FindSubject(SubjectKind kind, absl::string_view name) const {
  return facts_.Find(kind, name);
}

absl::string_view AuthorityJudge::WaiverOf(const AssignedRule& rule, Subject subject, CivilDay day) const {
  if (waivers_.empty()) return "";
  return waivers_.Covering(rule.rule().id, facts_.Name(subject), day);
}

void AuthorityJudge::Excuse(const AssignedRule& rule, Subject subject, CivilDay as_of,
                            std::optional<Finding>& finding) const {
  if (!finding.has_value() || WaiverOf(rule, subject, as_of).empty()) return;
  finding->status = engine::Status::kExcused;
  finding->days_overdue = 0;
}

std::optional<Finding> AuthorityJudge::EvaluateKept(const AssignedRule& rule, Subject subject, CivilDay as_of,
                                                    bool kept, CivilDay* next_change) const {
  CivilDay next = CivilDay::Max();
  std::optional<Finding> finding = rule.Evaluate(facts_, subject.index, as_of, kept, next);
  if (!waivers_.empty()) {
    next = std::min(next, waivers_.NextBorder(rule.rule().id, facts_.Name(subject), as_of));
    Excuse(rule, subject, as_of, finding);
  }
  if (finding.has_value()) finding->next_change = next;
  if (next_change != nullptr) *next_change = next;
  return finding;
}

std::optional<Finding> AuthorityJudge::Evaluate(const AssignedRule& rule, Subject subject, CivilDay as_of,
                                                CivilDay* next_change) const {
  return EvaluateKept(rule, subject, as_of, UpToDate(), next_change);
}

void AuthorityJudge::Prepare() {
  if (rules_stale_) RebuildRules();
}

void AuthorityJudge::Touch(const engine::DirtySet& dirty) {
  if (dirty.everyone) everyone_dirty_ = true;
  if (!everyone_dirty_) dirty_.insert(dirty.subjects.begin(), dirty.subjects.end());
}

bool AuthorityJudge::HasWork(CivilDay today) const {
  return everyone_dirty_ || rules_stale_ || !dirty_.empty() || judged_day_ < today;
}

uint32_t AuthorityJudge::SubjectCount(SubjectKind kind) const { return facts_.SubjectCount(kind); }

const AssignedRule* AuthorityJudge::FindRule(absl::string_view rule_id) const {
  for (const AssignedRule& rule : rules_) {
    if (rule.rule().id == rule_id) return &rule;
  }
  return nullptr;
}

void AuthorityJudge::RebuildRules() {
  std::map<std::string, std::vector<Period>> assigned;
  for (const auto& [name, assignment] : assignments_)
    assigned[assignment.policy_id].push_back(assignment.period);
  // Findings are carried over by rule, so that what has not changed is not told as a change.
  absl::flat_hash_map<const engine::Rule*, std::vector<std::optional<Finding>>> before;
  for (size_t i = 0; i < rules_.size(); ++i) before[&rules_[i].rule()] = std::move(findings_[i]);
  const std::vector<AssignedRule> old_rules = std::move(rules_);
  rules_.clear();
  findings_.clear();
  for (const engine::Policy& policy : *policies_) {
    const auto found = assigned.find(policy.id);
    if (found == assigned.end()) continue;
    const std::vector<Period> periods = Joined(found->second);
    for (const engine::Rule& rule : policy.rules) {
      facts_.Watch(engine::ReachesOf(rule));
      rules_.emplace_back(policy, rule, periods, *working_days_);
      findings_.push_back(std::move(before[&rule]));
      before.erase(&rule);
    }
  }
  // A rule whose policy was taken away keeps nothing; its findings end with it.
  for (auto& [rule, findings] : before) {
    for (const engine::Policy& policy : *policies_) {
      for (const engine::Rule& candidate : policy.rules) {
        if (&candidate != rule || findings.empty()) continue;
        rules_.emplace_back(policy, candidate, std::vector<Period>{}, *working_days_);
        findings_.push_back(std::move(findings));
      }
    }
  }
  queue_.clear();
  queued_for_.assign(rules_.size(), {});
  everyone_dirty_ = true;
  rules_stale_ = false;
}

void AuthorityJudge::JudgeSubject(size_t rule, Subject subject, CivilDay today, bool touched,
                                  std::vector<FindingChange>& changes) {
  if (findings_[rule].size() <= subject.index) findings_[rule].resize(subject.index + 1);
  if (queued_for_[rule].size() <= subject.index) queued_for_[rule].resize(subject.index + 1, CivilDay::Max());
  CivilDay next = CivilDay::Max();
  if (touched) rules_[rule].KeepTimeline(facts_, subject.index);
  std::optional<Finding> after = EvaluateKept(rules_[rule], subject, today, true, &next);
  std::optional<Finding>& kept = findings_[rule][subject.index];
  if (!SameVerdict(kept, after)) changes.push_back({&rules_[rule], subject, kept, after});
  kept = std::move(after);
  CivilDay& queued = queued_for_[rule][subject.index];
  if (queued == next) return;
  const std::pair<uint32_t, uint32_t> who = {static_cast<uint32_t>(rule), subject.index};
  if (queued != CivilDay::Max()) queue_.erase({queued, who});
  if (next != CivilDay::Max()) queue_.insert({next, who});
  queued = next;
}

std::vector<FindingChange> AuthorityJudge::Judge(CivilDay today) {
  std::vector<FindingChange> changes;
  Prepare();
  // The queue looks ahead only.
  if (everyone_dirty_ || today < judged_day_) {
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
      const SubjectKind kind = rules_[rule].subject_kind();
      for (uint32_t i = 0; i < SubjectCount(kind); ++i) JudgeSubject(rule, {kind, i}, today, true, changes);
    }
  } else {
    for (const Subject& subject : dirty_) {
      for (size_t rule = 0; rule < rules_.size(); ++rule) {
        if (rules_[rule].subject_kind() == subject.kind) JudgeSubject(rule, subject, today, true, changes);
      }
    }
    while (!queue_.empty() && queue_.begin()->first <= today) {
      const auto [rule, index] = queue_.begin()->second;
      JudgeSubject(rule, {rules_[rule].subject_kind(), index}, today, false, changes);
    }
  }
  dirty_.clear();
  everyone_dirty_ = false;
  judged_day_ = today;
  return changes;
}

void AuthorityJudge::ForEachFinding(
    CivilDay as_of, absl::FunctionRef<void(const AssignedRule&, Subject, const Finding&)> visit) const {
  const bool up_to_date = UpToDate();
  for (size_t rule = 0; rule < rules_.size(); ++rule) {
    const SubjectKind kind = rules_[rule].subject_kind();
    for (uint32_t i = 0; i < SubjectCount(kind); ++i) {
      std::optional<Finding> finding;
      if (up_to_date && as_of == judged_day_ && i < findings_[rule].size()) {
        if (!findings_[rule][i].has_value()) continue;
        finding = findings_[rule][i];
        // Days overdue pass without the finding being judged again.
        if (finding->status == engine::Status::kOverdue)
          finding->days_overdue = engine::DaysOverdue(facts_, *working_days_, {kind, i}, finding->due, as_of);
      } else {
        finding = rules_[rule].Verdict(facts_, i, as_of, up_to_date);
        if (!waivers_.empty()) Excuse(rules_[rule], {kind, i}, as_of, finding);
      }
      if (finding.has_value()) visit(rules_[rule], {kind, i}, *finding);
    }
  }
}

}  // namespace oversight::compliance
