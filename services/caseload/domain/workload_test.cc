#include "services/caseload/domain/workload.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/caseload/domain/allocation.h"
#include "services/caseload/domain/case_life.h"
#include "services/caseload/domain/case_standing.h"

namespace oversight::caseload {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CivilDay Day(int number) { return CivilDay::FromNumber(number); }
Period Days(int start, int end) { return {Day(start), Day(end)}; }
Period From(int start) { return {Day(start)}; }

TEST(AllocationStateTest, SeenFromEachSideOfItsDays) {
  EXPECT_EQ(StateOn(From(10), Day(9)), AllocationState::kPlanned);
  EXPECT_EQ(StateOn(From(10), Day(10)), AllocationState::kCurrent);
  EXPECT_EQ(StateOn(Days(10, 20), Day(19)), AllocationState::kEnding);
  EXPECT_EQ(StateOn(Days(10, 20), Day(20)), AllocationState::kEnded);
  EXPECT_EQ(StateOn(Days(10, 10), Day(10)), AllocationState::kEnded) << "it never held";
}

TEST(AllocationStateTest, EveryActionInEveryState) {
  using enum AllocationState;
  using enum AllocationAction;
  struct Row {
    AllocationState state;
    std::optional<AllocationState> allocate, end, move;
  };
  const Row rows[] = {
      {kNone, kCurrent, std::nullopt, std::nullopt},
      {kPlanned, std::nullopt, std::nullopt, std::nullopt},
      {kCurrent, std::nullopt, kEnded, kEnded},
      {kEnding, std::nullopt, kEnded, kEnded},
      {kEnded, std::nullopt, std::nullopt, std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Next(row.state, kAllocate), row.allocate) << NameOf(row.state);
    EXPECT_EQ(Next(row.state, kEnd), row.end) << NameOf(row.state);
    EXPECT_EQ(Next(row.state, kMove), row.move) << NameOf(row.state);
  }
}

TEST(CaseLifeTest, EveryActionInEveryState) {
  const std::vector<Period> never, open = {Days(0, 5), From(10)}, closed = {Days(0, 5), Days(10, 20)};
  const auto after = [](const std::vector<Period>& periods, CaseAction action, int day) {
    return After(periods, action, Day(day));
  };
  EXPECT_THAT(*after(never, CaseAction::kOpen, 7), ElementsAre(From(7)));
  EXPECT_FALSE(after(never, CaseAction::kClose, 7));
  EXPECT_FALSE(after(never, CaseAction::kReopen, 7));

  EXPECT_FALSE(after(open, CaseAction::kOpen, 30));
  EXPECT_FALSE(after(open, CaseAction::kReopen, 30));
  EXPECT_FALSE(after(open, CaseAction::kClose, 9));
  EXPECT_THAT(*after(open, CaseAction::kClose, 10), ElementsAre(Days(0, 5), Days(10, 10)));
  EXPECT_THAT(*after(open, CaseAction::kClose, 30), ElementsAre(Days(0, 5), Days(10, 30)));

  EXPECT_FALSE(after(closed, CaseAction::kOpen, 30));
  EXPECT_FALSE(after(closed, CaseAction::kClose, 30));
  EXPECT_FALSE(after(closed, CaseAction::kReopen, 19));
  EXPECT_THAT(*after(closed, CaseAction::kReopen, 20), ElementsAre(Days(0, 5), Days(10, 20), From(20)));
}

TEST(PrimaryStatusTest, TheHeaviestCounts) {
  using enum CaseStatus;
  EXPECT_EQ(PrimaryStatus({}), kNone);
  // In their order; whatever joins a heavier one changes nothing.
  const std::vector<CaseStatus> order = {kPublicLawProceedings, kLookedAfter,    kPreProceedings,
                                         kChildProtection,      kChildInNeed,    kAssessment,
                                         kCareLeaver,           kFamilyPlacement};
  for (size_t i = 0; i < order.size(); ++i) {
    std::vector<CaseStatus> held(order.begin() + static_cast<long>(i), order.end());
    EXPECT_EQ(PrimaryStatus(held), order[i]);
    std::reverse(held.begin(), held.end());
    EXPECT_EQ(PrimaryStatus(held), order[i]);
  }
}

WorkloadScheme Weighed() {
  return {.full_time_capacity = 20,
          .default_points = 1,
          .status_points = {{CaseStatus::kChildProtection, 1.5}, {CaseStatus::kAssessment, 0}},
          .role_factors = {{AllocationRole::kCoworker, 0.5}, {AllocationRole::kPersonalAdviser, 0.8}}};
}

TEST(PointsTest, StatusTimesRole) {
  EXPECT_EQ(PointsOf(Weighed(), CaseStatus::kChildProtection, AllocationRole::kKeyworker), 1.5);
  EXPECT_EQ(PointsOf(Weighed(), CaseStatus::kChildProtection, AllocationRole::kCoworker), 0.75);
  EXPECT_EQ(PointsOf(Weighed(), CaseStatus::kLookedAfter, AllocationRole::kPersonalAdviser), 0.8)
      << "default points";
  EXPECT_EQ(PointsOf(Weighed(), CaseStatus::kLookedAfter, AllocationRole::kInvolvedWorker), 0)
      << "holds nothing";
  EXPECT_EQ(PointsOf(Weighed(), CaseStatus::kAssessment, AllocationRole::kKeyworker), 0) << "weighs nothing";
  EXPECT_EQ(PointsOf(WorkloadScheme{}, CaseStatus::kNone, AllocationRole::kKeyworker), 1)
      << "without a scheme";
}

TEST(CapacityTest, OwnBeforeTheScheme) {
  EXPECT_EQ(CapacityOf(Weighed(), {.full_time_equivalent = 0.5}), 10);
  EXPECT_EQ(CapacityOf(Weighed(), {.full_time_equivalent = 1, .reduction_percent = 10}), 18);
  EXPECT_EQ(CapacityOf(Weighed(), {.full_time_equivalent = 0.5, .own_points = 30, .reduction_percent = 50}),
            15);
  EXPECT_EQ(CapacityOf(Weighed(), {.full_time_equivalent = 1, .reduction_percent = 100}), 0);
  EXPECT_EQ(CapacityOf(WorkloadScheme{}, {.full_time_equivalent = 1}), std::nullopt);
  EXPECT_EQ(CapacityOf(WorkloadScheme{}, {.own_points = 8}), 8);
}

TEST(WorkloadTest, IsOverOnlyBeyondACapacity) {
  Workload workload;
  workload.capacity = 0.3;
  const WorkloadScheme tenths = {.default_points = 0.1};
  for (int i = 0; i < 3; ++i) workload.Add(tenths, CaseStatus::kNone, AllocationRole::kKeyworker);
  EXPECT_FALSE(workload.OverCapacity()) << "three tenths, however they add up";
  workload.Add(tenths, CaseStatus::kNone, AllocationRole::kKeyworker);
  EXPECT_TRUE(workload.OverCapacity());
  EXPECT_EQ(workload.cases, 4);
  workload.capacity.reset();
  EXPECT_FALSE(workload.OverCapacity());

  Workload sum;
  sum.Add(workload);
  EXPECT_EQ(sum.capacity, std::nullopt);
  sum.Add(Workload{1, 2, 5});
  sum.Add(Workload{1, 2, 6});
  EXPECT_EQ(sum.capacity, 11);
  EXPECT_EQ(sum.cases, 6);
}

TEST(CaseStandingTest, WhoHoldsItAndSinceWhenNobodyDoes) {
  const CaseRecord record = {
      .name = "c",
      .team = "team",
      .open = {Days(0, 50), From(60)},
      .statuses = {{CaseStatus::kChildInNeed, From(0)}, {CaseStatus::kChildProtection, Days(10, 20)}},
      .parts = {{"w1", AllocationRole::kKeyworker, "other team", Days(5, 15)},
                {"w2", AllocationRole::kCoworker, "", Days(0, 100)},
                {"w3", AllocationRole::kKeyworker, "", Days(30, 40)}}};
  struct Row {
    int day;
    bool open;
    CaseStatus primary;
    std::vector<std::string> holders;
    std::string team;
    int unallocated_since;  // -1: it is allocated, or closed
  };
  for (const Row& row : std::vector<Row>{
           {4, true, CaseStatus::kChildInNeed, {}, "team", 0},
           {5, true, CaseStatus::kChildInNeed, {"w1"}, "other team", -1},
           {14, true, CaseStatus::kChildProtection, {"w1"}, "other team", -1},
           {15, true, CaseStatus::kChildProtection, {}, "team", 15},
           {29, true, CaseStatus::kChildInNeed, {}, "team", 15},
           {30, true, CaseStatus::kChildInNeed, {"w3"}, "team", -1},
           {49, true, CaseStatus::kChildInNeed, {}, "team", 40},
           {50, false, CaseStatus::kChildInNeed, {}, "team", -1},
           {60, true, CaseStatus::kChildInNeed, {}, "team", 60},
       }) {
    SCOPED_TRACE(row.day);
    const CaseStanding standing = StandingOn(record, Day(row.day));
    EXPECT_EQ(standing.open, row.open);
    EXPECT_EQ(standing.primary, row.primary);
    EXPECT_EQ(standing.holders, row.holders);
    EXPECT_EQ(standing.team, row.team);
    EXPECT_EQ(standing.unallocated_since ? standing.unallocated_since->number() : -1, row.unallocated_since);
  }
  EXPECT_THAT(StandingOn(record, Day(55)).parts, IsEmpty()) << "nobody works on a closed case";
}

}  // namespace
}  // namespace oversight::caseload
