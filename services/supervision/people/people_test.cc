#include "services/supervision/people/people.h"

#include "absl/strings/str_cat.h"
#include "common/resource/testing/text.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::supervision {
namespace {

using ::oversight::resource::testing::Parse;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PeopleTest : public ::testing::Test {
 protected:
  template <typename Resource>
  void Tell(const std::string& name, const std::string& text,
            ledger::pb::Change change = ledger::pb::CHANGE_UPDATED) {
    ledger::LedgerMessage message{.ledger = "workforce"};
    auto& entry = *message.content.add_entries();
    entry.set_resource_name(name);
    entry.set_change(change);
    entry.mutable_resource()->PackFrom(Parse<Resource>(text));
    people_.Take(message);
  }
  void Worker(const std::string& name, const std::string& actor) {
    Tell<workforce::v1::Worker>(name, absl::StrCat("external_ids { system: 'identity' id: '", actor,
                                                   "' } external_ids { system: 'hr' id: 'hr' }"));
  }
  static rpc::Principal Caller(const std::string& subject) {
    return {.kind = rpc::Principal::Kind::kUser, .subject = subject, .actor = "user:" + subject};
  }
  People people_;
};

const char kW1[] = "authorities/a/workers/w1";

TEST_F(PeopleTest, IsCaughtUpWithTheFirstHead) {
  EXPECT_THAT(people_.CheckCaughtUp(), StatusIs(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP"));
  people_.Take({.ledger = "workforce"});
  EXPECT_THAT(people_.CheckCaughtUp(), IsOk());
  people_.Take({.ledger = "workforce", .content = {}, .diverged = true});
  EXPECT_THAT(people_.CheckCaughtUp(), StatusIs(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP"));
}

TEST_F(PeopleTest, CallersAreWorkersByTheirIdentity) {
  Worker(kW1, "8c1f");
  EXPECT_EQ(people_.WorkerOf("a", Caller("8c1f")), kW1);
  EXPECT_EQ(people_.WorkerOf("a", Caller("hr")), "") << "another system's id";
  EXPECT_EQ(people_.WorkerOf("b", Caller("8c1f")), "") << "another authority";
  EXPECT_EQ(people_.WorkerOf("a", Caller("")), "");
  Worker("authorities/b/workers/w1", "8c1f");
  EXPECT_EQ(people_.WorkerOf("b", Caller("8c1f")), "authorities/b/workers/w1");

  Worker("authorities/a/workers/w2", "8c1f");
  EXPECT_EQ(people_.WorkerOf("a", Caller("8c1f")), "") << "two claim to be";
  Worker("authorities/a/workers/w2", "other");
  EXPECT_EQ(people_.WorkerOf("a", Caller("8c1f")), kW1);
  Tell<workforce::v1::Worker>(kW1, "", ledger::pb::CHANGE_DELETED);
  EXPECT_EQ(people_.WorkerOf("a", Caller("8c1f")), "");
  EXPECT_EQ(people_.WorkerOf("a", Caller("other")), "authorities/a/workers/w2");
  // The token's claim goes before, if there is such a worker.
  rpc::Principal caller = Caller("other");
  caller.worker = "w1";
  EXPECT_EQ(people_.WorkerOf("a", caller), "") << "deleted";
  Worker(kW1, "8c1f");
  EXPECT_EQ(people_.WorkerOf("a", caller), kW1);
  EXPECT_EQ(people_.WorkerOf("c", caller), "");
  caller.kind = rpc::Principal::Kind::kService;
  EXPECT_EQ(people_.WorkerOf("a", caller), "");
}

TEST_F(PeopleTest, OnlyLinesOfManagementLeadUpAndOnlyWhileTheyHold) {
  const auto link = [&](const std::string& worker, const std::string& id, const std::string& function,
                        const std::string& supervisor) {
    Tell<workforce::v1::SupervisorLink>(
        absl::StrCat("authorities/a/workers/", worker, "/supervisorLinks/", id),
        absl::StrCat("function: FUNCTION_", function, " supervisor: 'authorities/a/workers/", supervisor,
                     "' start_date { year: 2026 month: 4 day: 1 } end_date { year: 2026 month: 5 day: 1 }"));
  };
  link("w1", "l1", "LINE_MANAGEMENT", "m1");
  link("w1", "l2", "PROFESSIONAL", "m2");
  link("w10", "l1", "LINE_MANAGEMENT", "m3");
  EXPECT_THAT(people_.LineManagersOf(kW1, {2026, 3, 31}), IsEmpty());
  EXPECT_THAT(people_.LineManagersOf(kW1, {2026, 4, 1}), ElementsAre("authorities/a/workers/m1"));
  EXPECT_THAT(people_.LineManagersOf(kW1, {2026, 4, 30}), ElementsAre("authorities/a/workers/m1"));
  EXPECT_THAT(people_.LineManagersOf(kW1, {2026, 5, 1}), IsEmpty());
  link("w1", "l1", "PROFESSIONAL", "m1");
  EXPECT_THAT(people_.LineManagersOf(kW1, {2026, 4, 1}), IsEmpty());
  link("w1", "l1", "LINE_MANAGEMENT", "m1");
  // Erased with all that lies beneath.
  Tell<workforce::v1::Worker>(kW1, "", ledger::pb::CHANGE_ERASED);
  EXPECT_THAT(people_.LineManagersOf(kW1, {2026, 4, 1}), IsEmpty());
  EXPECT_THAT(people_.LineManagersOf("authorities/a/workers/w10", {2026, 4, 1}),
              ElementsAre("authorities/a/workers/m3"));
}

TEST_F(PeopleTest, ADuplicateIsTheWorkerIntoWhichItWasMerged) {
  EXPECT_EQ(people_.StandsFor(kW1), kW1);
  const auto merge = [&](const std::string& worker, const std::string& into) {
    Tell<workforce::v1::Worker>(worker, "withdrawal { merged_into: '" + into + "' }",
                                ledger::pb::CHANGE_DELETED);
  };
  merge(kW1, "authorities/a/workers/w2");
  merge("authorities/a/workers/w2", "authorities/a/workers/w3");
  EXPECT_EQ(people_.StandsFor(kW1), "authorities/a/workers/w3");
  EXPECT_EQ(people_.StandsFor("authorities/a/workers/w3"), "authorities/a/workers/w3");
  merge("authorities/a/workers/w3", kW1);
  EXPECT_FALSE(people_.StandsFor(kW1).empty()) << "a circle ends";
  Worker(kW1, "8c1f");
  EXPECT_EQ(people_.StandsFor(kW1), kW1) << "brought back";
}

TEST_F(PeopleTest, AnAbsenceNamesItsFirstAndItsLastDay) {
  const std::string name = absl::StrCat(kW1, "/absences/x1");
  Tell<workforce::v1::Absence>(
      name, "first_date { year: 2026 month: 4 day: 1 } last_date { year: 2026 month: 4 day: 3 }");
  EXPECT_THAT(people_.AbsencesOf(kW1), ElementsAre(Period{{2026, 4, 1}, {2026, 4, 4}}));
  Tell<workforce::v1::Absence>(name, "first_date { year: 2026 month: 4 day: 1 }");
  EXPECT_THAT(people_.AbsencesOf(kW1), ElementsAre(Period{{2026, 4, 1}, CivilDay::Max()}));
  Tell<workforce::v1::Absence>(name, "", ledger::pb::CHANGE_DELETED);
  EXPECT_THAT(people_.AbsencesOf(kW1), IsEmpty());
}

}  // namespace
}  // namespace oversight::supervision
