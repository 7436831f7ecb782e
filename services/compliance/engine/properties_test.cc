// What must hold of every history, whatever is in it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/engine/generate.h"
#include "services/compliance/engine/knowsley_for_test.h"

namespace oversight::engine::testing {
namespace {

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

// Everything that is said of one subject on one day, without numbers that depend on how the facts came in.
struct Said {
  std::string finding;
  std::string detail;  // what may change from day to day
  CivilDay next_change;
};

Said Say(const Evaluator& evaluator, const AuthorityFacts& facts, uint32_t subject, const Timeline& timeline,
         CivilDay as_of) {
  Said said;
  const std::optional<Finding> f = evaluator.Evaluate(facts, subject, timeline, as_of, &said.next_change);
  if (!f) {
    said.finding = "none";
    return said;
  }
  const bool worker_rule = evaluator.rule().subject == SubjectKind::kWorker;
  said.finding =
      absl::StrCat(StatusName(f->status), " ", evaluator.rule().rows[f->row].id, " ", f->base.ToString(),
                   " due ", f->due.number(), " unadjusted ", f->unadjusted_due.number(), " notice ",
                   f->notice_from.number(), " missing ", static_cast<int>(f->missing), " ", f->input);
  if (f->event != Finding::kNoEvent) {
    absl::StrAppend(&said.finding, " ",
                    facts.Name(worker_rule ? FactKind::kSession : FactKind::kDiscussion, f->event));
  }
  absl::StrAppend(&said.finding, " team ", facts.TeamOf({evaluator.rule().subject, subject}, as_of));
  const Allocation* holder = worker_rule ? nullptr : facts.HolderOf(subject, as_of);
  if (holder != nullptr)
    absl::StrAppend(&said.finding, " held by ", facts.Name(FactKind::kAllocation, holder->id));
  said.detail = absl::StrCat(" overdue ", f->days_overdue, " next ", f->next_change.number());
  said.next_change = f->next_change;
  return said;
}

// All that two rules say of all subjects on some days: by rule, subject and day.
class Sweeper {
 public:
  Sweeper(Assignment assignment, std::vector<CivilDay> days) : days_(std::move(days)) {
    for (const absl::string_view name : {"supervision-frequency", "case-discussion"}) {
      evaluators_.emplace_back(KnowsleyRule(name), assignment, Calendar());
    }
  }

  using Sayings = std::map<std::string, std::string>;

  void Sweep(const AuthorityFacts& facts, Subject subject, Sayings& sayings) const {
    for (const Evaluator& evaluator : evaluators_) {
      if (evaluator.rule().subject != subject.kind) continue;
      const Timeline timeline = evaluator.MakeTimeline(facts, subject.index);
      std::string& all = sayings[absl::StrCat(evaluator.rule().id, " ", facts.Name(subject))];
      all.clear();
      for (const CivilDay day : days_) {
        const Said said = Say(evaluator, facts, subject.index, timeline, day);
        absl::StrAppend(&all, day.ToString(), ": ", said.finding, said.detail, "\n");
      }
      for (const Gap& gap : evaluator.History(facts, subject.index, days_.back())) {
        absl::StrAppend(&all, static_cast<int>(gap.outcome), " ", gap.base.ToString(), " ", gap.due.number(),
                        " ", gap.closed.number(), " ", gap.days_overdue, "\n");
      }
      AppendExplanation(evaluator, facts, subject, all);
    }
  }
  Sayings SweepAll(const AuthorityFacts& facts) const {
    Sayings sayings;
    for (uint32_t i = 0; i < facts.worker_count(); ++i) Sweep(facts, {SubjectKind::kWorker, i}, sayings);
    for (uint32_t i = 0; i < facts.case_count(); ++i) Sweep(facts, {SubjectKind::kCase, i}, sayings);
    return sayings;
  }

 private:
  void AppendExplanation(const Evaluator& evaluator, const AuthorityFacts& facts, Subject subject,
                         std::string& all) const {
    const std::optional<Explanation> explanation = Explain(evaluator, facts, subject.index, days_.back());
    if (!explanation) return;
    for (const std::string& step : explanation->reasoning) absl::StrAppend(&all, step, "\n");
    for (const Evidence& e : explanation->evidence) absl::StrAppend(&all, e.name, ": ", e.text, "\n");
    for (const Evidence& e : explanation->not_counted) absl::StrAppend(&all, e.name, ": ", e.text, "\n");
  }

  std::vector<CivilDay> days_;
  std::vector<Evaluator> evaluators_;
};

std::vector<CivilDay> SomeDays(Generator& generator) {
  std::vector<CivilDay> days;
  for (int i = 0; i < 12; ++i) days.push_back(generator.first_day() + generator.Number(0, 600));
  std::sort(days.begin(), days.end());
  return days;
}

// Subjects that only some fact names, but that are not there themselves, get no finding; leave them out.
Sweeper::Sayings WithFindings(Sweeper::Sayings sayings) {
  std::erase_if(sayings, [](const auto& entry) {
    return entry.second.find(": MET") == std::string::npos && entry.second.find(" due ") == std::string::npos;
  });
  return sayings;
}

// Without the day on which it may change, which is not asked of many side by side.
std::vector<std::optional<Finding>> EachAlone(const Evaluator& evaluator, const AuthorityFacts& facts,
                                              CivilDay as_of) {
  std::vector<std::optional<Finding>> said;
  for (uint32_t i = 0; i < facts.SubjectCount(evaluator.rule().subject); ++i) {
    said.push_back(evaluator.Evaluate(facts, i, as_of));
    if (said.back()) said.back()->next_change = CivilDay::Max();
  }
  return said;
}

// Generated histories, each with both rules, whose intervals now and then are others.
void ForEachHistory(
    absl::FunctionRef<void(Generator& generator, const AuthorityFacts& facts, const Evaluator& evaluator)>
        test) {
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    Generator generator(seed);
    const World world = generator.MakeWorld();
    const Assignment assignment = generator.MakeAssignment();
    AuthorityFacts facts;
    Fill(facts, world);
    for (const absl::string_view name : {"supervision-frequency", "case-discussion"}) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", rule " << std::string(name));
      const Rule rule =
          generator.Chance(40) ? generator.VaryIntervals(KnowsleyRule(name)) : KnowsleyRule(name);
      test(generator, facts, Evaluator(rule, assignment, Calendar()));
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(PropertiesTest, SideBySideSubjectsSayWhatEachSaysAlone) {
  int found = 0;
  ForEachHistory([&](Generator& generator, const AuthorityFacts& facts, const Evaluator& evaluator) {
    const SubjectKind kind = evaluator.rule().subject;
    const uint32_t count = facts.SubjectCount(kind);
    TimelineStore timelines;
    for (uint32_t i = 0; i < count && kind == SubjectKind::kCase; ++i)
      timelines.Put(i, evaluator.MakeTimeline(facts, i));
    for (const CivilDay day : SomeDays(generator)) {
      SCOPED_TRACE(day);
      const std::vector<std::optional<Finding>> alone = EachAlone(evaluator, facts, day);
      std::vector<std::optional<Finding>> together(count);
      std::vector<std::optional<Finding>> kept(count);
      evaluator.Sweep(facts, day, [&](uint32_t i, const Finding& finding) { together[i] = finding; });
      evaluator.Sweep(facts, timelines, day, [&](uint32_t i, const Finding& finding) { kept[i] = finding; });
      ASSERT_TRUE(together == alone);
      ASSERT_TRUE(kept == alone);
      found += static_cast<int>(
          std::count_if(alone.begin(), alone.end(), [](const auto& finding) { return finding.has_value(); }));
    }
  });
  EXPECT_GT(found, 1000);
}

TEST(PropertiesTest, NothingChangesBeforeTheDayThatWasAnnounced) {
  int announced = 0;
  ForEachHistory([&](Generator& generator, const AuthorityFacts& facts, const Evaluator& evaluator) {
    const bool worker_rule = evaluator.rule().subject == SubjectKind::kWorker;
    const uint32_t subject = (worker_rule ? facts.FindWorker(kWorkers[0]) : facts.FindCase(kCases[0]))->index;
    const Timeline timeline = evaluator.MakeTimeline(facts, subject);
    CivilDay day = generator.first_day() - generator.Number(0, 100);
    Said said = Say(evaluator, facts, subject, timeline, day);
    while (day < generator.last_day() + 200) {
      ++day;
      Said now = Say(evaluator, facts, subject, timeline, day);
      if (day < said.next_change) {
        ASSERT_EQ(now.finding, said.finding) << "on " << day;
        // Hold on to the older promise, but now and then test a younger one.
        if (!generator.Chance(10)) continue;
      }
      ASSERT_GT(now.next_change, day);
      said = std::move(now);
      ++announced;
    }
  });
  EXPECT_GT(announced, 5000);
}

TEST(PropertiesTest, TheOrderInWhichFactsComeDoesNotShow) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Generator generator(seed);
    const World world = generator.MakeWorld();
    const Sweeper sweeper(generator.MakeAssignment(), SomeDays(generator));
    AuthorityFacts straight;
    Fill(straight, world);

    // The same facts in another order, some wrong at first, and others that are taken back.
    std::vector<std::pair<std::string, AnyFact>> facts(world.facts.begin(), world.facts.end());
    std::shuffle(facts.begin(), facts.end(), std::mt19937(seed));
    AuthorityFacts crooked;
    crooked.SetRecordsCompleteFrom(CivilDay(2020, 1, 1));
    std::vector<std::pair<std::string, AnyFact>> noise;
    for (const auto& [name, fact] : facts) {
      if (generator.Chance(30)) {
        noise.push_back(generator.AnyFactAtAll());
        Upsert(crooked, noise.back().first, noise.back().second);
      }
      Upsert(crooked, name, fact);
      if (generator.Chance(20)) {
        Remove(crooked, name, fact);
        Upsert(crooked, name, fact);
      }
    }
    for (const auto& [name, fact] : noise) Remove(crooked, name, fact);
    for (const auto& [name, fact] : world.facts) Upsert(crooked, name, fact);
    crooked.SetRecordsCompleteFrom(world.records_complete_from);

    const Sweeper::Sayings expected = WithFindings(sweeper.SweepAll(straight));
    EXPECT_EQ(WithFindings(sweeper.SweepAll(crooked)), expected);
    if (HasFailure()) return;
  }
}

TEST(PropertiesTest, ReJudgingWhomAChangeTouchesEqualsReJudgingAll) {
  int changes = 0;
  int touched = 0;
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    Generator generator(seed);
    World world = generator.MakeWorld();
    const Sweeper sweeper(generator.MakeAssignment(), SomeDays(generator));
    AuthorityFacts facts;
    Fill(facts, world);
    Sweeper::Sayings kept = sweeper.SweepAll(facts);
    for (int step = 0; step < 60; ++step) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", step " << step);
      DirtySet dirty;
      if (generator.Chance(3)) {
        world.records_complete_from = generator.Day();
        dirty = facts.SetRecordsCompleteFrom(world.records_complete_from);
      } else if (generator.Chance(35)) {
        // Any fact, or one of those that decide whether a session counts.
        const std::string from = generator.Chance(50) ? "" : generator.Chance(50) ? "link" : "allocation";
        auto fact = world.facts.lower_bound(from);
        const int ahead = from.empty() ? static_cast<int>(world.facts.size()) - 1 : 4;
        for (int i = generator.Number(0, ahead); i > 0 && std::next(fact) != world.facts.end(); --i) ++fact;
        dirty = Remove(facts, fact->first, fact->second);
        world.facts.erase(fact);
      } else {
        const auto [name, fact] = generator.AnyFactAtAll();
        dirty = Upsert(facts, name, fact);
        world.facts[name] = fact;
      }
      ++changes;
      if (dirty.everyone) {
        kept = sweeper.SweepAll(facts);
        continue;
      }
      touched += static_cast<int>(dirty.subjects.size());
      ASSERT_TRUE(std::is_sorted(dirty.subjects.begin(), dirty.subjects.end()));
      for (const Subject subject : dirty.subjects) sweeper.Sweep(facts, subject, kept);
      ASSERT_EQ(WithFindings(kept), WithFindings(sweeper.SweepAll(facts)));
    }
    // And they are what facts built afresh say.
    AuthorityFacts fresh;
    Fill(fresh, world);
    ASSERT_EQ(WithFindings(kept), WithFindings(sweeper.SweepAll(fresh))) << "seed " << seed;
  }
  // Touching everyone would pass as well; it must stay a fraction.
  EXPECT_LT(touched, changes * 3);
}

}  // namespace
}  // namespace oversight::engine::testing
