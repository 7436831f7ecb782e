#include "services/workforce/domain/supervisor_cycle.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::workforce {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

CivilDay Day(int number) { return CivilDay::FromNumber(number); }
Period Days(int start, int end) { return {Day(start), Day(end)}; }
const Period kAlways = {Day(0)};

TEST(SupervisorCycleTest, NobodySupervisesThemself) {
  EXPECT_THAT(FindCycle({"a", "a", Days(5, 9)}, {}), Optional(Eq(SupervisorCycle{{"a", "a"}, Day(5)})));
  EXPECT_TRUE(FindCycle({"a", "a", Days(5, 5)}, {}).has_value()) << "not even on no day";
}

TEST(SupervisorCycleTest, IsFoundAtEveryDepth) {
  for (int depth = 2; depth <= 12; ++depth) {
    // w0 is supervised by w1 (new), w1 by w2, ..., w(depth-1) by w0.
    std::vector<SupervisorLink> links;
    std::vector<std::string> expected = {"w0"};
    for (int i = 1; i < depth; ++i) {
      links.push_back({absl::StrCat("w", i), absl::StrCat("w", (i + 1) % depth), kAlways});
      expected.push_back(absl::StrCat("w", i));
    }
    expected.push_back("w0");
    EXPECT_THAT(FindCycle({"w0", "w1", kAlways}, links), Optional(Eq(SupervisorCycle{expected, Day(0)})));

    links.pop_back();
    EXPECT_THAT(FindCycle({"w0", "w1", kAlways}, links), Eq(std::nullopt)) << "a chain of " << depth;
  }
}

struct DatedCase {
  const char* what;
  std::vector<SupervisorLink> links;
  SupervisorLink candidate;
  std::optional<int> day;
};

TEST(SupervisorCycleTest, NeedsADayOnWhichAllItsLinksHold) {
  const DatedCase cases[] = {
      {"two swap roles on one day", {{"b", "a", Days(0, 10)}}, {"a", "b", Days(10, 20)}, std::nullopt},
      {"two swap roles a day too early", {{"b", "a", Days(0, 10)}}, {"a", "b", Days(9, 20)}, 9},
      {"each two of three coincide, never all three",
       {{"b", "c", Days(0, 20)}, {"c", "a", Days(15, 40)}},
       {"a", "b", Days(30, 50)},
       std::nullopt},
      {"two of three coincide here, the other two there",
       {{"b", "c", Days(0, 10)}, {"b", "c", Days(30, 40)}, {"c", "a", Days(10, 30)}},
       {"a", "b", kAlways},
       std::nullopt},
      {"one day is enough", {{"b", "c", Days(0, 20)}, {"c", "a", Days(19, 40)}}, {"a", "b", Days(5, 50)}, 19},
      {"the other way up exists before the new link",
       {{"b", "a", Days(0, 10)}},
       {"a", "b", Days(50, 60)},
       std::nullopt},
      {"a link that begins during the new one", {{"b", "a", Days(55, 70)}}, {"a", "b", Days(50, 60)}, 55},
      {"a new link of no day", {{"b", "a", kAlways}}, {"a", "b", Days(5, 5)}, std::nullopt},
      {"two supervisors at once are no cycle",
       {{"a", "c", kAlways}, {"b", "c", kAlways}, {"b", "d", kAlways}},
       {"a", "b", kAlways},
       std::nullopt},
      {"a manager covers for an absent supervisor of the same line",
       {{"w", "s", kAlways}, {"s", "m", kAlways}},
       {"w", "m", Days(10, 20)},
       std::nullopt},
      {"a worker covers for the manager above",
       {{"w", "s", kAlways}, {"s", "m", kAlways}},
       {"s", "w", Days(10, 20)},
       10},
      {"a cycle among others is not this link's",
       {{"x", "y", kAlways}, {"y", "x", kAlways}, {"b", "x", kAlways}},
       {"a", "b", kAlways},
       std::nullopt},
  };
  for (const DatedCase& c : cases) {
    const auto cycle = FindCycle(c.candidate, c.links);
    if (!c.day) {
      EXPECT_THAT(cycle, Eq(std::nullopt)) << c.what;
    } else {
      ASSERT_TRUE(cycle.has_value()) << c.what;
      EXPECT_EQ(cycle->day, Day(*c.day)) << c.what;
    }
  }
}

TEST(SupervisorCycleTest, TellsTheShortestWay) {
  const std::vector<SupervisorLink> links = {
      {"b", "c", kAlways}, {"c", "d", kAlways}, {"d", "a", kAlways}, {"c", "a", kAlways}};
  const auto cycle = FindCycle({"a", "b", kAlways}, links);
  ASSERT_TRUE(cycle.has_value());
  EXPECT_THAT(cycle->workers, ElementsAre("a", "b", "c", "a"));
}

// Slow and obvious: on each day, whether the candidate's worker is reached by squaring up who is above whom.
std::optional<CivilDay> FirstCyclicDay(const SupervisorLink& candidate,
                                       const std::vector<SupervisorLink>& links, int workers, int days) {
  for (int day = 0; day < days; ++day) {
    if (!candidate.period.Contains(Day(day))) continue;
    std::vector<std::vector<bool>> above(workers, std::vector<bool>(workers));
    const auto index = [](const std::string& name) { return name[0] - 'a'; };
    for (const SupervisorLink& link : links) {
      if (link.period.Contains(Day(day))) above[index(link.worker)][index(link.supervisor)] = true;
    }
    for (int k = 0; k < workers; ++k) {
      for (int i = 0; i < workers; ++i) {
        for (int j = 0; j < workers; ++j) above[i][j] = above[i][j] || (above[i][k] && above[k][j]);
      }
    }
    if (above[index(candidate.supervisor)][index(candidate.worker)]) return Day(day);
  }
  return std::nullopt;
}

TEST(SupervisorCycleTest, AgreesWithASearchDayByDay) {
  constexpr int kWorkers = 6;
  constexpr int kDays = 30;
  std::mt19937 random(7);
  const auto random_link = [&] {
    const int worker = static_cast<int>(random() % kWorkers);
    const int supervisor = (worker + 1 + static_cast<int>(random() % (kWorkers - 1))) % kWorkers;
    const int start = static_cast<int>(random() % kDays);
    const int length = static_cast<int>(random() % 20);
    return SupervisorLink{std::string(1, static_cast<char>('a' + worker)),
                          std::string(1, static_cast<char>('a' + supervisor)),
                          random() % 5 == 0 ? Period{Day(start)} : Days(start, start + length)};
  };
  int cyclic = 0;
  for (int round = 0; round < 5000; ++round) {
    std::vector<SupervisorLink> links(random() % 16);
    for (SupervisorLink& link : links) link = random_link();
    const SupervisorLink candidate = random_link();
    const std::optional<CivilDay> expected = FirstCyclicDay(candidate, links, kWorkers, kDays);
    const auto cycle = FindCycle(candidate, links);
    ASSERT_EQ(cycle.has_value(), expected.has_value()) << "round " << round;
    if (!cycle) continue;
    ++cyclic;
    ASSERT_EQ(cycle->day, *expected) << "round " << round;
    ASSERT_EQ(cycle->workers.front(), candidate.worker);
    ASSERT_EQ(cycle->workers.at(1), candidate.supervisor);
    ASSERT_EQ(cycle->workers.back(), candidate.worker);
    for (size_t i = 1; i + 1 < cycle->workers.size(); ++i) {
      const bool linked = std::any_of(links.begin(), links.end(), [&](const SupervisorLink& link) {
        return link.worker == cycle->workers[i] && link.supervisor == cycle->workers[i + 1] &&
               link.period.Contains(cycle->day);
      });
      ASSERT_TRUE(linked) << "round " << round << ", step " << i;
    }
  }
  EXPECT_GT(cyclic, 500);
  EXPECT_LT(cyclic, 4500);
}

}  // namespace
}  // namespace oversight::workforce
