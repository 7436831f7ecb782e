#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

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

  // Between Begin and End all findings of an authority are counted.
  void Begin();
  void Count(const AuthorityJudge& judge, CivilDay day, const AssignedRule& rule, engine::Subject subject,
             const engine::Finding& finding);
  void End(const std::string& authority);
  void Withdraw(const std::string& authority);

 private:
  // Labels and their values.
  using Key = std::map<std::string, std::string>;
  using Gauges = std::map<Key, prometheus::Gauge*>;

  static void Set(prometheus::Family<prometheus::Gauge>& family, const std::map<Key, int>& counts,
                  Gauges& gauges);
  std::map<Key, int> RowFigures(const std::string& authority) const;
  std::map<Key, int> TeamFigures(const std::string& authority) const;

  prometheus::Family<prometheus::Gauge>& by_row_;
  prometheus::Family<prometheus::Gauge>& by_team_;
  // While counting, nothing is copied: there may be hundreds of thousands of findings.
  absl::flat_hash_map<std::tuple<const AssignedRule*, int, engine::Status>, int> row_counts_;
  // By the number of the team among the facts of the authority.
  absl::flat_hash_map<std::tuple<const engine::Policy*, uint32_t, engine::Status>, int> team_counts_;
  const engine::AuthorityFacts* facts_ = nullptr;
  struct Series {
    Gauges by_row;
    Gauges by_team;
  };
  std::map<std::string, Series> series_;  // by authority
};

}  // namespace oversight::compliance
