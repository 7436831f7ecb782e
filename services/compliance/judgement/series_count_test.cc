// What one authority costs Prometheus: an authority of 60 teams under all five policies stays below 5,000
// series, whatever its findings are.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/compliance/engine/world.h"
#include "services/compliance/judgement/judgement_metrics.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance {
namespace {

constexpr int kTeams = 60;
constexpr int kMostSeries = 5000;
constexpr int kStatuses = 8;
const CivilDay kToday(2026, 4, 10);

std::vector<engine::Policy> Packs() {
  std::vector<engine::Policy> policies;
  const auto loaded = policy::LoadDirectory(OVERSIGHT_POLICIES_DIR);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  for (const policy::LoadedPolicy& pack : *loaded) policies.push_back(pack.policy);
  return policies;
}

// Five workers in every team, of every career stage, seen twice, overdue and in time, with cases of every
// status.
engine::testing::World SixtyTeams() {
  const char* stages[] = {"newly-qualified", "social-worker", "experienced", "advanced", "strategic"};
  const char* statuses[] = {"assessment",      "child-in-need",          "child-protection",
                            "pre-proceedings", "public-law-proceedings", "looked-after",
                            "care-leaver",     "family-placement"};
  std::string text = "records complete from 2025-01-01\n";
  for (int worker = 0; worker < kTeams * 5; ++worker) {
    const std::string name = absl::StrCat("w", worker);
    const std::string team = absl::StrCat("t", worker % kTeams);
    absl::StrAppend(&text, "worker ", name, " employed 2020-01-06\npost ", name, " ", stages[worker % 5],
                    " 2020-01-06.. team ", team, "\nsupervisor ", name, " mona 2020-01-06..\nsession ", name,
                    " mona 2026-02-02\nsession ", name,
                    worker % 2 == 0 ? " mona 2026-03-27\n" : " mona 2026-03-02\n");
    absl::StrAppend(&text, "case c", worker, " 2025-01-06..\nstatus c", worker, " ", statuses[worker % 8],
                    " 2025-01-06..\nallocation c", worker, " ", name, " keyworker 2025-01-06.. team ", team,
                    "\n");
  }
  return engine::testing::WorldFromText(text);
}

TEST(SeriesCountTest, AnAuthorityOfSixtyTeamsUnderFivePoliciesStaysBelowFiveThousand) {
  const std::vector<engine::Policy> policies = Packs();
  ASSERT_EQ(policies.size(), 5u);
  AuthorityJudge judge("example", &policies, &WorkingDays::EnglandAndWales());
  engine::testing::Fill(judge.facts(), SixtyTeams());
  int rules = 0;
  int rows = 0;
  for (const engine::Policy& policy : policies) {
    judge.SetAssignment(policy.id, policy.id, {CivilDay(2025, 1, 1), CivilDay::Max()});
    rules += static_cast<int>(policy.rules.size());
    for (const engine::Rule& rule : policy.rules) rows += static_cast<int>(rule.rows.size());
  }
  metrics::Registry registry;
  JudgementMetrics metrics(&registry);
  metrics.Judged(judge, judge.Judge(kToday));
  metrics.Refresh(judge, kToday, /*writer=*/true);

  std::map<std::string, int> series;
  int all = 0;
  for (const absl::string_view line : absl::StrSplit(registry.Render(), '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    ++series[std::string(line.substr(0, line.find('{')))];
    ++all;
  }
  EXPECT_EQ(series["oversight_compliance_findings"], rules * kStatuses);
  EXPECT_EQ(series["oversight_compliance_oldest_overdue_days"], rules);
  EXPECT_GE(series["oversight_compliance_team_findings"], kTeams) << "of one policy at least";
  EXPECT_GT(series["oversight_compliance_row_findings"], 0);
  // Everything that could occur: each row and each team, those without a team and the small ones together,
  // with each status; gaps between sessions of each career stage.
  const int most_rows = rows * kStatuses;
  const int most_teams = (kTeams + 2) * static_cast<int>(policies.size()) * kStatuses;
  constexpr int kStages = 12;
  const int of_a_stage = (series["oversight_supervision_session_gap_days_bucket"] +
                          series["oversight_supervision_session_gap_days_sum"] +
                          series["oversight_supervision_session_gap_days_count"]) /
                         5;
  EXPECT_EQ(of_a_stage, 14);
  const int most = all - series["oversight_compliance_row_findings"] + most_rows -
                   series["oversight_compliance_team_findings"] + most_teams + (kStages - 5) * of_a_stage;
  std::printf(
      "%d series of %d teams, %d rules and %d rows now; at most %d of them by team and %d by row, %d in "
      "all\n",
      all, kTeams, rules, rows, most_teams, most_rows, most);
  EXPECT_LT(all, most);
  EXPECT_LT(most, kMostSeries);
}

}  // namespace
}  // namespace oversight::compliance
