#include "services/compliance/engine/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>
#include <set>

#include "services/compliance/engine/generate.h"
#include "services/compliance/engine/histories_for_test.h"
#include "services/compliance/engine/knowsley_for_test.h"

namespace oversight::engine::testing {

std::ostream& operator<<(std::ostream& out, const Verdict& v) {
  return out << StatusName(v.status) << " row " << v.row << " base " << v.base << " ("
             << static_cast<int>(v.base_reason) << " " << v.event << ") due " << v.due << " unadjusted "
             << v.unadjusted_due << " overdue " << v.days_overdue << " missing "
             << static_cast<int>(v.missing) << " " << v.input;
}

std::ostream& operator<<(std::ostream& out, const PastGap& g) {
  return out << "outcome " << static_cast<int>(g.outcome) << " base " << g.base << " (" << g.event << ") due "
             << g.due << " closed " << g.closed << " (" << g.closing_event << ") overdue " << g.days_overdue;
}

namespace {

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

std::string EventName(const Rule& rule, const AuthorityFacts& facts, uint32_t event) {
  if (event == Finding::kNoEvent) return "";
  return std::string(
      facts.Name(rule.subject == SubjectKind::kWorker ? FactKind::kSession : FactKind::kDiscussion, event));
}

std::optional<Verdict> AsVerdict(const Rule& rule, const AuthorityFacts& facts,
                                 const std::optional<Finding>& f) {
  if (!f) return std::nullopt;
  return Verdict{f->status,
                 f->missing,
                 f->input,
                 rule.rows[f->row].id,
                 f->base,
                 f->base_reason,
                 EventName(rule, facts, f->event),
                 f->due,
                 f->unadjusted_due,
                 f->days_overdue};
}

struct Count {
  int findings = 0;
  int gaps = 0;
  int agreed = 0;  // findings by an agreed interval
  std::set<std::string> rows;
  std::set<Status> statuses;
  std::set<Outcome> outcomes;
};

// One generated history, judged by both on many days.
void Compare(const Rule& base_rule, uint32_t seed, Count& count) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed << ", rule " << base_rule.id);
  Generator generator(seed);
  World world = generator.MakeWorld();
  const Assignment assignment = generator.MakeAssignment();
  const bool worker_rule = base_rule.subject == SubjectKind::kWorker;
  const std::string subject(worker_rule ? kWorkers[0] : kCases[0]);
  const AnyFact& about = world.facts.at(subject);
  // Which row is doubtful must not also depend on the month.
  const bool certain = !worker_rule || std::get<WorkerFact>(about).employment_start.has_value();
  if (base_rule.rows.back().every_of)
    generator.AddAgreedIntervals(world, base_rule.subject, subject, certain);
  const Rule rule = certain && generator.Chance(40) ? generator.VaryIntervals(base_rule) : base_rule;

  AuthorityFacts facts;
  Fill(facts, world);
  const uint32_t index =
      (worker_rule ? facts.FindWorker(subject) : facts.FindCase(subject)).value_or(Subject{}).index;
  const Evaluator evaluator(rule, assignment, Calendar());
  const Timeline timeline = evaluator.MakeTimeline(facts, index);
  const Oracle oracle(rule, assignment, Calendar(), world, subject, generator.last_day() + 600);

  for (const CivilDay as_of : InterestingDays(world, generator, 15)) {
    const std::optional<Finding> finding = evaluator.Evaluate(facts, index, timeline, as_of);
    const std::optional<Verdict> expected = oracle.Judge(as_of);
    ASSERT_EQ(AsVerdict(rule, facts, finding), expected) << "as of " << as_of;
    if (!finding) continue;
    ++count.findings;
    count.agreed += rule.rows[finding->row].every_of.has_value();
    count.rows.insert(expected->row);
    count.statuses.insert(expected->status);
  }
  const CivilDay until = generator.first_day() + generator.Number(100, 700);
  std::vector<PastGap> gaps;
  for (const Gap& gap : evaluator.History(facts, index, until)) {
    gaps.push_back({gap.outcome, gap.base, EventName(rule, facts, gap.event), gap.due, gap.closed,
                    EventName(rule, facts, gap.closing_event), gap.days_overdue});
    count.outcomes.insert(gap.outcome);
    ++count.gaps;
  }
  ASSERT_EQ(gaps, oracle.History(until)) << "until " << until;
}

// All the histories that are asked for, of one rule.
void CompareAll(const Rule& rule, Count& count) {
  const Seeds seeds = SeedsOr(1000);
  for (uint32_t seed = seeds.first; seed <= seeds.last() && !::testing::Test::HasFailure(); ++seed) {
    Compare(rule, seed, count);
  }
  std::printf("%s: %u histories (seeds %u to %u), %d findings, %d of them by an agreed interval, %d gaps\n",
              rule.id.c_str(), seeds.count, seeds.first, seeds.last(), count.findings, count.agreed,
              count.gaps);
}

// Every kind of finding must have come up, or the comparison proves little.
TEST(OracleTest, AgreesOnSupervisionFrequency) {
  const Rule& rule = KnowsleyRule("supervision-frequency");
  Count count;
  CompareAll(rule, count);
  EXPECT_EQ(count.rows.size(), rule.rows.size());
  EXPECT_EQ(count.statuses, (std::set<Status>{Status::kMet, Status::kPending, Status::kDueSoon,
                                              Status::kOverdue, Status::kExcused, Status::kUnknown}));
  EXPECT_EQ(count.outcomes.size(), 5u);
}

TEST(OracleTest, AgreesOnCaseDiscussion) {
  const Rule& rule = KnowsleyRule("case-discussion");
  Count count;
  CompareAll(rule, count);
  EXPECT_EQ(count.rows.size(), rule.rows.size());
  EXPECT_EQ(count.statuses, (std::set<Status>{Status::kMet, Status::kPending, Status::kDueSoon,
                                              Status::kOverdue, Status::kUnknown}));
  EXPECT_EQ(count.outcomes.size(), 5u);
}

TEST(OracleTest, AgreesOnAgreedIntervals) {
  for (const absl::string_view name : {"supervision-frequency", "case-discussion"}) {
    const Rule& rule = KnowsleyRuleWithAgreements(name);
    Count count;
    CompareAll(rule, count);
    EXPECT_EQ(count.rows.size(), rule.rows.size()) << name;
    EXPECT_GT(count.agreed, count.findings / 10) << name;
    EXPECT_EQ(count.outcomes.size(), 5u) << name;
  }
}

}  // namespace
}  // namespace oversight::engine::testing
