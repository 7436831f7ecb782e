#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/compliance/engine/evaluate.h"

namespace oversight::engine {
namespace {

using ::testing::ElementsAre;

constexpr FactKind kSession = FactKind::kSession;

// Of what is about the rows and records.
std::vector<std::string> Which(const Rule& rule, const std::vector<Finding>& findings) {
  AuthorityFacts facts;
  facts.RowOf(kSession, "sessions/s0");
  facts.RowOf(kSession, "sessions/s1");
  std::vector<std::string> which;
  for (const Finding& finding : findings) which.push_back(WhichOfItsDay(rule, facts, finding));
  return which;
}

TEST(WhichOfItsDayTest, OfADeadlineItIsTheStepAndTheRecord) {
  const DeadlineStep of_the_subject;
  DeadlineStep of_sessions;
  of_sessions.each = RecordEvent{.of = kSession};
  Rule rule{.rows = {{.id = "first"}, {.id = "second"}, {.id = "third"}}};
  rule.obligation = Deadline{.steps = {of_the_subject, of_the_subject, of_sessions}};
  EXPECT_THAT(Which(rule, {{.row = 0}, {.row = 1}, {.row = 2, .event = 0}, {.row = 2, .event = 1}}),
              ElementsAre("", "step second\n", "step third\nrecord sessions/s0\n",
                          "step third\nrecord sessions/s1\n"));
}

TEST(WhichOfItsDayTest, OfASequenceToo) {
  Rule rule{.rows = {{.id = "first"}, {.id = "every-other"}}};
  rule.obligation = Sequence{.each = {.of = kSession}};
  EXPECT_THAT(
      Which(rule, {{.row = 0, .event = 0}, {.row = 1, .event = 0}, {.row = 0, .event = 1}}),
      ElementsAre("record sessions/s0\n", "step every-other\nrecord sessions/s0\n", "record sessions/s1\n"));
}

TEST(WhichOfItsDayTest, OfAFollowUpItIsTheSessionOrTheWaitForTheNext) {
  Rule rule;
  rule.obligation = FollowUp{};
  const CivilDay day(2026, 4, 10);
  EXPECT_THAT(
      Which(rule, {{}, {.event = 0, .due = day}, {.event = 1, .due = day}, {.event = 1}}),
      ElementsAre("", "record sessions/s0\n", "record sessions/s1\n", "record sessions/s1\nuntil the next"));
}

TEST(WhichOfItsDayTest, OfARecurringRuleItIsTheClockAndNeverTheRowOrTheEvent) {
  Rule rule{.rows = {{.id = "first"}, {.id = "second"}}};
  rule.obligation = Recurring{};
  EXPECT_THAT(Which(rule, {{.row = 1, .event = 1}}), ElementsAre(""));
  rule.event = RecordEvent{.of = kSession, .each_value_of = 3, .values = {1, 2}};
  EXPECT_THAT(Which(rule, {{.clock = 1, .event = 1}, {.clock = 2, .row = 1}}), ElementsAre("", "value 2"));
}

}  // namespace
}  // namespace oversight::engine
