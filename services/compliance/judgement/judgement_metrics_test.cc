// Figures that are brought up to date rule by rule, between writes, come to what counting all at once does.

#include "services/compliance/judgement/judgement_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/world.h"

namespace oversight::compliance {
namespace {

const CivilDay kJudgedDay(2026, 4, 10);

class JudgementMetricsTest : public ::testing::Test {
 protected:
  JudgementMetricsTest() : policies_{engine::testing::Knowsley()} {
    for (int worker = 0; worker < 12; ++worker) {
      const std::string name = absl::StrCat("w", worker);
      const char* team = worker < 6 ? "red" : "tan";
      Tell(absl::StrCat("worker ", name, " employed 2020-01-06\npost ", name,
                        " social-worker 2020-01-06.. team ", team, "\nsupervisor ", name,
                        " mona 2020-01-06..\nsession ", name, " mona 2026-0", 1 + worker % 3, "-20\ncase c",
                        worker, " 2025-01-06..\nstatus c", worker,
                        " child-protection 2025-01-06..\nallocation c", worker, " ", name,
                        " keyworker 2025-01-06.. team ", team, "\n"));
    }
    Assign();
    Judge();
  }

  void Assign() { judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()}); }

  void Tell(const std::string& text) {
    text_ += text;
    engine::testing::Fill(judge_.facts(), engine::testing::WorldFromText(text_));
    judge_.TouchEveryone();
  }

  void Judge() { metrics_.Judged(judge_, judge_.Judge(kJudgedDay)); }

  void RefreshOneRule() {
    metrics_.Refresh(judge_, kJudgedDay, /*writer=*/true, [] { return true; });
  }

  // The series that are not zero.
  static std::set<std::string> Shown(const metrics::Registry& registry) {
    const std::string rendered = registry.Render();
    std::set<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(rendered, '\n', absl::SkipEmpty())) {
      if (!absl::StartsWith(line, "#") && !absl::EndsWith(line, " 0")) lines.emplace(line);
    }
    return lines;
  }

  // What is shown in the end when each refresh is interrupted after one rule.
  std::set<std::string> ShownAfterManyInterruptions(const std::set<std::string>& expected) {
    const absl::Time until = absl::Now() + absl::Minutes(1);
    while (Shown(registry_) != expected && absl::Now() < until) RefreshOneRule();
    return Shown(registry_);
  }

  std::set<std::string> CountedAtOnce() {
    metrics::Registry registry;
    JudgementMetrics metrics(&registry);
    metrics.Refresh(judge_, kJudgedDay, /*writer=*/true);
    return Shown(registry);
  }

  const std::vector<engine::Policy> policies_;
  std::string text_;
  AuthorityJudge judge_{"example", &policies_, &WorkingDays::EnglandAndWales()};
  metrics::Registry registry_;
  JudgementMetrics metrics_{&registry_};
};

TEST_F(JudgementMetricsTest, TheFirstTimeAllIsShownAtOnce) {
  RefreshOneRule();
  EXPECT_EQ(Shown(registry_), CountedAtOnce());
  EXPECT_GT(Shown(registry_).size(), 10u);
}

TEST_F(JudgementMetricsTest, InterruptedAgainAndAgainTheyComeToTheSame) {
  RefreshOneRule();
  Tell("session w0 mona 2026-04-02\ndiscussed c7 w7 mona 2026-04-03\n");
  Judge();
  const std::set<std::string> expected = CountedAtOnce();
  ASSERT_NE(Shown(registry_), expected);
  EXPECT_EQ(ShownAfterManyInterruptions(expected), expected);
}

TEST_F(JudgementMetricsTest, RulesThatChangeMidwayAreCountedFromTheFirst) {
  RefreshOneRule();
  Tell("session w1 mona 2026-04-02\n");
  Judge();
  const absl::Time after_the_pause = absl::Now() + absl::Milliseconds(1100);
  while (absl::Now() < after_the_pause) absl::SleepFor(absl::Milliseconds(50));
  RefreshOneRule();
  judge_.RemoveAssignment("a");
  Judge();
  EXPECT_EQ(ShownAfterManyInterruptions(CountedAtOnce()), CountedAtOnce());
  Assign();
  Tell("session w2 mona 2026-04-02\n");
  Judge();
  EXPECT_EQ(ShownAfterManyInterruptions(CountedAtOnce()), CountedAtOnce());
}

}  // namespace
}  // namespace oversight::compliance
