// Figures by team never speak of a handful of persons.

#include "services/compliance/judgement/finding_breakdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/world.h"

namespace oversight::compliance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The team figures where each of these teams has so many workers, all of whom were supervised on 1 April
// 2026.
std::vector<std::string> FiguresOf(const std::vector<std::pair<std::string, int>>& teams) {
  const std::vector<engine::Policy> policies = {engine::testing::Knowsley()};
  AuthorityJudge judge("example", &policies, &WorkingDays::EnglandAndWales());
  std::string world;
  int worker = 0;
  for (const auto& [team, workers] : teams) {
    for (int i = 0; i < workers; ++i, ++worker) {
      const std::string name = absl::StrCat("w", worker);
      absl::StrAppend(&world, "worker ", name, " employed 2020-01-06\npost ", name,
                      " social-worker 2020-01-06.. team ", team, "\nsupervisor ", name,
                      " mona 2020-01-06..\nsession ", name, " mona 2026-04-01\n");
    }
  }
  engine::testing::Fill(judge.facts(), engine::testing::WorldFromText(world));
  judge.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  const CivilDay today(2026, 4, 10);
  judge.Judge(today);
  metrics::Registry registry;
  FindingBreakdown breakdown(&registry);
  breakdown.Begin("example");
  for (const AssignedRule& rule : judge.rules()) breakdown.CountRule(judge, today, rule);
  breakdown.End(judge);
  std::vector<std::string> figures;
  const std::string rendered = registry.Render();
  for (const absl::string_view line : absl::StrSplit(rendered, '\n')) {
    const size_t team = line.find("team=\"");
    if (team != absl::string_view::npos) figures.emplace_back(line.substr(team));
  }
  return figures;
}

TEST(FindingBreakdownTest, TeamsUnderFiveAreOneGroupOrNone) {
  EXPECT_THAT(FiguresOf({{"red", 5}}), ElementsAre("team=\"red\"} 5"));
  EXPECT_THAT(FiguresOf({{"red", 4}}), IsEmpty());
  EXPECT_THAT(FiguresOf({{"red", 4}, {"tan", 6}}), ElementsAre("team=\"tan\"} 6"));
  EXPECT_THAT(FiguresOf({{"red", 4}, {"blue", 1}, {"tan", 6}}),
              ::testing::UnorderedElementsAre("team=\"(small)\"} 5", "team=\"tan\"} 6"));
}

}  // namespace
}  // namespace oversight::compliance
