#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/metrics/metrics.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {

// The figures of findings by row of the rule (newly qualified, student, child protection, ...), and by team
// and policy. Of a team with fewer than kSmallestGroup findings of a policy nothing is exported by its name,
// for its figures would speak of persons: such teams are one group, `(small)`, and not even that where it is
// smaller still. Only combinations that occur, or have occurred since the figures were last withdrawn, have a
// series. Used by one thread.
class FindingBreakdown {
 public:
  static constexpr int kSmallestGroup = 5;

  explicit FindingBreakdown(metrics::Registry* registry);

  using CountsByStatus = std::array<int, 9>;  // by engine::Status
  struct RuleCounts {
    CountsByStatus by_status{};
    int longest_days_overdue = 0;
  };

  // From here on the rules of the authority are counted one by one, each once.
  void Begin(const std::string& authority);
  // Counts the findings of one rule and shows them by row.
  RuleCounts CountRule(const AuthorityJudge& judge, CivilDay day, const AssignedRule& rule);
  // Shows the counts by team since Begin, and none by row of rules that are gone.
  void End(const AuthorityJudge& judge);
  void Withdraw(const std::string& authority);

 private:
  // Labels and their values.
  using Key = std::map<std::string, std::string>;
  using Gauges = std::map<Key, prometheus::Gauge*>;

  static void Set(prometheus::Family<prometheus::Gauge>& family, const std::map<Key, int>& counts,
                  Gauges& gauges);
  std::map<Key, int> TeamFigures(const AuthorityJudge& judge) const;

  prometheus::Family<prometheus::Gauge>& by_row_;
  prometheus::Family<prometheus::Gauge>& by_team_;
  struct Series {
    // By policy, then by the number of the team among the facts of the authority.
    std::map<std::string, absl::flat_hash_map<uint32_t, CountsByStatus>> team_counts;
    std::map<std::string, Gauges> by_row;  // by rule
    Gauges by_team;
  };
  std::map<std::string, Series> series_;  // by authority
};

}  // namespace oversight::compliance
