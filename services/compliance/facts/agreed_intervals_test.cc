// A row whose interval stands in records says what a table with a row for each interval would say, whatever
// the records hold. Such tables are read by the oracle.

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/histories_for_test.h"
#include "services/compliance/facts/kinds_for_test.h"
#include "services/compliance/facts/record_world_for_test.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance::testing {
namespace {

using google::protobuf::Message;

// No two of them are of such lengths that the month decides which is longer, but 30 days beside a monthly
// row.
constexpr int kDays[] = {7, 10, 20, 30, 45};
constexpr int kMonths[] = {2, 4};

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

void Is(v1::Condition& where, const std::string& field, int value) {
  auto& least = *where.add_field();
  least.set_name(field);
  least.set_at_least(value);
  least.set_unset_fails(true);
  auto& most = *where.add_field();
  most = least;
  most.set_at_most(value);
}

// The rule with a row for each interval in place of the one row.
v1::RuleDefinition Spelt(const v1::RuleDefinition& rule) {
  v1::RuleDefinition spelt = rule;
  spelt.mutable_recurring()->clear_rows();
  for (const v1::RowDefinition& row : rule.recurring().rows()) {
    if (!row.has_every_of()) {
      *spelt.mutable_recurring()->add_rows() = row;
      continue;
    }
    const auto add = [&](const std::string& id) -> v1::RowDefinition& {
      auto& added = *spelt.mutable_recurring()->add_rows();
      added = row;
      added.set_id(absl::StrCat(row.id(), "-", id));
      added.clear_every_of();
      *added.mutable_when()->add_record() = row.every_of().record();
      return added;
    };
    const auto where = [](v1::RowDefinition& added) -> v1::Condition& {
      return *added.mutable_when()->mutable_record(added.when().record_size() - 1)->mutable_where();
    };
    for (const int days : kDays) {
      v1::RowDefinition& added = add(absl::StrCat(days, "-days"));
      added.mutable_every()->set_days(days);
      Is(where(added), row.every_of().days(), days);
    }
    for (const int months : kMonths) {
      v1::RowDefinition& added = add(absl::StrCat(months, "-months"));
      added.mutable_every()->set_months(months);
      Is(where(added), row.every_of().months(), months);
    }
  }
  return spelt;
}

engine::Policy PolicyOf(const v1::RuleDefinition& rule) {
  v1::PolicyDefinition definition;
  definition.set_id(rule.id().substr(0, rule.id().find('.')));
  definition.set_version(1);
  definition.set_title("One rule");
  definition.set_authority("Anytown");
  definition.mutable_effective_from()->set_year(2013);
  definition.mutable_effective_from()->set_month(1);
  definition.mutable_effective_from()->set_day(1);
  auto& document = *definition.add_documents();
  document.set_id(rule.clause().document());
  document.set_title("The document");
  *definition.add_rules() = rule;
  auto loaded = policy::Load("spelt.txtpb", definition.DebugString());
  EXPECT_TRUE(loaded.ok()) << std::string(loaded.status().message());
  return loaded->policy;
}

const v1::IntervalOfRecords* EveryOf(const v1::RuleDefinition& rule) {
  for (const v1::RowDefinition& row : rule.recurring().rows()) {
    if (row.has_every_of()) return &row.every_of();
  }
  return nullptr;
}

// Each record asks for nothing, for some days or for some months.
void Agree(RecordGenerator& generator, const v1::IntervalOfRecords& every, RecordWorld& world) {
  for (auto& [name, record] : world.records) {
    const auto* descriptor = record->GetDescriptor();
    if (!absl::EndsWith(descriptor->full_name(), absl::StrCat(".", every.record().of()))) continue;
    std::shared_ptr<Message> changed(record->New());
    changed->CopyFrom(*record);
    const auto set = [&](const std::string& field, int value) {
      changed->GetReflection()->SetInt32(changed.get(), descriptor->FindFieldByName(field), value);
    };
    set(every.days(), generator.Chance(60) ? kDays[generator.Number(0, 4)] : 0);
    set(every.months(), 0);
    if (generator.Chance(30)) {
      set(every.days(), 0);
      set(every.months(), kMonths[generator.Number(0, 1)]);
    }
    record = changed;
  }
}

// All but the row, of which the spelt table has another one.
std::string Text(const std::optional<engine::Finding>& finding, const engine::Rule& rule) {
  if (!finding) return "none";
  const std::string row = finding->row < 0 ? "" : rule.rows[static_cast<size_t>(finding->row)].id;
  return absl::StrCat(std::string(engine::StatusName(finding->status)), " ",
                      absl::StartsWith(row, "as-agreed") ? "as-agreed" : row, " from ",
                      finding->base.ToString(), " due ", finding->due.number(), " unmoved ",
                      finding->unadjusted_due.number(), " notice ", finding->notice_from.number(), " late ",
                      finding->days_overdue);
}

// On all days of generated histories.
void Compare(const v1::RuleDefinition& definition) {
  const v1::IntervalOfRecords* every = EveryOf(definition);
  const engine::Policy written = PolicyOf(definition);
  const engine::Policy spelt = PolicyOf(Spelt(definition));
  const engine::Assignment assignment{.effective_from = RecordGenerator::first_day()};
  const engine::Evaluator one(written.rules[0], assignment, Calendar());
  const engine::Evaluator many(spelt.rules[0], assignment, Calendar());
  int agreed = 0;
  const engine::testing::Seeds seeds = engine::testing::SeedsOr(300);
  for (uint32_t seed = seeds.first; seed <= seeds.last(); ++seed) {
    RecordGenerator generator(seed, definition, written.rules[0]);
    RecordWorld world = generator.MakeWorld();
    Agree(generator, *every, world);
    engine::AuthorityFacts facts;
    Fill(facts, world);
    for (uint32_t subject = 0; subject < facts.SubjectCount(written.rules[0].subject); ++subject) {
      for (int i = 0; i < 12; ++i) {
        const CivilDay as_of = RecordGenerator::first_day() + generator.Number(0, 200);
        const auto said = one.Evaluate(facts, subject, as_of);
        ASSERT_EQ(Text(said, written.rules[0]), Text(many.Evaluate(facts, subject, as_of), spelt.rules[0]))
            << "seed " << seed << ", subject " << subject << " as of " << as_of;
        agreed += said && said->row >= 0 && written.rules[0].rows[static_cast<size_t>(said->row)].every_of;
      }
      ASSERT_EQ(one.History(facts, subject, RecordGenerator::last_day()),
                many.History(facts, subject, RecordGenerator::last_day()))
          << "seed " << seed << ", subject " << subject;
    }
  }
  std::printf("%s: %u histories, %d findings by an agreed interval\n", definition.id().c_str(), seeds.count,
              agreed);
  EXPECT_GT(agreed, static_cast<int>(seeds.count) / 2);
}

TEST(AgreedIntervalsTest, AreRowsForEachOfThem) {
  int rules = 0;
  for (const WrittenRule& written : RulesOfKind("recurring")) {
    if (EveryOf(*written.definition) == nullptr) continue;
    SCOPED_TRACE(written.rule->id);
    Compare(*written.definition);
    ++rules;
  }
  EXPECT_GE(rules, 3);
}

}  // namespace
}  // namespace oversight::compliance::testing
