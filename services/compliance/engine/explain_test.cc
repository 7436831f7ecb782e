#include "services/compliance/engine/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/world.h"

namespace oversight::engine::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::optional<Explanation> ExplainOn(absl::string_view rule, absl::string_view facts_text,
                                     absl::string_view subject, CivilDay as_of) {
  AuthorityFacts facts;
  Fill(facts, WorldFromText(facts_text));
  const std::optional<Subject> found =
      rule == "case-discussion" ? facts.FindCase(subject) : facts.FindWorker(subject);
  const Evaluator evaluator(KnowsleyRule(rule), {.effective_from = CivilDay(2024, 1, 1)},
                            WorkingDays::EnglandAndWales());
  return Explain(evaluator, facts, found->index, as_of);
}

std::vector<std::string> Texts(const std::vector<Evidence>& evidence) {
  std::vector<std::string> texts;
  for (const Evidence& e : evidence) texts.push_back(absl::StrCat(e.day.ToString(), " ", e.text));
  return texts;
}

TEST(ExplainTest, AWorkersFindingStepByStep) {
  const auto explanation = ExplainOn("supervision-frequency", R"(
    worker anna employed 2025-01-06
    post anna newly-qualified 2025-01-06..
    asye anna 2025-01-06..
    supervisor anna mona 2025-01-06..
    session anna mona 2025-02-14
    away anna 2025-02-26..2025-02-28
    session anna mona 2025-02-20 group
    session anna mona 2025-02-21 cancelled
    session anna nina 2025-02-24)",
                                     "anna", CivilDay(2025, 3, 6));
  ASSERT_TRUE(explanation.has_value());
  EXPECT_EQ(explanation->finding.status, Status::kOverdue);
  EXPECT_EQ(explanation->requirement, "ASYE, next six weeks of employment: every 2 weeks");
  EXPECT_EQ(explanation->clause.section, "5");
  EXPECT_THAT(explanation->reasoning,
              ElementsAre("Counted from 2025-02-14, the last one that counts.",
                          "From 2025-02-14 the row asye-weeks-1-6 asks for it every week.",
                          "From 2025-02-17 the row asye-weeks-7-12 asks for it every 2 weeks.",
                          "That makes it due by 2025-02-28.",
                          "Moved to 2025-03-03, past absences and days that are not worked."));
  EXPECT_THAT(
      Texts(explanation->evidence),
      ElementsAre("2025-02-14 The last session that counts.", "2025-01-06 Post from 2025-01-06",
                  "2025-01-06 ASYE programme from 2025-01-06", "2025-01-06 Supervisor from 2025-01-06",
                  "2025-02-26 Away from 2025-02-26 to 2025-02-28"));
  EXPECT_THAT(Texts(explanation->not_counted),
              ElementsAre("2025-02-24 Who led the session was that day neither the worker's supervisor nor "
                          "the recorded cover.",
                          "2025-02-21 The session was cancelled.",
                          "2025-02-20 It was a group session, which this rule does not count."));
  EXPECT_THAT(explanation->missing_inputs, IsEmpty());
}

TEST(ExplainTest, ACasesFindingNamesItsOwnClauseAndWhyADiscussionDidNotCount) {
  const auto explanation = ExplainOn("case-discussion", R"(
    team cwd children-with-disabilities
    worker anna
    worker carl
    supervisor anna mona 2022-05-02..
    supervisor carl mona 2022-05-02..
    case c1 2024-01-15..
    status c1 child-in-need 2024-01-15..
    allocation c1 anna keyworker 2024-01-15.. team cwd
    agreement c1 direct-payments-only by mona on 2024-02-01 2024-02-01..
    discussed c1 anna mona 2024-03-01
    discussed c1 carl mona 2024-06-03)",
                                     "c1", CivilDay(2024, 7, 1));
  ASSERT_TRUE(explanation.has_value());
  EXPECT_EQ(explanation->clause.section, "Appendix 7, Children with Disabilities Team");
  EXPECT_EQ(explanation->finding.due, CivilDay(2024, 9, 1));
  EXPECT_THAT(explanation->evidence, Contains(Field(&Evidence::kind, FactKind::kAgreement)));
  EXPECT_THAT(explanation->evidence, Contains(Field(&Evidence::kind, FactKind::kSession)));
  EXPECT_THAT(
      Texts(explanation->not_counted),
      ElementsAre(
          "2024-06-03 The worker in the session did not hold the case that day, nor cover for who did."));
}

TEST(ExplainTest, AtMostFiveThatDidNotCountTheLatestFirst) {
  std::string facts = "worker ben employed 2022-05-02\n post ben social-worker 2022-05-02..\n";
  for (int day = 10; day < 20; ++day)
    absl::StrAppend(&facts, "session ben mona 2025-03-", day, " informal\n");
  const auto explanation = ExplainOn("supervision-frequency", facts, "ben", CivilDay(2025, 3, 18));
  ASSERT_EQ(explanation->not_counted.size(), 5u);
  EXPECT_EQ(explanation->not_counted.front().day, CivilDay(2025, 3, 18));
  EXPECT_EQ(explanation->not_counted.back().day, CivilDay(2025, 3, 14));
}

TEST(ExplainTest, WhatIsMissingIsNamed) {
  const auto elsewhere = ExplainOn("case-discussion", R"(
    case c1 2024-01-15..
    status c1 looked-after 2024-01-15..
    placement c1 other hostel 2024-01-15..)",
                                   "c1", CivilDay(2024, 7, 1));
  EXPECT_EQ(elsewhere->finding.status, Status::kUnknown);
  EXPECT_THAT(elsewhere->missing_inputs,
              ElementsAre("a placement of a kind for which appendix 7 names a frequency"));
  EXPECT_THAT(elsewhere->reasoning, Contains("From 2024-01-15 it cannot be said which row holds."));
  EXPECT_THAT(elsewhere->reasoning, Contains("Nothing is due."));

  const auto anna = ExplainOn("supervision-frequency",
                              "worker anna\n post anna newly-qualified 2025-01-06..\n asye anna 2025-01-06..",
                              "anna", CivilDay(2025, 2, 1));
  EXPECT_THAT(anna->missing_inputs, ElementsAre("the day on which the worker's employment began "
                                                "(employment_start_date of Worker)"));
}

// The texts go to logs of questions and into reports; only Evidence::name may name anybody.
TEST(ExplainTest, NoTextNamesAnybody) {
  const auto explanation = ExplainOn("case-discussion", R"(
    worker anna
    supervisor anna mona 2022-05-02..
    case c1 2024-01-15..2024-06-01
    status c1 child-in-need 2024-01-15..
    allocation c1 anna keyworker 2024-01-15..
    discussed c1 anna nina 2024-04-01
    discussed c1 anna mona 2024-03-01)",
                                     "c1", CivilDay(2024, 4, 20));
  ASSERT_TRUE(explanation.has_value());
  std::vector<std::string> texts = explanation->reasoning;
  for (const Evidence& e : explanation->evidence) texts.push_back(e.text);
  for (const Evidence& e : explanation->not_counted) texts.push_back(e.text);
  for (const absl::string_view name : {"anna", "mona", "nina", "c1"}) {
    EXPECT_THAT(texts, Not(Contains(HasSubstr(std::string(name)))));
  }
}

TEST(ExplainTest, NoFindingNoExplanation) {
  EXPECT_FALSE(ExplainOn("case-discussion", "case c1 2024-01-15..", "c1", CivilDay(2024, 4, 20)).has_value());
}

}  // namespace
}  // namespace oversight::engine::testing
