#include "services/compliance/judgement/finding_breakdown.h"

namespace oversight::compliance {

FindingBreakdown::FindingBreakdown(metrics::Registry* registry)
    : by_row_(registry->Gauge("oversight_compliance_row_findings",
                              "Subjects by row of the rule that governs them today and by status.")),
      by_team_(registry->Gauge("oversight_compliance_team_findings",
                               "Findings by policy, by the team answerable for them today and by status.")) {}

void FindingBreakdown::Begin() {
  row_counts_.clear();
  team_counts_.clear();
  facts_ = nullptr;
}

void FindingBreakdown::Count(const AuthorityJudge& judge, CivilDay day, const AssignedRule& rule,
                             engine::Subject subject, const engine::Finding& finding) {
  if (finding.row >= 0) ++row_counts_[{&rule, finding.row, finding.status}];
  facts_ = &judge.facts();
  const engine::Subject answerable = engine::AnswerableFor(rule.rule(), *facts_, subject);
  ++team_counts_[{&rule.policy(), facts_->TeamNumberOf(answerable, day), finding.status}];
}

std::map<FindingBreakdown::Key, int> FindingBreakdown::RowFigures(const std::string& authority) const {
  std::map<Key, int> figures;
  // A policy that was assigned twice has its rules twice.
  for (const auto& [key, count] : row_counts_) {
    const auto& [rule, row, status] = key;
    figures[{{"authority", authority},
             {"policy", rule->policy().id},
             {"rule", rule->rule().id},
             {"row", rule->rule().rows[static_cast<size_t>(row)].id},
             {"status", std::string(engine::StatusName(status))}}] += count;
  }
  return figures;
}

std::map<FindingBreakdown::Key, int> FindingBreakdown::TeamFigures(const std::string& authority) const {
  std::map<std::pair<std::string, uint32_t>, int> sizes;
  for (const auto& [key, count] : team_counts_) sizes[{std::get<0>(key)->id, std::get<1>(key)}] += count;
  std::map<std::string, int> small;  // by policy
  for (const auto& [key, size] : sizes) {
    if (size < kSmallestGroup) small[key.first] += size;
  }
  std::map<Key, int> figures;
  for (const auto& [key, count] : team_counts_) {
    const auto& [policy, team, status] = key;
    const bool is_small = sizes.at({policy->id, team}) < kSmallestGroup;
    if (is_small && small.at(policy->id) < kSmallestGroup) continue;
    std::string name = "(small)";
    if (!is_small)
      name = team == engine::kNobody ? "" : std::string(facts_->Name(engine::FactKind::kTeam, team));
    figures[{{"authority", authority},
             {"policy", policy->id},
             {"team", std::move(name)},
             {"status", std::string(engine::StatusName(status))}}] += count;
  }
  return figures;
}

void FindingBreakdown::End(const std::string& authority) {
  Series& series = series_[authority];
  Set(by_row_, RowFigures(authority), series.by_row);
  Set(by_team_, TeamFigures(authority), series.by_team);
}

void FindingBreakdown::Set(prometheus::Family<prometheus::Gauge>& family, const std::map<Key, int>& counts,
                           Gauges& gauges) {
  for (const auto& [labels, gauge] : gauges) {
    if (counts.count(labels) == 0) gauge->Set(0);
  }
  for (const auto& [labels, count] : counts) {
    prometheus::Gauge*& gauge = gauges[labels];
    if (gauge == nullptr) gauge = &family.Add(labels);
    gauge->Set(count);
  }
}

void FindingBreakdown::Withdraw(const std::string& authority) {
  const auto found = series_.find(authority);
  if (found == series_.end()) return;
  for (const auto& [key, gauge] : found->second.by_row) by_row_.Remove(gauge);
  for (const auto& [key, gauge] : found->second.by_team) by_team_.Remove(gauge);
  series_.erase(found);
}

}  // namespace oversight::compliance
