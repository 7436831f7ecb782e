#include "services/compliance/judgement/assigned_rule.h"

#include <algorithm>

namespace oversight::compliance {

using engine::Evaluator;
using engine::Finding;
using engine::Gap;

CivilDay DecidedOn(const Gap& gap, CivilDay until) {
  if (gap.outcome == engine::Outcome::kOpen) return until;
  if (gap.closed != CivilDay::Max()) return gap.closed;
  return gap.due == CivilDay::Max() ? gap.base : gap.due;
}

std::vector<Period> Duties(std::vector<Period> assigned) {
  std::erase_if(assigned, [](const Period& period) { return period.Empty(); });
  std::sort(assigned.begin(), assigned.end());
  std::vector<Period> duties;
  for (const Period& period : assigned) {
    if (!duties.empty() && period.start <= duties.back().end) {
      duties.back().end = std::max(duties.back().end, period.end);
    } else {
      duties.push_back(period);
    }
  }
  return duties;
}

AssignedRule::AssignedRule(const engine::Policy& policy, size_t rule, const std::vector<Term>& terms,
                           const WorkingDays& working_days)
    : policy_(policy), rule_(policy.rules[rule]) {
  for (const Term& term : terms) {
    // Whoever takes a policy on early is held to it only from the day on which it takes effect.
    const Period days = {std::max(term.days.start, policy.effective_from), term.days.end};
    if (days.Empty()) continue;
    const engine::Assignment assignment{.effective_from = std::max(term.duty.start, policy.effective_from),
                                        .effective_until = term.duty.end};
    const engine::Rule& settled = term.policy->rules[rule];
    terms_.push_back({days,
                      term.policy,
                      Evaluator(settled, assignment, working_days),
                      {},
                      engine::RunningCount(settled, working_days)});
  }
}

const AssignedRule::Held* AssignedRule::HeldOn(CivilDay day) const {
  const auto found =
      std::find_if(terms_.begin(), terms_.end(), [&](const Held& term) { return term.days.Contains(day); });
  return found == terms_.end() ? nullptr : &*found;
}

const engine::Policy& AssignedRule::PolicyOn(CivilDay day) const {
  const Held* held = HeldOn(day);
  return held == nullptr ? policy_ : *held->policy;
}

const Evaluator* AssignedRule::On(CivilDay day) const {
  const Held* held = HeldOn(day);
  return held == nullptr ? nullptr : &held->evaluator;
}

bool AssignedRule::KeepsTimelines() const {
  return rule_.As<engine::Recurring>() != nullptr && rule_.subject != engine::SubjectKind::kWorker;
}

void AssignedRule::KeepTimeline(const engine::AuthorityFacts& facts, uint32_t subject) {
  if (!KeepsTimelines()) return;
  for (Held& term : terms_) term.timelines.Put(subject, term.evaluator.MakeTimeline(facts, subject));
}

bool AssignedRule::Counts() const {
  return std::any_of(terms_.begin(), terms_.end(),
                     [](const Held& term) { return term.running.measure() != nullptr; });
}

void AssignedRule::KeepCounts(const engine::AuthorityFacts& facts) {
  for (Held& term : terms_) term.running.CountAnew(facts);
}

void AssignedRule::KeepCount(const engine::AuthorityFacts& facts, engine::Subject record) {
  for (Held& term : terms_) term.running.Count(facts, record);
}

void AssignedRule::ForEachTerm(
    absl::FunctionRef<void(Period, const engine::Policy&, const Evaluator&)> visit) const {
  for (const Held& term : terms_) visit(term.days, *term.policy, term.evaluator);
}

std::optional<Finding> AssignedRule::Evaluate(const engine::AuthorityFacts& facts, uint32_t subject,
                                              CivilDay as_of, bool kept, CivilDay& next_change) const {
  next_change = CivilDay::Max();
  for (const Held& term : terms_) {
    if (term.days.start > as_of) next_change = std::min(next_change, term.days.start);
  }
  const Held* term = HeldOn(as_of);
  if (term == nullptr) return std::nullopt;
  CivilDay next_if_none = CivilDay::Max();
  std::optional<Finding> finding;
  if (!kept) {
    finding = term->evaluator.Evaluate(facts, subject, as_of, &next_if_none);
  } else if (term->timelines.Has(subject)) {
    finding = term->evaluator.Evaluate(facts, subject, term->timelines.Get(subject), as_of, &next_if_none);
  } else {
    finding = term->evaluator.Evaluate(facts, subject, term->running, as_of, &next_if_none);
  }
  next_change = std::min(next_change, finding.has_value() ? finding->next_change : next_if_none);
  return finding;
}

std::optional<Finding> AssignedRule::Verdict(const engine::AuthorityFacts& facts, uint32_t subject,
                                             CivilDay as_of, bool kept) const {
  const Held* term = HeldOn(as_of);
  if (term == nullptr) return std::nullopt;
  if (!kept) return term->evaluator.Verdict(facts, subject, as_of);
  if (term->timelines.Has(subject))
    return term->evaluator.Verdict(facts, subject, term->timelines.Get(subject), as_of);
  return term->evaluator.Verdict(facts, subject, term->running, as_of);
}

void AssignedRule::Sweep(const engine::AuthorityFacts& facts, CivilDay as_of, bool kept,
                         absl::FunctionRef<void(uint32_t, const Finding&)> visit) const {
  const Held* term = HeldOn(as_of);
  if (term == nullptr) return;
  if (kept && KeepsTimelines()) return term->evaluator.Sweep(facts, term->timelines, as_of, visit);
  if (!kept || term->running.measure() == nullptr) return term->evaluator.Sweep(facts, as_of, visit);
  for (uint32_t i = 0; i < facts.SubjectCount(rule_.subject); ++i) {
    const std::optional<Finding> finding = Verdict(facts, i, as_of, true);
    if (finding) visit(i, *finding);
  }
}

Period AssignedRule::Speaks(size_t term) const {
  const engine::Assignment& duty = terms_[term].evaluator.assignment();
  Period days = terms_[term].days;
  if (days.start == duty.effective_from) days.start = CivilDay::Min();
  if (days.end == duty.effective_until) days.end = CivilDay::Max();
  return days;
}

std::vector<Gap> AssignedRule::History(const engine::AuthorityFacts& facts, uint32_t subject,
                                       CivilDay until) const {
  std::vector<Gap> gaps;
  for (size_t term = 0; term < terms_.size(); ++term) {
    const Period speaks = Speaks(term);
    const size_t earlier = gaps.size();
    for (const Gap& gap : terms_[term].evaluator.History(facts, subject, until)) {
      const CivilDay decided = DecidedOn(gap, until);
      if (decided < speaks.start || (speaks.end <= decided && speaks.end != CivilDay::Max())) continue;
      // A month that two duties share is one: the later tells of it.
      const auto end = gaps.begin() + static_cast<ptrdiff_t>(earlier);
      const auto told = std::find_if(
          gaps.begin(), end, [&](const Gap& other) { return engine::SameThing(rule_, facts, other, gap); });
      if (told != end) {
        *told = gap;
      } else {
        gaps.push_back(gap);
      }
    }
  }
  return gaps;
}

}  // namespace oversight::compliance
