// The engine against the slow oracle of records, for each kind of obligation, on the rules of the five packs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>

#include "absl/strings/str_cat.h"

#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/histories_for_test.h"
#include "services/compliance/engine/reach.h"
#include "services/compliance/facts/kinds_for_test.h"
#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

std::ostream& operator<<(std::ostream& out, const RecordVerdict& v) {
  return out << std::string(engine::StatusName(v.status)) << " from " << v.base << " due "
             << (v.due == CivilDay::Max() ? "never" : v.due.ToString()) << " row " << v.row << " lacking "
             << v.lacking;
}

namespace {

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

std::optional<RecordVerdict> Engine(const engine::Evaluator& evaluator, const engine::AuthorityFacts& facts,
                                    const std::string& subject, CivilDay as_of) {
  const auto found = facts.Find(evaluator.rule().subject, subject);
  if (!found) return std::nullopt;
  const auto finding = evaluator.Evaluate(facts, found->index, as_of);
  if (!finding) return std::nullopt;
  RecordVerdict verdict{finding->status, finding->base, finding->due, finding->row, finding->lacking};
  const bool holds = finding->status == engine::Status::kMet || finding->status == engine::Status::kDueSoon;
  const bool every_day =
      evaluator.rule().As<engine::Standing>() != nullptr ||
      (evaluator.rule().As<engine::Minimum>() != nullptr &&
       evaluator.rule().As<engine::Minimum>()->judged == engine::Minimum::Judged::kEveryDay);
  if (holds && every_day && verdict.due >= as_of + RecordOracle::kFarAhead - 1) verdict.due = CivilDay::Max();
  return verdict;
}

struct Seen {
  int findings = 0;
  std::map<std::string, std::set<engine::Status>> statuses;  // by rule
};

// The first difference between the two on one history; empty when there is none.
std::string Compare(const WrittenRule& written, uint32_t seed, Seen& seen) {
  RecordGenerator generator(seed, *written.definition, *written.rule);
  const RecordWorld world = generator.MakeWorld();
  engine::AuthorityFacts facts;
  if (generator.Chance(50)) facts.Watch(engine::ReachesOf(*written.rule));
  Fill(facts, world);
  const CivilDay first = RecordGenerator::first_day();
  const engine::Evaluator evaluator(*written.rule, {.effective_from = first}, Calendar());
  const RecordOracle oracle(*written.definition, world, Calendar(), first, RecordGenerator::last_day() + 150);
  for (int i = 0; i < 6; ++i) {
    const CivilDay as_of = first + generator.Number(-3, RecordGenerator::last_day() - first);
    const std::vector<std::string>& subjects = generator.subjects();
    const std::string& subject =
        subjects[static_cast<size_t>(generator.Number(0, static_cast<int>(subjects.size()) - 1))];
    const std::optional<RecordVerdict> said = Engine(evaluator, facts, subject, as_of);
    const std::optional<RecordVerdict> expected = oracle.Judge(subject, as_of);
    if (said != expected) {
      // All there is, for whoever looks for the reason.
      if (std::getenv("OVERSIGHT_SHOW") != nullptr) {
        for (const auto& [name, record] : world.records) {
          std::printf("%s: %s\n", name.c_str(), record->ShortDebugString().c_str());
        }
      }
      return absl::StrCat(written.rule->id, ", seed ", seed, ", ", subject, " as of ", as_of.ToString(),
                          ":\n  engine ", ::testing::PrintToString(said), "\n  oracle ",
                          ::testing::PrintToString(expected));
    }
    if (!said) continue;
    ++seen.findings;
    seen.statuses[written.rule->id].insert(said->status);
  }
  return "";
}

class KindsOracleTest : public ::testing::TestWithParam<std::string> {};

TEST_P(KindsOracleTest, Agrees) {
  const std::vector<WrittenRule> rules = RulesOfKind(GetParam());
  ASSERT_FALSE(rules.empty());
  Seen seen;
  std::set<std::string> differ;
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(1000);
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    const WrittenRule& written = rules[seed % rules.size()];
    if (differ.contains(written.rule->id)) continue;
    const std::string difference = Compare(written, seed, seen);
    if (difference.empty()) continue;
    ADD_FAILURE() << difference;
    differ.insert(written.rule->id);
  }
  std::set<engine::Status> statuses;
  for (const auto& [rule, of_rule] : seen.statuses) statuses.insert(of_rule.begin(), of_rule.end());
  std::printf("%s: %u histories (seeds %u to %u) of %zu rules, %d findings, %zu statuses\n",
              GetParam().c_str(), seeds.count, seeds.first, seeds.last(), rules.size(), seen.findings,
              statuses.size());
  // Every rule must have said something, or the comparison proves little of it.
  for (const WrittenRule& written : rules) {
    EXPECT_TRUE(seeds.count < 1000 || !seen.statuses[written.rule->id].empty()) << written.rule->id;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, KindsOracleTest,
                         ::testing::Values("standing", "deadline", "calendar_month", "follow_up", "coverage",
                                           "sequence", "minimum"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace oversight::compliance::testing
