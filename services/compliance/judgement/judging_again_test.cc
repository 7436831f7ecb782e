// A judge that judges again what a change touched, for the rules to which it came, holds what one that judges
// for the first time does.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/histories_for_test.h"
#include "services/compliance/engine/reach.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/facts/kinds_for_test.h"
#include "services/compliance/facts/record_world_for_test.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {
namespace {

using testing::RecordGenerator;
using testing::WrittenRule;

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

std::vector<WrittenRule> CountingRules() {
  std::vector<WrittenRule> rules = testing::RulesOfKind("minimum");
  std::erase_if(rules,
                [](const WrittenRule& written) { return engine::CountedMeasure(*written.rule) == nullptr; });
  return rules;
}

using Sayings = std::vector<std::string>;

// Without the days on which they may change where these were not asked for.
Sayings SayAll(const AuthorityJudge& judge, CivilDay day, bool with_next_change = true) {
  Sayings sayings;
  judge.ForEachFinding(
      day, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
        // Both what is counted at once and what may be asked for later.
        EXPECT_TRUE(SameVerdict(judge.Evaluate(rule, subject, day), finding));
        sayings.push_back(absl::StrCat(rule.rule().id, " ", judge.facts().Name(subject), " ",
                                       engine::StatusName(finding.status), " ", finding.base.number(), " ",
                                       finding.due.number(), " ",
                                       with_next_change ? finding.next_change.number() : 0));
      });
  return sayings;
}

// Records as `about` looks at them change at random, by ones and by several; gives the number of changes
// told.
size_t JudgeAgainAndAgain(uint32_t seed, const WrittenRule& about,
                          const std::vector<engine::Policy>& policies) {
  const auto assign = [&](AuthorityJudge& judge) {
    for (const engine::Policy& policy : policies) {
      judge.SetAssignment(policy.id, policy.id, {RecordGenerator::first_day(), CivilDay::Max()});
    }
  };
  RecordGenerator generator(seed, *about.definition, *about.rule);
  AuthorityJudge judge("example", &policies, &Calendar());
  assign(judge);
  testing::Fill(judge.facts(), generator.MakeWorld());
  CivilDay today = RecordGenerator::first_day() + 30;
  judge.Judge(today);
  size_t told = 0;
  for (int step = 0; step < 40; ++step) {
    SCOPED_TRACE(::testing::Message() << about.rule->id << ", seed " << seed << ", step " << step);
    for (int change = generator.Number(1, 3); change > 0; --change) {
      const auto [name, record] = generator.AnyRecord();
      judge.Touch(generator.Chance(20)
                      ? RemoveResource(judge.facts(), absl::StrCat("authorities/example/", name))
                      : PutMessage(judge.facts(), name, *record));
    }
    if (generator.Chance(10)) judge.TouchEveryone();
    AuthorityJudge fresh(judge, &policies);
    assign(fresh);
    fresh.Judge(today);
    // Who asks before it has judged again hears the same.
    EXPECT_EQ(SayAll(judge, today, false), SayAll(fresh, today, false));
    if (generator.Chance(30)) today = today + generator.Number(-2, 10);
    told += judge.Judge(today).size();
    fresh.Judge(today);
    EXPECT_EQ(SayAll(judge, today), SayAll(fresh, today));
    EXPECT_EQ(SayAll(judge, today - 20), SayAll(fresh, today - 20));
    if (::testing::Test::HasFailure()) break;
  }
  return told;
}

TEST(JudgingAgainTest, RulesThatCountAllRecordsOfAKind) {
  const std::vector<WrittenRule> rules = CountingRules();
  ASSERT_FALSE(rules.empty());
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(20);
  size_t told = 0;
  for (uint32_t seed = seeds.first; seed <= seeds.last() && !HasFailure(); ++seed) {
    const WrittenRule& written = rules[seed % rules.size()];
    engine::Policy policy;
    policy.id = "counting";
    policy.effective_from = RecordGenerator::first_day();
    policy.rules = {*written.rule};
    told += JudgeAgainAndAgain(seed, written, {policy});
  }
  EXPECT_GT(told, 50);
}

TEST(JudgingAgainTest, AllRulesTogether) {
  std::vector<engine::Policy> policies;
  std::vector<WrittenRule> rules;
  for (const policy::LoadedPolicy& pack : testing::Packs()) {
    policies.push_back(pack.policy);
    for (int i = 0; i < pack.definition.rules_size(); ++i) {
      rules.push_back({&pack.definition.rules(i), &pack.policy.rules[static_cast<size_t>(i)]});
    }
  }
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(static_cast<uint32_t>(rules.size()));
  size_t told = 0;
  for (uint32_t seed = seeds.first; seed <= seeds.last() && !HasFailure(); ++seed) {
    told += JudgeAgainAndAgain(seed, rules[seed % rules.size()], policies);
  }
  EXPECT_GT(told, 5 * rules.size());
}

}  // namespace
}  // namespace oversight::compliance
