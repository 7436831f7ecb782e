#include "services/compliance/judgement/authority_judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/reach.h"

namespace oversight::compliance {
namespace {

using engine::Finding;
using engine::Subject;
using engine::SubjectKind;

// The settled form of each rule, in the order of the rules; one that has none stays as it is.
std::vector<engine::Rule> InOrderOf(const std::vector<engine::Rule>& rules,
                                    std::vector<engine::Rule> settled) {
  std::vector<engine::Rule> ordered = rules;
  for (engine::Rule& rule : ordered) {
    const auto found = std::find_if(settled.begin(), settled.end(),
                                    [&](const engine::Rule& other) { return other.id == rule.id; });
    if (found != settled.end()) rule = std::move(*found);
  }
  return ordered;
}

// Of the assignments of a day the latest to begin; equal ones in the order in which they are given.
const Assignment* OnDay(const std::vector<Assignment>& assignments, CivilDay day) {
  const Assignment* latest = nullptr;
  for (const Assignment& assignment : assignments) {
    if (!assignment.period.Contains(day)) continue;
    if (latest == nullptr || assignment.period.start > latest->period.start) latest = &assignment;
  }
  return latest;
}

}  // namespace

bool SameVerdict(const std::optional<Finding>& a, const std::optional<Finding>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a.has_value() || (a->status == b->status && a->base == b->base && a->due == b->due &&
                            a->row == b->row && a->missing == b->missing && a->input == b->input &&
                            a->event == b->event && a->lacking == b->lacking);
}

AuthorityJudge::AuthorityJudge(std::string authority, const std::vector<engine::Policy>* policies,
                               const WorkingDays* working_days)
    : authority_(std::move(authority)), policies_(policies), working_days_(working_days) {}

AuthorityJudge::AuthorityJudge(const AuthorityJudge& of, const std::vector<engine::Policy>* policies)
    : authority_(of.authority_),
      policies_(policies),
      working_days_(of.working_days_),
      facts_(of.facts_),
      settled_(of.settled_),
      waivers_(of.waivers_) {}

void AuthorityJudge::SetAssignment(const std::string& name, Assignment assignment) {
  std::sort(assignment.overrides.begin(), assignment.overrides.end());
  assignments_[name] = std::move(assignment);
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
  return Duties(std::move(days));
}

std::vector<Assignment> AuthorityJudge::AssignmentsOf(absl::string_view policy_id) const {
  std::vector<Assignment> assignments;
  for (const auto& [name, assignment] : assignments_) {
    if (assignment.policy_id == policy_id && !assignment.period.Empty()) assignments.push_back(assignment);
  }
  std::stable_sort(assignments.begin(), assignments.end(),
                   [](const Assignment& a, const Assignment& b) { return a.period.start < b.period.start; });
  return assignments;
}

const engine::Policy* AuthorityJudge::Settled(const engine::Policy& policy,
                                              const std::vector<engine::Override>& overrides) {
  if (overrides.empty() || policy.settle == nullptr) return &policy;
  std::shared_ptr<const engine::Policy>& settled = settled_[{policy.content_hash, overrides}];
  if (settled == nullptr) {
    auto made = std::make_shared<engine::Policy>(policy.settle(overrides));
    made->effective_from = policy.effective_from;
    made->rules = InOrderOf(policy.rules, std::move(made->rules));
    settled = std::move(made);
  }
  for (const engine::Override& override : overrides) {
    const auto& applied = settled->overrides;
    if (std::find(applied.begin(), applied.end(), override) != applied.end()) continue;
    unfit_overrides_.insert(absl::StrCat(override.rule, " ", override.field));
  }
  return settled.get();
}

std::vector<Term> AuthorityJudge::TermsOf(const engine::Policy& policy) {
  const std::vector<Assignment> assignments = AssignmentsOf(policy.id);
  std::vector<Term> terms;
  for (const Period& duty : AssignedDays(policy.id)) {
    std::set<CivilDay> borders;
    for (const Assignment& assignment : assignments) {
      for (const CivilDay day : {assignment.period.start, assignment.period.end}) {
        if (duty.start <= day && day <= duty.end) borders.insert(day);
      }
    }
    for (auto border = borders.begin(); std::next(border) != borders.end(); ++border) {
      const Period days = {*border, *std::next(border)};
      const engine::Policy* settled = Settled(policy, OnDay(assignments, days.start)->overrides);
      const bool goes_on = !terms.empty() && terms.back().duty == duty && terms.back().policy == settled;
      if (goes_on) {
        terms.back().days.end = days.end;
      } else {
        terms.push_back({days, duty, settled});
      }
    }
  }
  return terms;
}

std::vector<std::string> AuthorityJudge::TakeUnfitOverrides() {
  std::vector<std::string> unfit(unfit_overrides_.begin(), unfit_overrides_.end());
  unfit_overrides_.clear();
  return unfit;
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
  const std::optional<Subject> found = facts_.Find(kind, name);
  if (!found.has_value()) return found;
  return facts_.Meaning(*found);
}

void AuthorityJudge::SetMeaning(engine::FactKind kind, absl::string_view duplicate,
                                absl::string_view survivor) {
  Touch(facts_.SetMeaning(kind, duplicate, survivor));
}

void AuthorityJudge::ForgetMeaning(engine::FactKind kind, absl::string_view name) {
  Touch(facts_.ForgetMeaning(kind, name));
}

absl::string_view AuthorityJudge::WaiverOf(const AssignedRule& rule, Subject subject, CivilDay day) const {
  if (waivers_.empty()) return "";
  absl::string_view first = waivers_.Covering(rule.rule().id, facts_.Name(subject), day);
  for (const Subject& duplicate : facts_.DuplicatesOf(subject)) {
    const absl::string_view other = waivers_.Covering(rule.rule().id, facts_.Name(duplicate), day);
    if (first.empty() || (!other.empty() && other < first)) first = other;
  }
  return first;
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
    for (const Subject& duplicate : facts_.DuplicatesOf(subject)) {
      next = std::min(next, waivers_.NextBorder(rule.rule().id, facts_.Name(duplicate), as_of));
    }
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
  if (everyone_dirty_) return;
  dirty_.insert(dirty.subjects.begin(), dirty.subjects.end());
  reached_.insert(dirty.reached.begin(), dirty.reached.end());
}

bool AuthorityJudge::HasWork(CivilDay today) const { return !UpToDate() || judged_day_ < today; }

uint32_t AuthorityJudge::SubjectCount(SubjectKind kind) const { return facts_.SubjectCount(kind); }

const AssignedRule* AuthorityJudge::FindRule(absl::string_view rule_id) const {
  for (const AssignedRule& rule : rules_) {
    if (rule.rule().id == rule_id) return &rule;
  }
  return nullptr;
}

void AuthorityJudge::RebuildRules() {
  // Findings are carried over by rule, so that what has not changed is not told as a change.
  absl::flat_hash_map<const engine::Rule*, std::vector<std::optional<Finding>>> before;
  for (size_t i = 0; i < rules_.size(); ++i) before[&rules_[i].rule()] = std::move(findings_[i]);
  const std::vector<AssignedRule> old_rules = std::move(rules_);
  rules_.clear();
  findings_.clear();
  rules_watching_.clear();
  std::set<const engine::Policy*> in_use;
  for (const engine::Policy& policy : *policies_) {
    if (AssignmentsOf(policy.id).empty()) continue;
    const std::vector<Term> terms = TermsOf(policy);
    for (const Term& term : terms) in_use.insert(term.policy);
    for (size_t i = 0; i < policy.rules.size(); ++i) {
      const engine::Rule& rule = policy.rules[i];
      for (const uint32_t way : facts_.Watch(engine::ReachesOf(rule))) {
        if (way >= rules_watching_.size()) rules_watching_.resize(way + 1);
        rules_watching_[way].push_back(rules_.size());
      }
      rules_.emplace_back(policy, i, terms, *working_days_);
      findings_.push_back(std::move(before[&rule]));
      before.erase(&rule);
    }
  }
  // A rule whose policy was taken away keeps nothing; its findings end with it.
  for (auto& [rule, findings] : before) {
    for (const engine::Policy& policy : *policies_) {
      for (size_t i = 0; i < policy.rules.size(); ++i) {
        if (&policy.rules[i] != rule || findings.empty()) continue;
        rules_.emplace_back(policy, i, std::vector<Term>{}, *working_days_);
        findings_.push_back(std::exchange(findings, {}));
      }
    }
  }
  std::erase_if(settled_, [&](const auto& settled) { return !in_use.contains(settled.second.get()); });
  rules_about_.clear();
  counting_rules_.clear();
  for (size_t rule = 0; rule < rules_.size(); ++rule) {
    rules_about_[rules_[rule].subject_kind()].push_back(rule);
    if (rules_[rule].Counts()) counting_rules_.push_back(rule);
  }
  next_due_.Reset(rules_.size());
  everyone_dirty_ = true;
  rules_stale_ = false;
  ++rules_built_;
}

void AuthorityJudge::JudgeSubject(size_t rule, Subject subject, CivilDay today, bool touched,
                                  std::vector<FindingChange>& changes) {
  if (findings_[rule].size() <= subject.index) findings_[rule].resize(subject.index + 1);
  CivilDay next = CivilDay::Max();
  if (touched) rules_[rule].KeepTimeline(facts_, subject.index);
  std::optional<Finding> after = EvaluateKept(rules_[rule], subject, today, true, &next);
  std::optional<Finding>& kept = findings_[rule][subject.index];
  if (!SameVerdict(kept, after)) changes.push_back({&rules_[rule], subject, kept, after});
  kept = after;
  next_due_.Put(static_cast<uint32_t>(rule), subject.index, next);
}

bool AuthorityJudge::Watches(size_t rule, uint32_t way) const {
  // No rule may watch the way any more.
  return way < rules_watching_.size() &&
         std::binary_search(rules_watching_[way].begin(), rules_watching_[way].end(), rule);
}

std::vector<AuthorityJudge::ReachedByRule> AuthorityJudge::ReachedByRules() const {
  std::vector<ReachedByRule> by_rules;
  for (const engine::DirtySet::Reached& reached : reached_) {
    // A way that no rule watches any more.
    if (reached.way >= rules_watching_.size()) continue;
    for (const size_t rule : rules_watching_[reached.way]) by_rules.emplace_back(rule, reached.subject);
  }
  std::sort(by_rules.begin(), by_rules.end());
  by_rules.erase(std::unique(by_rules.begin(), by_rules.end()), by_rules.end());
  return by_rules;
}

void AuthorityJudge::KeepCounts(const std::vector<ReachedByRule>& reached) {
  for (const size_t rule : counting_rules_) {
    if (everyone_dirty_) {
      rules_[rule].KeepCounts(facts_);
    } else {
      for (const Subject& touched : dirty_) rules_[rule].KeepCount(facts_, touched);
    }
  }
  if (everyone_dirty_) return;
  for (const auto& [rule, subject] : reached) {
    if (rules_[rule].Counts()) rules_[rule].KeepCount(facts_, subject);
  }
}

std::vector<FindingChange> AuthorityJudge::Judge(CivilDay today) {
  std::vector<FindingChange> changes;
  Prepare();
  const std::vector<ReachedByRule> reached = ReachedByRules();
  KeepCounts(reached);
  // The queue looks ahead only.
  if (everyone_dirty_ || today < judged_day_) {
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
      const SubjectKind kind = rules_[rule].subject_kind();
      for (uint32_t i = 0; i < SubjectCount(kind); ++i) JudgeSubject(rule, {kind, i}, today, true, changes);
    }
  } else {
    for (const Subject& subject : dirty_) {
      const auto about = rules_about_.find(subject.kind);
      if (about == rules_about_.end()) continue;
      for (const size_t rule : about->second) JudgeSubject(rule, subject, today, true, changes);
    }
    for (const auto& [rule, subject] : reached) {
      if (subject.kind != rules_[rule].subject_kind() || dirty_.contains(subject)) continue;
      JudgeSubject(rule, subject, today, true, changes);
    }
    next_due_.TakeDue(today, [&](uint32_t rule, uint32_t index) {
      JudgeSubject(rule, {rules_[rule].subject_kind(), index}, today, false, changes);
    });
  }
  dirty_.clear();
  reached_.clear();
  everyone_dirty_ = false;
  judged_day_ = today;
  return changes;
}

absl::flat_hash_set<uint32_t> AuthorityJudge::Awaiting(size_t rule) const {
  absl::flat_hash_set<uint32_t> subjects;
  const SubjectKind kind = rules_[rule].subject_kind();
  for (const Subject& subject : dirty_) {
    if (subject.kind == kind) subjects.insert(subject.index);
  }
  for (const auto& [way, subject] : reached_) {
    if (subject.kind == kind && Watches(rule, way)) subjects.insert(subject.index);
  }
  return subjects;
}

void AuthorityJudge::ForEachFindingOf(const AssignedRule& of, CivilDay as_of,
                                      absl::FunctionRef<void(Subject, const Finding&)> visit) const {
  const bool up_to_date = UpToDate();
  const SubjectKind kind = of.subject_kind();
  if (everyone_dirty_ || rules_stale_ || as_of != judged_day_) {
    of.Sweep(facts_, as_of, up_to_date, [&](uint32_t i, const Finding& said) {
      std::optional<Finding> finding = said;
      if (!waivers_.empty()) Excuse(of, {kind, i}, as_of, finding);
      if (finding.has_value()) visit({kind, i}, *finding);
    });
    return;
  }
  const auto rule = static_cast<size_t>(&of - rules_.data());
  const std::vector<std::optional<Finding>>& kept = findings_[rule];
  const absl::flat_hash_set<uint32_t> awaiting = Awaiting(rule);
  for (uint32_t i = 0; i < SubjectCount(kind); ++i) {
    std::optional<Finding> finding;
    if (i < kept.size() && (awaiting.empty() || !awaiting.contains(i))) {
      if (!kept[i].has_value()) continue;
      finding = kept[i];
      // Days overdue pass without the finding being judged again.
      if (finding->status == engine::Status::kOverdue)
        finding->days_overdue = engine::DaysOverdue(facts_, *working_days_, {kind, i}, finding->due, as_of);
    } else {
      finding = of.Verdict(facts_, i, as_of, up_to_date);
      if (!waivers_.empty()) Excuse(of, {kind, i}, as_of, finding);
    }
    if (finding.has_value()) visit({kind, i}, *finding);
  }
}

void AuthorityJudge::ForEachFinding(
    CivilDay as_of, absl::FunctionRef<void(const AssignedRule&, Subject, const Finding&)> visit) const {
  for (const AssignedRule& rule : rules_) {
    ForEachFindingOf(rule, as_of,
                     [&](Subject subject, const Finding& finding) { visit(rule, subject, finding); });
  }
}

}  // namespace oversight::compliance
