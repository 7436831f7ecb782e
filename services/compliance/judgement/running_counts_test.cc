// A judge that counts all records of a kind as they change holds what one that counts them for the first time
// does.

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

Sayings SayAll(const AuthorityJudge& judge, CivilDay day) {
  Sayings sayings;
  judge.ForEachFinding(
      day, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
        // Both what is counted at once and what may be asked for later.
        EXPECT_TRUE(SameVerdict(judge.Evaluate(rule, subject, day), finding));
        sayings.push_back(absl::StrCat(rule.rule().id, " ", engine::StatusName(finding.status), " ",
                                       finding.base.number(), " ", finding.due.number(), " ",
                                       finding.next_change.number()));
      });
  return sayings;
}

TEST(RunningCountsTest, AreWhatANewJudgeCounts) {
  const std::vector<WrittenRule> rules = CountingRules();
  ASSERT_FALSE(rules.empty());
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(20);
  size_t told = 0;
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    const WrittenRule& written = rules[seed % rules.size()];
    RecordGenerator generator(seed, *written.definition, *written.rule);
    engine::Policy policy;
    policy.id = "counting";
    policy.effective_from = RecordGenerator::first_day();
    policy.rules = {*written.rule};
    const std::vector<engine::Policy> policies = {policy};
    AuthorityJudge judge("example", &policies, &Calendar());
    const Period always{RecordGenerator::first_day(), CivilDay::Max()};
    judge.SetAssignment("counting", "counting", always);
    testing::Fill(judge.facts(), generator.MakeWorld());
    CivilDay today = RecordGenerator::first_day() + 30;
    judge.Judge(today);
    for (int step = 0; step < 40; ++step) {
      SCOPED_TRACE(::testing::Message() << written.rule->id << ", seed " << seed << ", step " << step);
      for (int change = generator.Number(1, 3); change > 0; --change) {
        const auto [name, record] = generator.AnyRecord();
        judge.Touch(generator.Chance(20)
                        ? RemoveResource(judge.facts(), absl::StrCat("authorities/example/", name))
                        : PutMessage(judge.facts(), name, *record));
      }
      if (generator.Chance(10)) judge.TouchEveryone();
      if (generator.Chance(30)) today = today + generator.Number(-2, 10);
      told += judge.Judge(today).size();
      AuthorityJudge fresh(judge, &policies);
      fresh.SetAssignment("counting", "counting", always);
      fresh.Judge(today);
      ASSERT_EQ(SayAll(judge, today), SayAll(fresh, today));
      ASSERT_EQ(SayAll(judge, today - 20), SayAll(fresh, today - 20));
    }
  }
  EXPECT_GT(told, 50);
}

}  // namespace
}  // namespace oversight::compliance
