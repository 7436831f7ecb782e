#include "common/access/workforce_view.h"

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::access {
namespace {

namespace wf = ::oversight::workforce::v1;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::Time kApplied = absl::FromUnixSeconds(1'900'000'000);
const CivilDay kDay(2026, 3, 10);

std::string Worker(const std::string& id) { return absl::StrCat("authorities/a/workers/", id); }
std::string Team(const std::string& id) { return id.empty() ? "" : absl::StrCat("authorities/a/teams/", id); }

template <typename Resource>
void SetPeriod(Resource& resource, std::optional<CivilDay> start, std::optional<CivilDay> end) {
  const auto set = [](CivilDay day, google::type::Date* date) {
    date->set_year(static_cast<int>(day.civil().year()));
    date->set_month(day.civil().month());
    date->set_day(day.civil().day());
  };
  if (start) set(*start, resource.mutable_start_date());
  if (end) set(*end, resource.mutable_end_date());
}

class WorkforceViewTest : public ::testing::Test {
 protected:
  void Put(const std::string& name, const google::protobuf::Message& state,
           ledger::v1::Change change = ledger::v1::CHANGE_UPDATED) {
    ledger::v1::WatchResponse message;
    ledger::v1::Entry& entry = *message.add_entries();
    entry.set_authority("authorities/a");
    entry.set_resource_name(name);
    entry.set_change(change);
    entry.mutable_resource()->PackFrom(state);
    view_.Apply(message, kApplied);
  }
  void Remove(const std::string& name, ledger::v1::Change change) { Put(name, wf::Post(), change); }
  void Post(const std::string& worker, const std::string& team,
            std::optional<CivilDay> start = CivilDay(2020, 1, 1), std::optional<CivilDay> end = {},
            const std::string& id = "p") {
    wf::Post post;
    post.set_team(Team(team));
    SetPeriod(post, start, end);
    Put(absl::StrCat(Worker(worker), "/posts/", id), post);
  }
  void Link(const std::string& worker, const std::string& supervisor,
            std::optional<CivilDay> start = CivilDay(2020, 1, 1), std::optional<CivilDay> end = {},
            const std::string& id = "l") {
    wf::SupervisorLink link;
    link.set_supervisor(Worker(supervisor));
    SetPeriod(link, start, end);
    Put(absl::StrCat(Worker(worker), "/supervisorLinks/", id), link);
  }
  void Identity(const std::string& worker, const std::vector<std::string>& subjects) {
    wf::Worker state;
    auto* other = state.add_external_ids();
    other->set_system("payroll");
    other->set_id("shared");
    for (const std::string& subject : subjects) {
      auto* id = state.add_external_ids();
      id->set_system("identity");
      id->set_id(subject);
    }
    Put(Worker(worker), state);
  }
  std::set<std::string> Tree(const std::string& worker, CivilDay day = kDay) {
    return view_.ReachOf(Worker(worker), {.tree = true}, day).workers;
  }
  std::set<std::string> InTeam(const std::string& worker, CivilDay day = kDay) {
    return view_.ReachOf(Worker(worker), {.team = true}, day).workers;
  }

  WorkforceView view_;
};

TEST_F(WorkforceViewTest, TheTreeIsEverybodyBelowOnTheDay) {
  Link("ben", "ada");
  Link("cleo", "ben", CivilDay(2026, 3, 10));
  Link("dan", "ben", CivilDay(2020, 1, 1), CivilDay(2026, 3, 10));
  Link("eve", "zoe");
  EXPECT_THAT(Tree("ada"), UnorderedElementsAre(Worker("ada"), Worker("ben"), Worker("cleo")));
  EXPECT_THAT(Tree("ada", kDay - 1), UnorderedElementsAre(Worker("ada"), Worker("ben"), Worker("dan")));
  EXPECT_THAT(Tree("cleo"), UnorderedElementsAre(Worker("cleo")));
  EXPECT_THAT(Tree("nobody"), UnorderedElementsAre(Worker("nobody")));
  // Only yourself, unless the scope says so.
  EXPECT_THAT(view_.ReachOf(Worker("ada"), {.self = true}, kDay).workers,
              UnorderedElementsAre(Worker("ada")));
}

TEST_F(WorkforceViewTest, ACircleOfSupervisorsEnds) {
  Link("ada", "cleo");
  Link("ben", "ada");
  Link("cleo", "ben");
  EXPECT_THAT(Tree("ada"), UnorderedElementsAre(Worker("ada"), Worker("ben"), Worker("cleo")));
}

TEST_F(WorkforceViewTest, TheTeamIsWhoHasAPostThereOrBelowOnTheDay) {
  wf::Team below;
  below.set_parent_team(Team("north"));
  Put(Team("north-1"), below);
  Post("mia", "north");
  Post("ben", "north-1");
  Post("cleo", "north", CivilDay(2026, 3, 10));
  Post("dan", "north", CivilDay(2020, 1, 1), CivilDay(2026, 3, 10));
  Post("eve", "south");
  EXPECT_THAT(InTeam("mia"), UnorderedElementsAre(Worker("mia"), Worker("ben"), Worker("cleo")));
  EXPECT_THAT(view_.ReachOf(Worker("mia"), {.team = true}, kDay).teams,
              UnorderedElementsAre(Team("north"), Team("north-1")));
  EXPECT_THAT(InTeam("mia", kDay - 1), UnorderedElementsAre(Worker("mia"), Worker("ben"), Worker("dan")));
  EXPECT_THAT(InTeam("ben"), UnorderedElementsAre(Worker("ben"))) << "not of those above";
  // Who has no team shares none with others that have none.
  Post("fay", "");
  Post("gus", "");
  EXPECT_THAT(InTeam("fay"), UnorderedElementsAre(Worker("fay")));
}

TEST_F(WorkforceViewTest, ALeaverIsWhoseLastPostHasEnded) {
  using Employment = WorkforceView::Employment;
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), kDay), Employment::kUnknown);
  Post("ada", "north", CivilDay(2026, 3, 10), CivilDay(2026, 4, 1));
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), kDay - 1), Employment::kUnknown) << "has not begun";
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), kDay), Employment::kInPost);
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), CivilDay(2026, 3, 31)), Employment::kInPost);
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), CivilDay(2026, 4, 1)), Employment::kLeft);
  Post("ada", "south", CivilDay(2026, 4, 2), {}, "p2");
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), CivilDay(2026, 4, 1)), Employment::kLeft);
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), CivilDay(2026, 4, 2)), Employment::kInPost);
}

TEST_F(WorkforceViewTest, AnIdentityIsOneWorkersOrNobodys) {
  Identity("ada", {"sub-1", "sub-2"});
  EXPECT_EQ(view_.WorkerWithIdentity("a", "sub-1"), Worker("ada"));
  EXPECT_EQ(view_.WorkerWithIdentity("a", "sub-2"), Worker("ada"));
  EXPECT_EQ(view_.WorkerWithIdentity("a", "shared"), "") << "an id of another system";
  EXPECT_EQ(view_.WorkerWithIdentity("b", "sub-1"), "") << "another authority";
  Identity("ben", {"sub-1"});
  EXPECT_EQ(view_.WorkerWithIdentity("a", "sub-1"), "") << "of two, it could be either";
  Identity("ada", {"sub-2"});
  EXPECT_EQ(view_.WorkerWithIdentity("a", "sub-1"), Worker("ben"));
  Remove(Worker("ben"), ledger::v1::CHANGE_DELETED);
  EXPECT_EQ(view_.WorkerWithIdentity("a", "sub-1"), "");
}

TEST_F(WorkforceViewTest, WhatIsDeletedOrErasedIsForgotten) {
  Identity("ben", {"sub-1"});
  Link("ben", "ada");
  Post("ben", "north");
  Remove(Worker("ben") + "/supervisorLinks/l", ledger::v1::CHANGE_DELETED);
  EXPECT_THAT(Tree("ada"), UnorderedElementsAre(Worker("ada")));
  Link("ben", "ada");
  Link("bent", "ada");
  Remove(Worker("ben"), ledger::v1::CHANGE_ERASED);
  EXPECT_THAT(Tree("ada"), UnorderedElementsAre(Worker("ada"), Worker("bent"))) << "and what lies beneath";
  EXPECT_EQ(view_.EmploymentOf(Worker("ben"), kDay), WorkforceView::Employment::kUnknown);
  EXPECT_EQ(view_.WorkerWithIdentity("a", "sub-1"), "");
}

TEST_F(WorkforceViewTest, ACallerIsTheWorkerOfTheClaimElseOfTheIdentity) {
  Identity("ada", {"sub-1"});
  rpc::Principal caller = {.kind = rpc::Principal::Kind::kUser, .subject = "sub-1", .actor = "user:sub-1"};
  EXPECT_EQ(view_.WorkerOf(caller, "a"), Worker("ada"));
  EXPECT_EQ(view_.WorkerOf(caller, "b"), "");
  caller.worker = "ben";
  EXPECT_EQ(view_.WorkerOf(caller, "a"), Worker("ben"));
  EXPECT_FALSE(view_.Knows(Worker("ben")));
  Identity("ben", {});
  EXPECT_TRUE(view_.Knows(Worker("ben")));
  Remove(Worker("ben"), ledger::v1::CHANGE_DELETED);
  EXPECT_FALSE(view_.Knows(Worker("ben")));
  EXPECT_FALSE(view_.Knows("")) << "who is nobody";
  caller.kind = rpc::Principal::Kind::kService;
  EXPECT_EQ(view_.WorkerOf(caller, "a"), "");
}

TEST_F(WorkforceViewTest, OnlyLinesOfManagementLeadUpAndOnlyWhileTheyHold) {
  using Function = wf::SupervisorLink::Function;
  const auto link = [&](const std::string& worker, const std::string& id, Function function,
                        const std::string& supervisor) {
    wf::SupervisorLink state;
    state.set_function(function);
    state.set_supervisor(Worker(supervisor));
    SetPeriod(state, CivilDay(2026, 4, 1), CivilDay(2026, 5, 1));
    Put(absl::StrCat(Worker(worker), "/supervisorLinks/", id), state);
  };
  const auto managers = [&](const std::string& worker, CivilDay day) {
    return view_.LineManagersOf(Worker(worker), day);
  };
  link("w1", "l1", wf::SupervisorLink::FUNCTION_LINE_MANAGEMENT, "m1");
  link("w1", "l2", wf::SupervisorLink::FUNCTION_PROFESSIONAL, "m2");
  link("w10", "l1", wf::SupervisorLink::FUNCTION_LINE_MANAGEMENT, "m3");
  EXPECT_THAT(managers("w1", {2026, 3, 31}), IsEmpty());
  EXPECT_THAT(managers("w1", {2026, 4, 1}), UnorderedElementsAre(Worker("m1")));
  EXPECT_THAT(managers("w1", {2026, 4, 30}), UnorderedElementsAre(Worker("m1")));
  EXPECT_THAT(managers("w1", {2026, 5, 1}), IsEmpty());
  link("w1", "l1", wf::SupervisorLink::FUNCTION_PROFESSIONAL, "m1");
  EXPECT_THAT(managers("w1", {2026, 4, 1}), IsEmpty());
  link("w1", "l1", wf::SupervisorLink::FUNCTION_LINE_MANAGEMENT, "m1");
  Remove(Worker("w1"), ledger::v1::CHANGE_ERASED);
  EXPECT_THAT(managers("w1", {2026, 4, 1}), IsEmpty()) << "erased with all that lies beneath";
  EXPECT_THAT(managers("w10", {2026, 4, 1}), UnorderedElementsAre(Worker("m3")));
}

TEST_F(WorkforceViewTest, ADuplicateIsTheWorkerIntoWhichItWasMerged) {
  EXPECT_EQ(view_.StandsFor(Worker("w1")), Worker("w1"));
  const auto merge = [&](const std::string& worker, const std::string& into) {
    wf::Worker gone;
    gone.mutable_withdrawal()->set_merged_into(Worker(into));
    Put(Worker(worker), gone, ledger::v1::CHANGE_DELETED);
  };
  merge("w1", "w2");
  merge("w2", "w3");
  EXPECT_EQ(view_.StandsFor(Worker("w1")), Worker("w3"));
  EXPECT_EQ(view_.StandsFor(Worker("w3")), Worker("w3"));
  merge("w3", "w1");
  EXPECT_FALSE(view_.StandsFor(Worker("w1")).empty()) << "a circle ends";
  Identity("w1", {"sub-1"});
  EXPECT_EQ(view_.StandsFor(Worker("w1")), Worker("w1")) << "brought back";
}

TEST_F(WorkforceViewTest, AnAbsenceNamesItsFirstAndItsLastDay) {
  const std::string name = absl::StrCat(Worker("ada"), "/absences/x1");
  wf::Absence absence;
  const auto set = [](int day, google::type::Date* date) {
    date->set_year(2026);
    date->set_month(4);
    date->set_day(day);
  };
  set(1, absence.mutable_first_date());
  set(3, absence.mutable_last_date());
  Put(name, absence);
  EXPECT_THAT(view_.AbsencesOf(Worker("ada")), UnorderedElementsAre(Period{{2026, 4, 1}, {2026, 4, 4}}));
  absence.clear_last_date();
  Put(name, absence);
  EXPECT_THAT(view_.AbsencesOf(Worker("ada")), UnorderedElementsAre(Period{{2026, 4, 1}, CivilDay::Max()}));
  Remove(name, ledger::v1::CHANGE_DELETED);
  EXPECT_THAT(view_.AbsencesOf(Worker("ada")), IsEmpty());
}

TEST_F(WorkforceViewTest, IsFreshOnceCaughtUpAndWhileHeardOf) {
  constexpr absl::Duration kAge = absl::Minutes(5);
  EXPECT_FALSE(view_.Fresh(kApplied, kAge));
  Post("ada", "north");
  EXPECT_FALSE(view_.Fresh(kApplied, kAge)) << "there may be more to come";
  EXPECT_EQ(view_.CheckCaughtUp().code(), absl::StatusCode::kUnavailable);
  view_.Apply({}, kApplied);
  EXPECT_TRUE(view_.CheckCaughtUp().ok());
  EXPECT_TRUE(view_.Fresh(kApplied, kAge));
  EXPECT_TRUE(view_.Fresh(kApplied + kAge, kAge));
  EXPECT_FALSE(view_.Fresh(kApplied + kAge + absl::Seconds(1), kAge));
  view_.Clear();
  EXPECT_FALSE(view_.Fresh(kApplied, kAge));
  EXPECT_EQ(view_.CheckCaughtUp().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(view_.EmploymentOf(Worker("ada"), kDay), WorkforceView::Employment::kUnknown);
}

// Any sequence of changes gives what a look at the last states gives.
TEST_F(WorkforceViewTest, AgreesWithALookAtTheLastStates) {
  struct Row {
    std::string worker, other;
    CivilDay start, end;
  };
  std::mt19937 random(11);
  const auto below = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::map<std::string, Row> links, posts;
  for (int step = 0; step < 3000; ++step) {
    const std::string worker = absl::StrCat("w", below(12));
    const std::string id = absl::StrCat(below(3));
    const bool link = below(2) == 0;
    const std::string name = absl::StrCat(Worker(worker), link ? "/supervisorLinks/" : "/posts/", id);
    Row row{worker, link ? absl::StrCat("w", below(12)) : absl::StrCat("t", below(4)), kDay + below(9) - 6,
            kDay};
    row.end = row.start + below(8);
    if (below(4) == 0) {
      Remove(name, ledger::v1::CHANGE_DELETED);
      (link ? links : posts).erase(name);
    } else {
      link ? Link(worker, row.other, row.start, row.end, id)
           : Post(worker, row.other, row.start, row.end, id);
      (link ? links : posts)[name] = row;
    }
    if (step % 10 != 0) continue;
    const std::string me = absl::StrCat("w", below(12));
    std::set<std::string> tree = {Worker(me)};
    std::set<std::string> team = {Worker(me)};
    for (bool more = true; more;) {
      more = false;
      for (const auto& [ignored, each] : links) {
        const bool holds = each.start <= kDay && kDay < each.end;
        if (holds && tree.contains(Worker(each.other)) && tree.insert(Worker(each.worker)).second)
          more = true;
      }
    }
    for (const auto& [ignored, mine] : posts) {
      if (mine.worker != me || !(mine.start <= kDay && kDay < mine.end)) continue;
      for (const auto& [also_ignored, each] : posts) {
        if (each.other == mine.other && each.start <= kDay && kDay < each.end)
          team.insert(Worker(each.worker));
      }
    }
    ASSERT_EQ(Tree(me), tree) << step;
    ASSERT_EQ(InTeam(me), team) << step;
  }
}

}  // namespace
}  // namespace oversight::access
