#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/workforce/domain/employment.h"
#include "services/workforce/domain/learning.h"
#include "services/workforce/domain/post.h"

namespace oversight::workforce {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

CivilDay Day(int number) { return CivilDay::FromNumber(number); }
Period Days(int start, int end) { return {Day(start), Day(end)}; }

template <typename Facts>
std::vector<FieldViolation> Violations(const Facts& facts) {
  std::vector<FieldViolation> violations;
  Check(facts, violations);
  return violations;
}
auto Fields(const auto&... fields) { return ElementsAre(Field(&FieldViolation::field, fields)...); }

TEST(PostTest, ClashesInOneTeamOnOneDayOnly) {
  struct Case {
    const char* what;
    Post a, b;
    bool clash;
  };
  const Case cases[] = {
      {"same team, one shared day", {"t1", Days(0, 10)}, {"t1", Days(9, 20)}, true},
      {"the next starts on the day the last one ends", {"t1", Days(0, 10)}, {"t1", Days(10, 20)}, false},
      {"other team", {"t1", Days(0, 10)}, {"t2", Days(0, 10)}, false},
      {"no team: nothing says that they are the same post", {"", Days(0, 10)}, {"", Days(0, 10)}, false},
      {"both open", {"t1", {Day(0)}}, {"t1", {Day(1000)}}, true},
      {"one of no day", {"t1", Days(5, 5)}, {"t1", Days(0, 10)}, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Clash(c.a, c.b), c.clash) << c.what;
    EXPECT_EQ(Clash(c.b, c.a), c.clash) << c.what << ", the other way round";
  }
}

TEST(AsyeProgrammeTest, GoesOnUntilCompletedWhateverWasPlanned) {
  const AsyeProgramme planned_only = {Day(0), Day(365), std::nullopt};
  const AsyeProgramme completed = {Day(0), Day(365), Day(400)};
  const AsyeProgramme next = {Day(400), std::nullopt, std::nullopt};
  EXPECT_TRUE(Clash(planned_only, next));
  EXPECT_FALSE(Clash(completed, next));
  EXPECT_TRUE(Clash(completed, {Day(399), std::nullopt, std::nullopt}));
}

TEST(AsyeProgrammeTest, EndsNotBeforeItStarts) {
  EXPECT_THAT(Violations(AsyeProgramme{Day(10), Day(10), Day(10)}), IsEmpty());
  EXPECT_THAT(Violations(AsyeProgramme{Day(10), std::nullopt, std::nullopt}), IsEmpty());
  EXPECT_THAT(Violations(AsyeProgramme{Day(10), Day(9), Day(9)}),
              Fields("planned_end_date", "completed_date"));
}

TEST(StudentPlacementTest, NeverOverlaps) {
  EXPECT_TRUE(Clash(StudentPlacement{Days(0, 70)}, StudentPlacement{Days(69, 140)}));
  EXPECT_FALSE(Clash(StudentPlacement{Days(0, 70)}, StudentPlacement{Days(70, 140)}));
}

TEST(EmploymentTest, EndsNotBeforeItStarts) {
  EXPECT_THAT(Violations(Employment{Day(10), Day(10)}), IsEmpty());
  EXPECT_THAT(Violations(Employment{std::nullopt, Day(1)}), IsEmpty());
  EXPECT_THAT(Violations(Employment{Day(10), std::nullopt}), IsEmpty());
  EXPECT_THAT(Violations(Employment{Day(10), Day(9)}), Fields("employment_end_date"));
}

TEST(AbsenceTest, LastDayNotBeforeFirst) {
  EXPECT_THAT(Violations(Absence{Day(10), Day(10)}), IsEmpty());
  EXPECT_THAT(Violations(Absence{Day(10), std::nullopt}), IsEmpty());
  EXPECT_THAT(Violations(Absence{Day(10), Day(9)}), Fields("last_date"));
}

}  // namespace
}  // namespace oversight::workforce
