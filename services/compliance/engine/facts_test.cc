#include "services/compliance/engine/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oversight::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const CivilDay kDay(2025, 3, 3);

SessionFact HeldWith(absl::string_view supervisee) {
  return {.supervisee = supervisee,
          .supervisor = "mona",
          .kind = SessionKind::kFormalOneToOne,
          .state = SessionState::kHeld,
          .day = kDay};
}

TEST(FactsTest, ADiscussionWaitsForItsSession) {
  AuthorityFacts facts;
  facts.Upsert("discussion-1", DiscussionFact{"session-1", "c1"});
  const Subject c1 = *facts.FindCase("c1");
  EXPECT_THAT(facts.case_record(c1.index).discussions, IsEmpty());
  // Once the session is there, the discussion is there once, and both subjects are touched.
  const DirtySet dirty = facts.Upsert("session-1", HeldWith("anna"));
  const Subject anna = *facts.FindWorker("anna");
  EXPECT_THAT(dirty.subjects, ElementsAre(anna, c1));
  ASSERT_EQ(facts.case_record(c1.index).discussions.size(), 1u);
  EXPECT_EQ(facts.case_record(c1.index).discussions[0].day, kDay);
  facts.Upsert("session-1", HeldWith("anna"));
  EXPECT_EQ(facts.case_record(c1.index).discussions.size(), 1u);
  EXPECT_EQ(facts.worker(anna.index).sessions.size(), 1u);
}

TEST(FactsTest, ASessionThatMovesTakesItsDiscussionsAlong) {
  AuthorityFacts facts;
  facts.Upsert("session-1", HeldWith("anna"));
  facts.Upsert("discussion-1", DiscussionFact{"session-1", "c1"});
  facts.Upsert("discussion-2", DiscussionFact{"session-1", "c2"});
  SessionFact later = HeldWith("anna");
  later.day = kDay + 7;
  EXPECT_EQ(facts.Upsert("session-1", later).subjects.size(), 3u);
  EXPECT_EQ(facts.case_record(facts.FindCase("c1")->index).discussions[0].day, kDay + 7);
  EXPECT_EQ(facts.case_record(facts.FindCase("c2")->index).discussions[0].day, kDay + 7);
  // Without a day it is not an event; without its session neither.
  later.day = std::nullopt;
  facts.Upsert("session-1", later);
  EXPECT_THAT(facts.case_record(facts.FindCase("c1")->index).discussions, IsEmpty());
  facts.Upsert("session-1", HeldWith("anna"));
  facts.Remove(FactKind::kSession, "session-1");
  EXPECT_THAT(facts.case_record(facts.FindCase("c1")->index).discussions, IsEmpty());
  EXPECT_THAT(facts.worker(facts.FindWorker("anna")->index).sessions, IsEmpty());
}

TEST(FactsTest, ADiscussionCanBeCorrectedToAnotherCase) {
  AuthorityFacts facts;
  facts.Upsert("session-1", HeldWith("anna"));
  facts.Upsert("discussion-1", DiscussionFact{"session-1", "c1"});
  facts.Upsert("discussion-2", DiscussionFact{"session-1", "c1"});
  const DirtySet dirty = facts.Upsert("discussion-1", DiscussionFact{"session-1", "c2"});
  // The worker as well: a session may have to cover all that the worker holds.
  EXPECT_THAT(dirty.subjects,
              ElementsAre(*facts.FindWorker("anna"), *facts.FindCase("c1"), *facts.FindCase("c2")));
  EXPECT_EQ(facts.case_record(facts.FindCase("c1")->index).discussions.size(), 1u);
  EXPECT_EQ(facts.case_record(facts.FindCase("c2")->index).discussions.size(), 1u);
}

TEST(FactsTest, ASupervisorLinkTouchesOnlyCasesDiscussedWhileItHolds) {
  AuthorityFacts facts;
  facts.Upsert("session-1", HeldWith("anna"));
  facts.Upsert("discussion-1", DiscussionFact{"session-1", "c1"});
  const Subject anna = *facts.FindWorker("anna");
  const Subject c1 = *facts.FindCase("c1");
  SupervisorLinkFact link{.worker = "anna", .supervisor = "mona", .period = {kDay, kDay + 1}};
  EXPECT_THAT(facts.Upsert("link-1", link).subjects, ElementsAre(anna, c1));
  // Moved away: it did hold that day before.
  link.period = {kDay + 1, CivilDay::Max()};
  EXPECT_THAT(facts.Upsert("link-1", link).subjects, ElementsAre(anna, c1));
  link.period = {kDay + 2, CivilDay::Max()};
  EXPECT_THAT(facts.Upsert("link-1", link).subjects, ElementsAre(anna));
  EXPECT_THAT(facts.Remove(FactKind::kSupervisorLink, "link-1").subjects, ElementsAre(anna));
}

TEST(FactsTest, ATeamTouchesItsWorkersAndCases) {
  AuthorityFacts facts;
  facts.Upsert("post-1", PostFact{.worker = "anna", .team = "red"});
  facts.Upsert("post-2", PostFact{.worker = "ben", .team = "blue"});
  facts.Upsert("allocation-1", AllocationFact{.case_name = "c1", .worker = "anna", .team = "red"});
  facts.Upsert("allocation-2", AllocationFact{.case_name = "c2", .worker = "anna"});
  EXPECT_THAT(facts.Upsert("red", TeamFact{ServiceArea::kLookedAfter}).subjects,
              ElementsAre(*facts.FindWorker("anna"), *facts.FindCase("c1")));
}

TEST(FactsTest, RemovingWhatIsNotThereTouchesNobody) {
  AuthorityFacts facts;
  for (int kind = 0; kind <= static_cast<int>(FactKind::kDiscussion); ++kind) {
    const DirtySet dirty = facts.Remove(static_cast<FactKind>(kind), "nobody");
    EXPECT_FALSE(dirty.everyone);
    EXPECT_THAT(dirty.subjects, IsEmpty());
  }
  EXPECT_EQ(facts.worker_count(), 0u);
}

TEST(FactsTest, HolderAndTeamOfADay) {
  AuthorityFacts facts;
  const auto allocate = [&](absl::string_view id, AllocationRole role, absl::string_view worker,
                            Period period) {
    facts.Upsert(
        id,
        AllocationFact{.case_name = "c1", .worker = worker, .role = role, .team = worker, .period = period});
  };
  allocate("a1", AllocationRole::kCoworker, "carl", {kDay, CivilDay::Max()});
  allocate("a2", AllocationRole::kPersonalAdviser, "pat", {kDay, CivilDay::Max()});
  allocate("a3", AllocationRole::kKeyworker, "anna", {kDay + 10, kDay + 20});
  const Subject c1 = *facts.FindCase("c1");
  EXPECT_EQ(facts.HolderOf(c1.index, kDay - 1), nullptr);
  EXPECT_EQ(facts.TeamOf(c1, kDay - 1), "");
  EXPECT_EQ(facts.TeamOf(c1, kDay + 9), "pat");
  EXPECT_EQ(facts.TeamOf(c1, kDay + 10), "anna");
  EXPECT_EQ(facts.TeamOf(c1, kDay + 20), "pat");

  facts.Upsert("p1", PostFact{.worker = "anna", .team = "red", .period = {kDay, CivilDay::Max()}});
  facts.Upsert("p2", PostFact{.worker = "anna", .team = "blue", .period = {kDay + 5, kDay + 8}});
  const Subject anna = *facts.FindWorker("anna");
  EXPECT_EQ(facts.TeamOf(anna, kDay + 4), "red");
  EXPECT_EQ(facts.TeamOf(anna, kDay + 5), "blue");
  EXPECT_EQ(facts.TeamOf(anna, kDay + 8), "red");
}

}  // namespace
}  // namespace oversight::engine
