#include "services/compliance/judgement/finding_breakdown.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/functional/function_ref.h"

namespace oversight::compliance {
namespace {

int SizeOf(const FindingBreakdown::CountsByStatus& counts) {
  return std::accumulate(counts.begin(), counts.end(), 0);
}

// Those that occur.
void ForEachCount(const FindingBreakdown::CountsByStatus& counts,
                  absl::FunctionRef<void(engine::Status, int)> visit) {
  for (size_t status = 0; status < counts.size(); ++status) {
    if (counts[status] > 0) visit(static_cast<engine::Status>(status), counts[status]);
  }
}

}  // namespace

FindingBreakdown::FindingBreakdown(metrics::Registry* registry)
    : by_row_(registry->Gauge("oversight_compliance_row_findings",
                              "Subjects by row of the rule that governs them today and by status.")),
      by_team_(registry->Gauge("oversight_compliance_team_findings",
                               "Findings by policy, by the team answerable for them today and by status.")) {}

void FindingBreakdown::Begin(const std::string& authority) { series_[authority].team_counts.clear(); }

FindingBreakdown::RuleCounts FindingBreakdown::CountRule(const AuthorityJudge& judge, CivilDay day,
                                                         const AssignedRule& rule) {
  Series& series = series_[judge.authority()];
  RuleCounts counts;
  std::vector<CountsByStatus> by_row(rule.rule().rows.size());
  auto& by_team = series.team_counts[rule.policy().id];
  judge.ForEachFindingOf(rule, day, [&](engine::Subject subject, const engine::Finding& finding) {
    const auto status = static_cast<size_t>(finding.status);
    ++counts.by_status[status];
    counts.longest_days_overdue = std::max(counts.longest_days_overdue, finding.days_overdue);
    if (finding.row >= 0) ++by_row[static_cast<size_t>(finding.row)][status];
    const engine::Subject answerable = engine::AnswerableFor(rule.rule(), judge.facts(), subject);
    ++by_team[judge.facts().TeamNumberOf(answerable, day)][status];
  });
  std::map<Key, int> rows;
  for (size_t row = 0; row < by_row.size(); ++row) {
    ForEachCount(by_row[row], [&](engine::Status status, int count) {
      rows[{{"authority", judge.authority()},
            {"policy", rule.policy().id},
            {"rule", rule.rule().id},
            {"row", rule.rule().rows[row].id},
            {"status", std::string(engine::StatusName(status))}}] = count;
    });
  }
  Set(by_row_, rows, series.by_row[rule.rule().id]);
  return counts;
}

std::map<FindingBreakdown::Key, int> FindingBreakdown::TeamFigures(const AuthorityJudge& judge) const {
  std::map<Key, int> figures;
  for (const auto& [id, teams] : series_.at(judge.authority()).team_counts) {
    const std::string& policy = id;
    int in_small_teams = 0;
    for (const auto& [team, counts] : teams) {
      if (const int size = SizeOf(counts); size < kSmallestGroup) in_small_teams += size;
    }
    for (const auto& [team, counts] : teams) {
      const bool is_small = SizeOf(counts) < kSmallestGroup;
      if (is_small && in_small_teams < kSmallestGroup) continue;
      std::string name = "(small)";
      if (!is_small) name = team == engine::kNobody ? "" : judge.facts().Name(engine::FactKind::kTeam, team);
      ForEachCount(counts, [&](engine::Status status, int count) {
        figures[{{"authority", judge.authority()},
                 {"policy", policy},
                 {"team", name},
                 {"status", std::string(engine::StatusName(status))}}] += count;
      });
    }
  }
  return figures;
}

void FindingBreakdown::End(const AuthorityJudge& judge) {
  Series& series = series_[judge.authority()];
  Set(by_team_, TeamFigures(judge), series.by_team);
  for (auto& [rule, gauges] : series.by_row) {
    if (judge.FindRule(rule) == nullptr) Set(by_row_, {}, gauges);
  }
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
  for (const auto& [rule, gauges] : found->second.by_row) {
    for (const auto& [key, gauge] : gauges) by_row_.Remove(gauge);
  }
  for (const auto& [key, gauge] : found->second.by_team) by_team_.Remove(gauge);
  series_.erase(found);
}

}  // namespace oversight::compliance
