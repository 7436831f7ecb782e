#include "services/compliance/judgement/finding_breakdown.h"

namespace oversight::compliance {

FindingBreakdown::FindingBreakdown(metrics::Registry* registry)
    : by_row_(registry->Gauge("oversight_compliance_row_findings",
                              "Subjects by row of the rule that governs them today and by status.")),
      by_team_(registry->Gauge("oversight_compliance_team_findings",
                               "Subjects by the team answerable for them today and by status.")) {}

void FindingBreakdown::Begin() {
  row_counts_.clear();
  team_counts_.clear();
}

void FindingBreakdown::Count(const AuthorityJudge& judge, CivilDay day, const AssignedRule& rule,
                             engine::Subject subject, const engine::Finding& finding) {
  if (finding.row >= 0) ++row_counts_[{&rule, finding.row, finding.status}];
  ++team_counts_[{&rule,
                  judge.facts().TeamOf(engine::AnswerableFor(rule.rule(), judge.facts(), subject), day),
                  finding.status}];
}

void FindingBreakdown::End(const std::string& authority) {
  // A policy that was assigned twice has its rules twice.
  std::map<Key, int> rows, teams;
  for (const auto& [key, count] : row_counts_) {
    const auto& [rule, row, status] = key;
    rows[{rule->policy().id, rule->rule().id, rule->rule().rows[static_cast<size_t>(row)].id, status}] +=
        count;
  }
  for (const auto& [key, count] : team_counts_) {
    const auto& [rule, team, status] = key;
    teams[{rule->policy().id, rule->rule().id, std::string(team), status}] += count;
  }
  Series& series = series_[authority];
  Set(by_row_, "row", authority, rows, series.by_row);
  Set(by_team_, "team", authority, teams, series.by_team);
}

void FindingBreakdown::Set(prometheus::Family<prometheus::Gauge>& family, const char* label,
                           const std::string& authority, const std::map<Key, int>& counts, Gauges& gauges) {
  for (const auto& [key, gauge] : gauges) {
    if (counts.count(key) == 0) gauge->Set(0);
  }
  for (const auto& [key, count] : counts) {
    prometheus::Gauge*& gauge = gauges[key];
    if (gauge == nullptr) {
      const auto& [policy, rule, part, status] = key;
      gauge = &family.Add({{"authority", authority},
                           {"policy", policy},
                           {"rule", rule},
                           {label, part},
                           {"status", std::string(engine::StatusName(status))}});
    }
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
