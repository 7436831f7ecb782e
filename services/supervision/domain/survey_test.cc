#include "services/supervision/domain/survey.h"

#include <algorithm>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::supervision {
namespace {

TEST(SurveyTest, WithholdsSmallGroupsAndWhatWouldGiveThemAway) {
  struct Case {
    const char* what;
    std::vector<int> groups;
    int total;
    std::vector<bool> withheld;
  };
  const Case cases[] = {
      {"none", {}, 100, {}},
      {"all large", {5, 6, 7}, 18, {false, false, false}},
      {"one of four, no total", {4, 30, 40}, 0, {true, false, false}},
      {"one of four, which the total would tell", {4, 30, 20}, 54, {true, false, true}},
      {"two of four and one: five together", {4, 1, 30}, 35, {true, true, false}},
      {"two of three and one: four together", {3, 1, 30, 5}, 39, {true, true, false, true}},
      {"nobody in it", {0, 30}, 30, {true, false}},
      {"two who are in no group", {30, 20}, 52, {false, true}},
      {"only one group, as good as the total", {30}, 33, {true}},
      {"of equal ones the first", {4, 30, 30}, 64, {true, true, false}},
  };
  for (const Case& c : cases) EXPECT_EQ(WithheldGroups(c.groups, c.total), c.withheld) << c.what;
}

TEST(SurveyTest, NeverTellsOfFewerThanFive) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 20000; ++round) {
    std::vector<int> groups(random() % 6);
    int total = static_cast<int>(random() % 4);
    for (int& group : groups) {
      group = static_cast<int>(random() % 12);
      total += group;
    }
    const std::vector<bool> withheld = WithheldGroups(groups, total);
    int rest = total;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (withheld[i]) continue;
      EXPECT_GE(groups[i], kSmallestGroup);
      rest -= groups[i];
    }
    const bool any_shown = std::find(withheld.begin(), withheld.end(), false) != withheld.end();
    EXPECT_TRUE(!any_shown || rest == 0 || rest >= kSmallestGroup) << "round " << round;
  }
}

}  // namespace
}  // namespace oversight::supervision
