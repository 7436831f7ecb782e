// Sessions and agreements through the API: every action in every state, and twenty callers at once.

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/crowd.h"
#include "services/supervision/records/record_road.h"

namespace oversight::supervision {
namespace {

using ::oversight::testing::StatusIs;
using resource::testing::InParallel;
using resource::testing::Persist;
using ::testing::SizeIs;

constexpr int kCallers = 20;

auto IsIllegal() { return StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"); }

class StateMachinesTest : public testing::RecordRoad {
 protected:
  void SetUp() override {
    RecordRoad::SetUp();
    // Callers at once must find their connection made.
    clients_["hr"] = service_->Connect("hr");
  }
  void TearDown() override {
    const auto report = service_->Verify(authority_);
    OVERSIGHT_ASSERT_OK(report);
    EXPECT_TRUE(report->intact()) << report->DebugString();
  }

  absl::StatusOr<v1::Session> OnSession(const std::string& action, const std::string& id,
                                        const std::string& more = "") {
    const std::string text = absl::StrCat("name: '$/sessions/", id, "' ", more);
    if (action == "HoldSession") return Send<v1::Session>("hr", action, text, v1::HoldSessionRequest());
    if (action == "CancelSession") {
      return Send<v1::Session>("hr", action, text + "reason: 'ill'", v1::CancelSessionRequest());
    }
    if (action == "MissSession") return Send<v1::Session>("hr", action, text, v1::MissSessionRequest());
    return Send<v1::Session>("hr", "UpdateSession",
                             absl::StrCat("session { name: '$/sessions/", id, "' planned_minutes: 45 }"),
                             v1::UpdateSessionRequest());
  }
  absl::StatusOr<v1::Session> GetSession(const std::string& id) {
    return Send<v1::Session>("hr", "GetSession", absl::StrCat("name: '$/sessions/", id, "'"),
                             v1::GetSessionRequest());
  }

  absl::StatusOr<v1::Agreement> OnAgreement(const std::string& action, const std::string& id) {
    const std::string name = absl::StrCat("name: '$/agreements/", id, "' ");
    if (action == "supervisee signs" || action == "supervisor signs") {
      return Send<v1::Agreement>(
          "hr", "SignAgreement",
          absl::StrCat(name,
                       "party: ", action == "supervisee signs" ? "PARTY_SUPERVISEE" : "PARTY_SUPERVISOR",
                       " signed_date { year: 2026 month: 4 day: 1 }"),
          v1::SignAgreementRequest());
    }
    if (action == "EndAgreement") {
      return Send<v1::Agreement>("hr", action, name + "end_date { year: 2026 month: 6 day: 1 }",
                                 v1::EndAgreementRequest());
    }
    return Send<v1::Agreement>("hr", "UpdateAgreement",
                               absl::StrCat("agreement { ", name, "accountability_stated: true }"),
                               v1::UpdateAgreementRequest());
  }
  void CreateAgreement(const std::string& id) {
    OVERSIGHT_ASSERT_OK(Send<v1::Agreement>(
        "hr", "CreateAgreement",
        absl::StrCat("parent: '$' agreement_id: '", id,
                     "' agreement { supervisee: '$/workers/supervisee' supervisor: '$/workers/supervisor' "
                     "start_date { year: 2026 month: 4 day: 1 } }"),
        v1::CreateAgreementRequest()));
  }
};

TEST_F(StateMachinesTest, EachActionOnASessionInEachState) {
  struct Case {
    // How to come there from a new session; what each action leads to, empty where it is refused.
    std::string way, state, hold, cancel, miss, update;
  };
  const Case cases[] = {
      {"", "SCHEDULED", "HELD", "CANCELLED", "MISSED", "SCHEDULED"},
      {"HoldSession", "HELD", "", "", "", "HELD"},
      {"CancelSession", "CANCELLED", "", "", "", "CANCELLED"},
      {"MissSession", "MISSED", "", "", "", "MISSED"},
  };
  int sessions = 0;
  for (const Case& c : cases) {
    const std::pair<std::string, std::string> actions[] = {{"HoldSession", c.hold},
                                                           {"CancelSession", c.cancel},
                                                           {"MissSession", c.miss},
                                                           {"UpdateSession", c.update}};
    for (const auto& [action, leads_to] : actions) {
      SCOPED_TRACE(absl::StrCat(action, " in ", c.state));
      const std::string id = absl::StrCat("t", ++sessions);
      CreateSession(id);
      if (!c.way.empty()) {
        OVERSIGHT_ASSERT_OK(OnSession(c.way, id));
      }
      const auto before = GetSession(id);
      OVERSIGHT_ASSERT_OK(before);
      EXPECT_EQ(v1::Session::State_Name(before->state()), "STATE_" + c.state);
      const auto after = OnSession(action, id);
      if (leads_to.empty()) {
        EXPECT_THAT(after.status(), IsIllegal());
        EXPECT_EQ(MetadataOf(after.status(), "state"), c.state);
        EXPECT_EQ(GetSession(id)->etag(), before->etag()) << "refused, and changed all the same";
      } else {
        OVERSIGHT_ASSERT_OK(after);
        EXPECT_EQ(v1::Session::State_Name(after->state()), "STATE_" + leads_to);
      }
    }
  }
}

TEST_F(StateMachinesTest, EachActionOnAnAgreementInEachState) {
  const std::string supervisee = "supervisee signs";
  const std::string supervisor = "supervisor signs";
  struct Case {
    std::vector<std::string> way;
    // What each action leads to, empty where it is refused.
    std::string state, supervisee_signs, supervisor_signs, end, revise;
  };
  const Case cases[] = {
      {{}, "DRAFT", "SIGNED_BY_SUPERVISEE", "SIGNED_BY_SUPERVISOR", "ENDED", "DRAFT"},
      {{supervisee}, "SIGNED_BY_SUPERVISEE", "", "IN_FORCE", "ENDED", ""},
      {{supervisor}, "SIGNED_BY_SUPERVISOR", "IN_FORCE", "", "ENDED", ""},
      {{supervisee, supervisor}, "IN_FORCE", "", "", "ENDED", ""},
      {{"EndAgreement"}, "ENDED", "", "", "", ""},
      {{supervisee, supervisor, "EndAgreement"}, "ENDED", "", "", "", ""},
  };
  int agreements = 0;
  for (const Case& c : cases) {
    const std::pair<std::string, std::string> actions[] = {{supervisee, c.supervisee_signs},
                                                           {supervisor, c.supervisor_signs},
                                                           {"EndAgreement", c.end},
                                                           {"UpdateAgreement", c.revise}};
    for (const auto& [action, leads_to] : actions) {
      SCOPED_TRACE(absl::StrCat(action, " in ", c.state));
      const std::string id = absl::StrCat("t", ++agreements);
      CreateAgreement(id);
      for (const std::string& step : c.way) OVERSIGHT_ASSERT_OK(OnAgreement(step, id));
      const auto after = OnAgreement(action, id);
      if (leads_to.empty()) {
        EXPECT_THAT(after.status(), IsIllegal());
        EXPECT_EQ(MetadataOf(after.status(), "state"), c.state);
      } else {
        OVERSIGHT_ASSERT_OK(after);
        EXPECT_EQ(v1::Agreement::State_Name(after->state()), "STATE_" + leads_to);
      }
    }
  }
}

// The session as it was read, scheduled, does not fit with what was recorded of its cancellation since.
TEST_F(StateMachinesTest, AnUpdateFromAnOlderStateIsToldSoBeforeItsFieldsAreJudged) {
  v1::UpdateSessionRequest request;
  *request.mutable_session() = *GetSession("s1");
  OVERSIGHT_ASSERT_OK(OnSession("CancelSession", "s1"));
  EXPECT_THAT(Call<v1::Session>("hr", "UpdateSession", request).status(),
              ::oversight::testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
}

TEST_F(StateMachinesTest, OfTwentyVerbsOnOneSessionOneIsDoneAndNoUpdateIsLost) {
  const char* verbs[] = {"HoldSession", "CancelSession", "MissSession"};
  std::atomic<int> done = 0;
  std::atomic<int> again = 0;
  InParallel(kCallers, [&](int caller) {
    if (caller % 4 < 3) {
      const absl::Status status = Persist([&] { return OnSession(verbs[caller % 4], "s1").status(); });
      if (status.ok()) {
        ++done;
      } else {
        EXPECT_THAT(status, IsIllegal());
      }
      return;
    }
    // Each adds what it knows to what is there.
    for (int i = 0; i < 4; ++i) {
      OVERSIGHT_EXPECT_OK(Persist([&] {
        ++again;
        v1::UpdateSessionRequest request;
        *request.mutable_session() = *GetSession("s1");
        auto& id = *request.mutable_session()->add_external_ids();
        id.set_system(absl::StrCat("system", caller));
        id.set_id(absl::StrCat(i));
        return Call<v1::Session>("hr", "UpdateSession", request).status();
      }));
    }
  });
  EXPECT_EQ(done, 1);
  const auto session = GetSession("s1");
  OVERSIGHT_ASSERT_OK(session);
  EXPECT_NE(session->state(), v1::Session::STATE_SCHEDULED);
  EXPECT_THAT(session->external_ids(), SizeIs(5 * 4));
  // Created, decided, updated: nothing else was written.
  EXPECT_EQ(session->etag(), absl::StrCat("v", 2 + 5 * 4));
}

TEST_F(StateMachinesTest, TwentyPlansOfOneSeriesLeaveOneWholePlan) {
  const auto plan = [&](int every_days) {
    return Send<v1::PlanSeriesResponse>(
        "hr", "PlanSeries",
        absl::StrCat("parent: '$' planned_series_id: 'p' planned_series { supervisee: '$/workers/colleague' "
                     "supervisor: '$/workers/supervisor' kind: KIND_FORMAL_ONE_TO_ONE "
                     "start_date { year: 2026 month: 4 day: 7 } end_date { year: 2026 month: 10 day: 7 } "
                     "frequencies { start_date { year: 2026 month: 4 day: 7 } every_days: ",
                     every_days, " } }"),
        v1::PlanSeriesRequest());
  };
  // Those who planned what somebody else planned anew meanwhile are told so, or try again.
  InParallel(kCallers, [&](int caller) {
    const absl::Status status = Persist([&] { return plan(14 + caller % 3 * 7).status(); });
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kAlreadyExists ||
                status.code() == absl::StatusCode::kNotFound)
        << status;
  });
  const auto series = Send<v1::PlannedSeries>("hr", "GetPlannedSeries", "name: '$/plannedSeries/p'",
                                              v1::GetPlannedSeriesRequest());
  OVERSIGHT_ASSERT_OK(series);
  v1::ListSessionsRequest request;
  request.set_parent(root_);
  request.set_page_size(1000);
  const auto listed = Call<v1::ListSessionsResponse>("hr", "ListSessions", request);
  OVERSIGHT_ASSERT_OK(listed);
  std::set<CivilDay> days;
  size_t sessions = 0;
  for (const auto& session : listed->sessions()) {
    if (session.series() != series->name()) continue;
    ++sessions;
    days.insert(*resource::DayOf(session, "date"));
  }
  EXPECT_EQ(days.size(), sessions) << "two on one day";
  // The sessions are those that the series as it stands asks for.
  CivilDay base(2026, 4, 7);
  for (const CivilDay day : days) {
    EXPECT_LE(day - base, series->frequencies(0).every_days());
    base = day;
  }
  EXPECT_GE(base + series->frequencies(0).every_days(), CivilDay(2026, 10, 7));
}

}  // namespace
}  // namespace oversight::supervision
