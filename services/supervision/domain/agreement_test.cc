#include "services/supervision/domain/agreement.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::supervision {
namespace {

using enum AgreementState;
using enum AgreementAction;

TEST(AgreementStateTest, EachStateAndAction) {
  struct Case {
    AgreementState state;
    // In the order of AgreementAction; kNone where it is refused.
    AgreementState draw, supervisee_signs, supervisor_signs, end, revise, annotate;
  };
  const Case cases[] = {
      {kNone, kDraft, kNone, kNone, kNone, kNone, kNone},
      {kDraft, kNone, kSignedBySupervisee, kSignedBySupervisor, kEnded, kDraft, kDraft},
      {kSignedBySupervisee, kNone, kNone, kInForce, kEnded, kNone, kSignedBySupervisee},
      {kSignedBySupervisor, kNone, kInForce, kNone, kEnded, kNone, kSignedBySupervisor},
      {kInForce, kNone, kNone, kNone, kEnded, kNone, kInForce},
      {kEnded, kNone, kNone, kNone, kNone, kNone, kEnded},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(NameOf(c.state));
    EXPECT_EQ(Next(c.state, kDraw).value_or(kNone), c.draw);
    EXPECT_EQ(Next(c.state, kSuperviseeSigns).value_or(kNone), c.supervisee_signs);
    EXPECT_EQ(Next(c.state, kSupervisorSigns).value_or(kNone), c.supervisor_signs);
    EXPECT_EQ(Next(c.state, kEnd).value_or(kNone), c.end);
    EXPECT_EQ(Next(c.state, kRevise).value_or(kNone), c.revise);
    EXPECT_EQ(Next(c.state, kAnnotate).value_or(kNone), c.annotate);
  }
}

Agreement Drawn() {
  Agreement agreement;
  agreement.supervisee = "w1";
  agreement.supervisor = "w2";
  return agreement;
}
std::vector<std::string> FieldsOf(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

TEST(AgreementTest, IsInForceOnceBothHaveSigned) {
  Agreement agreement = Drawn();
  EXPECT_EQ(StateOfSignatures(agreement), kDraft);
  agreement.supervisor_signed = CivilDay(2026, 4, 1);
  EXPECT_EQ(StateOfSignatures(agreement), kSignedBySupervisor);
  agreement.supervisee_signed = CivilDay(2026, 4, 2);
  EXPECT_EQ(StateOfSignatures(agreement), kInForce);
  agreement.supervisor_signed.reset();
  EXPECT_EQ(StateOfSignatures(agreement), kSignedBySupervisee);
}

TEST(AgreementTest, EachRuleNamesItsField) {
  const auto wrong = [](const Agreement& agreement) {
    std::vector<FieldViolation> violations;
    Check(agreement, violations);
    return FieldsOf(violations);
  };
  Agreement agreement = Drawn();
  agreement.agreed_days = 14;
  EXPECT_THAT(wrong(agreement), ::testing::IsEmpty());
  agreement.agreed_months = 1;
  EXPECT_THAT(wrong(agreement), ::testing::ElementsAre("agreed_months"));
  agreement.agreed_days = 0;
  EXPECT_THAT(wrong(agreement), ::testing::IsEmpty());
  agreement.supervisor = agreement.supervisee;
  EXPECT_THAT(wrong(agreement), ::testing::ElementsAre("supervisor"));
}

TEST(AgreementTest, NobodySignsInTheFuture) {
  const CivilDay today(2026, 4, 1);
  Agreement agreement = Drawn();
  agreement.supervisee_signed = today;
  agreement.supervisor_signed = today;
  std::vector<FieldViolation> violations;
  CheckAsOf(agreement, today, violations);
  EXPECT_THAT(violations, ::testing::IsEmpty());
  CheckAsOf(agreement, today - 1, violations);
  EXPECT_THAT(FieldsOf(violations),
              ::testing::ElementsAre("supervisee_signed_date", "supervisor_signed_date"));
}

}  // namespace
}  // namespace oversight::supervision
