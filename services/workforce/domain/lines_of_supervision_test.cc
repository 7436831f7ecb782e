#include "services/workforce/domain/lines_of_supervision.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/workforce/domain/capacity.h"
#include "services/workforce/domain/career.h"

namespace oversight::workforce {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kManager = SupervisionFunction::kLineManagement;
constexpr auto kProfessional = SupervisionFunction::kProfessional;

Line Of(const std::string& worker, const std::string& supervisor, SupervisionFunction function = kManager,
        const std::string& cover_for = "") {
  return {worker + "<" + supervisor, worker, supervisor, function, cover_for};
}

// `depth worker` or `depth worker<supervisor` of each step.
std::vector<std::string> Told(const std::vector<Step>& steps) {
  std::vector<std::string> told;
  for (const Step& step : steps) {
    told.push_back(absl::StrCat(step.depth, " ", step.line == nullptr ? step.worker : step.line->link));
  }
  return told;
}

// Director d over managers m1 and m2; w1, w2 under m1, w3 under m2; w1 has a professional supervisor in m2.
const std::vector<Line>& Organisation() {
  static const auto* const lines =
      new std::vector<Line>{Of("m1", "d"),  Of("m2", "d"),  Of("w1", "m1"),
                            Of("w2", "m1"), Of("w3", "m2"), Of("w1", "m2", kProfessional)};
  return *lines;
}

TEST(BelowTest, DirectlyOrToAnyDepth) {
  EXPECT_THAT(Told(Below(Organisation(), "d", false)), ElementsAre("1 m1<d", "1 m2<d"));
  EXPECT_THAT(Told(Below(Organisation(), "d", true)),
              ElementsAre("1 m1<d", "1 m2<d", "2 w1<m1", "2 w2<m1", "2 w3<m2"))
      << "w1 stands once";
  EXPECT_THAT(Told(Below(Organisation(), "m2", true)), ElementsAre("1 w1<m2", "1 w3<m2"));
  EXPECT_THAT(Told(Below(Organisation(), "w3", true)), IsEmpty());
  EXPECT_THAT(Told(Below(Organisation(), "nobody", true)), IsEmpty());
}

TEST(TreeTest, FromTheTopDown) {
  EXPECT_THAT(Told(Tree(Organisation(), {"alone", "w1"})),
              ElementsAre("0 alone", "0 d", "1 m1<d", "1 m2<d", "2 w1<m1", "2 w1<m2", "2 w2<m1", "2 w3<m2"));
  EXPECT_THAT(Told(Tree({}, {})), IsEmpty());
}

TEST(TreeTest, EndsWhereHistoryHoldsACycle) {
  const std::vector<Line> cycle = {Of("a", "b"), Of("b", "a"), Of("a", "top")};
  EXPECT_THAT(Told(Tree(cycle, {})), ElementsAre("0 top", "1 a<top", "2 b<a", "3 a<b"));
  EXPECT_THAT(Told(Below(cycle, "a", true)), ElementsAre("1 b<a"));
}

TEST(UnsupervisedTest, WhomNobodySupervises) {
  const std::vector<std::string> workers = {"alone", "d", "m1", "w1"};
  EXPECT_THAT(Unsupervised(Organisation(), workers, false), ElementsAre("alone"));
  EXPECT_THAT(Unsupervised(Organisation(), workers, true), ElementsAre("alone", "d"));
}

TEST(UncoveredTest, AnAbsentSupervisorNeedsCoverThatIsThere) {
  const std::map<std::string, std::string> m1_away = {{"m1", "absence"}};
  const auto uncovered = [](std::vector<Line> more, const std::map<std::string, std::string>& absent) {
    more.insert(more.end(), Organisation().begin(), Organisation().end());
    std::vector<std::string> links;
    for (const Line* line : Uncovered(more, absent)) links.push_back(line->link);
    return links;
  };
  EXPECT_THAT(uncovered({}, {}), IsEmpty());
  EXPECT_THAT(uncovered({}, m1_away), ElementsAre("w1<m1", "w2<m1"));
  EXPECT_THAT(uncovered({Of("w1", "m2", kManager, "m1")}, m1_away), ElementsAre("w2<m1"));
  EXPECT_THAT(uncovered({Of("w1", "m2", kManager, "d")}, m1_away), ElementsAre("w1<m1", "w2<m1"))
      << "cover for another supervisor";
  EXPECT_THAT(uncovered({Of("w1", "m2", kManager, "m1")}, {{"m1", "x"}, {"m2", "y"}}),
              ElementsAre("w1<m1", "w1<m2", "w2<m1", "w3<m2"))
      << "the cover is away as well";
}

TEST(SpansTest, CountEachWorkerOnce) {
  std::vector<Line> lines = Organisation();
  lines.push_back(Of("w3", "m1", kManager, "m2"));
  lines.push_back({"second link", "w2", "m1", kManager, ""});
  const auto spans = Spans(lines);
  ASSERT_EQ(spans.size(), 3u);
  const auto told = [&](const std::string& supervisor) {
    const Span& span = spans.at(supervisor);
    return std::vector<int>{span.line_managed, span.otherwise_supervised, span.covered,
                            span.line_managed_below};
  };
  EXPECT_THAT(told("d"), ElementsAre(2, 0, 0, 5));
  EXPECT_THAT(told("m1"), ElementsAre(2, 0, 1, 2));
  EXPECT_THAT(told("m2"), ElementsAre(1, 1, 0, 1));
}

CareerPost PostOf(const std::string& name, int stage, int start, int end) {
  return {name, stage, {CivilDay::FromNumber(start), CivilDay::FromNumber(end)}};
}

TEST(CareerStagesTest, PostsOfAStageThatAdjoinAreOne) {
  std::vector<std::string> told;
  for (const CareerStagePeriod& period :
       CareerStages({PostOf("c", 6, 30, 40), PostOf("a", 5, 0, 10), PostOf("b", 5, 10, 30),
                     PostOf("d", 6, 41, 50), PostOf("e", 7, 35, 45), PostOf("none", 6, 60, 60)})) {
    std::string posts;
    for (const std::string& post : period.posts) posts += post;
    told.push_back(absl::StrCat(period.stage, ": ", period.period.start.number(), "-",
                                period.period.end.number(), " ", posts));
  }
  EXPECT_THAT(told, ElementsAre("5: 0-30 ab", "6: 30-40 c", "7: 35-45 e", "6: 41-50 d"));
}

TEST(CareerStagesTest, AShorterPostInsideALongerOneChangesNothing) {
  const auto periods =
      CareerStages({PostOf("a", 6, 0, 100), PostOf("b", 6, 10, 20), PostOf("c", 6, 90, 110)});
  ASSERT_EQ(periods.size(), 1u);
  EXPECT_EQ(periods[0].period, (Period{CivilDay::FromNumber(0), CivilDay::FromNumber(110)}));
}

TEST(CapacityTest, ReductionsAddUpToAllOfIt) {
  EXPECT_EQ(ReductionPercent({}), 0);
  EXPECT_EQ(ReductionPercent({10, 20}), 30);
  EXPECT_EQ(ReductionPercent({60, 40}), 100);
  EXPECT_EQ(ReductionPercent({60, 41}), 100);
  EXPECT_EQ(FullTimeEquivalent({0.5, 0}), 1.5) << "a post that does not say is full time";
  EXPECT_EQ(FullTimeEquivalent({}), 0);
}

}  // namespace
}  // namespace oversight::workforce
