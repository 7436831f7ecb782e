// What must hold of every kind of obligation, whatever the records say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/engine/histories_for_test.h"
#include "services/compliance/engine/reach.h"
#include "services/compliance/engine/running_count.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/facts/kinds_for_test.h"
#include "services/compliance/facts/record_world_for_test.h"

namespace oversight::compliance::testing {
namespace {

using engine::AuthorityFacts;
using engine::Evaluator;

constexpr const char* kKinds[] = {"recurring", "standing", "deadline", "calendar_month",
                                  "follow_up", "coverage", "sequence", "minimum"};

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

struct Said {
  bool something = false;
  std::string verdict;
  CivilDay next_change = CivilDay::Max();
};

// All of a finding but what passes with the days and what depends on the order in which records came.
Said Say(const Evaluator& evaluator, const AuthorityFacts& facts, uint32_t subject, CivilDay as_of) {
  Said said;
  const auto f = evaluator.Evaluate(facts, subject, as_of, &said.next_change);
  // The same, only sooner.
  auto same = f;
  if (same) same->next_change = CivilDay::Max();
  EXPECT_TRUE(evaluator.Verdict(facts, subject, as_of) == same) << as_of;
  if (!f) return said;
  if (f->status == engine::Status::kUnknown) {
    EXPECT_NE(engine::WhatIsMissing(evaluator.rule(), *f), "") << as_of;
  }
  said.something = true;
  said.next_change = f->next_change;
  said.verdict = absl::StrCat(std::string(engine::StatusName(f->status)), " ", f->base.number(), " ",
                              f->due.number(), " ", f->row, " ", f->input, " ", f->lacking);
  const engine::FactKind kind = engine::EventKindOf(evaluator.rule(), f->row);
  if (f->event != engine::Finding::kNoEvent && kind != engine::FactKind::kNone) {
    absl::StrAppend(&said.verdict, " ", facts.Name(kind, f->event));
  }
  return said;
}

// By subject.
using Sayings = std::map<std::string, std::string>;

void Sweep(const Evaluator& evaluator, const AuthorityFacts& facts, uint32_t subject,
           const std::vector<CivilDay>& days, Sayings& sayings) {
  std::string& all = sayings[std::string(facts.Name(evaluator.rule().subject, subject))];
  all.clear();
  bool says_something = false;
  for (const CivilDay day : days) {
    const Said said = Say(evaluator, facts, subject, day);
    says_something = says_something || said.something;
    absl::StrAppend(&all, said.verdict, "\n");
  }
  for (const engine::Gap& gap : evaluator.History(facts, subject, days.back())) {
    absl::StrAppend(&all, static_cast<int>(gap.outcome), " ", gap.base.number(), " ", gap.due.number(), " ",
                    gap.closed.number(), " ", gap.days_overdue, "\n");
  }
  if (const auto explanation = engine::Explain(evaluator, facts, subject, days.back())) {
    for (const std::string& step : explanation->reasoning) absl::StrAppend(&all, step, "\n");
    for (const engine::Evidence& e : explanation->evidence) absl::StrAppend(&all, e.name, ": ", e.text, "\n");
  }
  // Subjects that are only named by others say nothing.
  if (!says_something) sayings.erase(std::string(facts.Name(evaluator.rule().subject, subject)));
}

// All subjects side by side say what each says alone.
void ExpectTheSameSideBySide(const Evaluator& evaluator, const AuthorityFacts& facts, CivilDay as_of) {
  const uint32_t count = facts.SubjectCount(evaluator.rule().subject);
  std::vector<std::optional<engine::Finding>> alone(count);
  for (uint32_t i = 0; i < count; ++i) alone[i] = evaluator.Verdict(facts, i, as_of);
  std::vector<std::optional<engine::Finding>> together(count);
  evaluator.Sweep(facts, as_of, [&](uint32_t subject, const engine::Finding& f) { together[subject] = f; });
  EXPECT_TRUE(alone == together) << evaluator.rule().id << " on " << as_of;
}

Sayings SweepAll(const Evaluator& evaluator, const AuthorityFacts& facts, const std::vector<CivilDay>& days) {
  for (const CivilDay day : days) ExpectTheSameSideBySide(evaluator, facts, day);
  Sayings sayings;
  for (uint32_t i = 0; i < facts.SubjectCount(evaluator.rule().subject); ++i)
    Sweep(evaluator, facts, i, days, sayings);
  return sayings;
}

std::vector<CivilDay> SomeDays(RecordGenerator& generator) {
  std::vector<CivilDay> days;
  for (int i = 0; i < 4; ++i) days.push_back(RecordGenerator::first_day() + generator.Number(0, 152));
  std::sort(days.begin(), days.end());
  return days;
}

class KindsPropertiesTest : public ::testing::TestWithParam<const char*> {};

TEST_P(KindsPropertiesTest, NothingChangesBeforeTheDayThatWasAnnounced) {
  const std::vector<WrittenRule> rules = RulesOfKind(GetParam());
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(60);
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    const WrittenRule& written = rules[seed % rules.size()];
    SCOPED_TRACE(::testing::Message() << written.rule->id << ", seed " << seed);
    RecordGenerator generator(seed, *written.definition, *written.rule);
    AuthorityFacts facts;
    Fill(facts, generator.MakeWorld());
    const Evaluator evaluator(*written.rule, {.effective_from = RecordGenerator::first_day()}, Calendar());
    const auto subject = facts.Find(written.rule->subject, generator.subjects().front());
    if (!subject) continue;
    CivilDay day = RecordGenerator::first_day() - 5;
    Said said = Say(evaluator, facts, subject->index, day);
    for (++day; day < RecordGenerator::last_day() + 40; ++day) {
      Said now = Say(evaluator, facts, subject->index, day);
      ASSERT_GT(now.next_change, day);
      if (day < said.next_change) {
        ASSERT_EQ(now.verdict, said.verdict) << "on " << day;
        if (!generator.Chance(10)) continue;
      }
      said = std::move(now);
    }
  }
}

// Puts a record, new or in place of another, or takes one away; in the facts and in the world.
engine::DirtySet ChangeSomething(RecordGenerator& generator, AuthorityFacts& facts, RecordWorld& world) {
  if (generator.Chance(25) && !world.records.empty()) {
    auto record = world.records.begin();
    std::advance(record, generator.Number(0, static_cast<int>(world.records.size()) - 1));
    const std::string name =
        absl::StrCat("authorities/example", record->first.empty() ? "" : "/", record->first);
    world.records.erase(record);
    return RemoveResource(facts, name);
  }
  const auto [name, record] = generator.AnyRecord();
  world.records[name] = record;
  return PutMessage(facts, name, *record);
}

TEST_P(KindsPropertiesTest, ReJudgingWhomAChangeTouchesEqualsReJudgingAll) {
  const std::vector<WrittenRule> rules = RulesOfKind(GetParam());
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(60);
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    const WrittenRule& written = rules[seed % rules.size()];
    RecordGenerator generator(seed, *written.definition, *written.rule);
    const std::vector<CivilDay> days = SomeDays(generator);
    RecordWorld world = generator.MakeWorld();
    AuthorityFacts facts;
    // As one of many: what comes on the ways of the others alone is theirs.
    for (const WrittenRule& other : rules) facts.Watch(engine::ReachesOf(*other.rule));
    const std::vector<uint32_t> ways = facts.Watch(engine::ReachesOf(*written.rule));
    Fill(facts, world);
    const Evaluator evaluator(*written.rule, {.effective_from = RecordGenerator::first_day()}, Calendar());
    Sayings kept = SweepAll(evaluator, facts, days);
    for (int step = 0; step < 20; ++step) {
      SCOPED_TRACE(::testing::Message() << written.rule->id << ", seed " << seed << ", step " << step);
      const engine::DirtySet dirty = ChangeSomething(generator, facts, world);
      if (dirty.everyone) {
        kept = SweepAll(evaluator, facts, days);
        continue;
      }
      const auto judge_again = [&](engine::Subject subject) {
        if (subject.kind == written.rule->subject) Sweep(evaluator, facts, subject.index, days, kept);
      };
      for (const engine::Subject subject : dirty.subjects) judge_again(subject);
      for (const auto& [way, subject] : dirty.reached) {
        if (std::find(ways.begin(), ways.end(), way) != ways.end()) judge_again(subject);
      }
      ASSERT_EQ(kept, SweepAll(evaluator, facts, days));
    }
    // And that is what facts built afresh say of those who are there.
    AuthorityFacts fresh;
    Fill(fresh, world);
    const Sayings again = SweepAll(evaluator, fresh, days);
    for (const auto& [name, said] : again)
      ASSERT_EQ(kept[name], said) << written.rule->id << ", seed " << seed;
  }
}

TEST_P(KindsPropertiesTest, EachGapIsItselfAndWhatStandsIsOneOfThem) {
  const std::vector<WrittenRule> rules = RulesOfKind(GetParam());
  int of_one_day = 0;
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(400);
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    const WrittenRule& written = rules[seed % rules.size()];
    const engine::Rule& rule = *written.rule;
    RecordGenerator generator(seed, *written.definition, rule);
    AuthorityFacts facts;
    Fill(facts, generator.MakeWorld());
    const Evaluator evaluator(rule, {.effective_from = RecordGenerator::first_day()}, Calendar());
    const CivilDay as_of = RecordGenerator::last_day() - generator.Number(0, 60);
    for (uint32_t i = 0; i < facts.SubjectCount(rule.subject); ++i) {
      SCOPED_TRACE(::testing::Message() << rule.id << ", seed " << seed << ", subject " << i);
      std::map<std::pair<CivilDay, std::string>, engine::Gap> gaps;
      std::set<CivilDay> days;
      for (const engine::Gap& gap : evaluator.History(facts, i, as_of)) {
        const std::string which = engine::WhichOfItsDay(rule, facts, gap);
        ASSERT_TRUE(gaps.emplace(std::pair(gap.base, which), gap).second) << gap.base << " " << which;
        of_one_day += days.insert(gap.base).second ? 0 : 1;
      }
      const std::optional<engine::Finding> finding = evaluator.Evaluate(facts, i, as_of);
      if (!finding) continue;
      const auto same = gaps.find({finding->base, engine::WhichOfItsDay(rule, facts, *finding)});
      // Of a wait for the next session no history tells.
      const bool waits = rule.As<engine::FollowUp>() != nullptr && finding->due == CivilDay::Max();
      ASSERT_EQ(same == gaps.end(), waits);
      if (waits) continue;
      EXPECT_EQ(same->second.event, finding->event);
      EXPECT_EQ(same->second.due, finding->due);
    }
  }
  const bool often = std::set<std::string>{"recurring", "deadline"}.contains(GetParam());
  EXPECT_TRUE(of_one_day > 0 || !often);
}

// The rules that count all records of a kind, each as it is written and with other measures of the same
// records: without a share, whatever kind of session it was, with another bound, for good.
std::vector<engine::Rule> CountingRules(const WrittenRule& written) {
  std::vector<engine::Rule> rules;
  if (engine::CountedMeasure(*written.rule) == nullptr) return rules;
  const auto add = [&](auto&& change) {
    engine::Rule rule = *written.rule;
    change(std::get<engine::Minimum>(rule.obligation).measure.front().measures.front());
    rules.push_back(std::move(rule));
  };
  using engine::Measure;
  add([](Measure&) {});
  add([](Measure& measure) { measure.number = 60; });
  add([](Measure& measure) {
    measure.bound = Measure::Bound::kAtMost;
    measure.records->recent = {};
  });
  for (const Measure::Bound bound : {Measure::Bound::kAtLeast, Measure::Bound::kAtMost}) {
    add([&](Measure& measure) {
      measure.bound = bound;
      measure.number = 3;
      measure.share.clear();
      measure.records->recent = {2, engine::Interval::Unit::kMonths};
    });
  }
  return rules;
}

TEST(RunningCountTest, SaysAfterEveryChangeWhatCountingAllRecordsSays) {
  std::vector<std::pair<WrittenRule, engine::Rule>> rules;
  for (const WrittenRule& written : RulesOfKind("minimum")) {
    for (engine::Rule& rule : CountingRules(written)) rules.emplace_back(written, std::move(rule));
  }
  ASSERT_EQ(rules.size(), 10);  // knowsley.audit and national.quality-monitoring
  std::set<engine::Status> said;
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(60);
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    const auto& [written, rule] = rules[seed % rules.size()];
    RecordGenerator generator(seed, *written.definition, *written.rule);
    RecordWorld world = generator.MakeWorld();
    AuthorityFacts facts;
    facts.Watch(engine::ReachesOf(rule));
    Fill(facts, world);
    const Evaluator evaluator(rule, {.effective_from = RecordGenerator::first_day()}, Calendar());
    engine::RunningCount running(rule, Calendar());
    running.CountAnew(facts);
    for (int step = 0; step < 30; ++step) {
      SCOPED_TRACE(::testing::Message() << rule.id << ", seed " << seed << ", step " << step);
      const engine::DirtySet dirty = ChangeSomething(generator, facts, world);
      if (dirty.everyone) running.CountAnew(facts);
      for (const engine::Subject touched : dirty.All()) running.Count(facts, touched);
      for (uint32_t i = 0; i < facts.SubjectCount(rule.subject); ++i) {
        for (const CivilDay day : SomeDays(generator)) {
          CivilDay next = CivilDay::Max();
          CivilDay next_kept = CivilDay::Max();
          const auto finding = evaluator.Evaluate(facts, i, day, &next);
          ASSERT_TRUE(evaluator.Evaluate(facts, i, running, day, &next_kept) == finding) << day;
          ASSERT_EQ(next_kept, next) << day;
          ASSERT_TRUE(evaluator.Verdict(facts, i, running, day) == evaluator.Verdict(facts, i, day)) << day;
          if (finding) said.insert(finding->status);
        }
      }
    }
  }
  // Kept, not kept, and open whether they are.
  EXPECT_THAT(said, ::testing::IsSupersetOf(
                        {engine::Status::kMet, engine::Status::kOverdue, engine::Status::kUnknown}));
}

INSTANTIATE_TEST_SUITE_P(Kinds, KindsPropertiesTest, ::testing::ValuesIn(kKinds),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace oversight::compliance::testing
