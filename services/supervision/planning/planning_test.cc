#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/resource/kind.h"
#include "common/testing/fake_peer.h"
#include "common/testing/proto_matchers.h"
#include "common/time/working_days.h"
#include "oversight/compliance/v1/frequency.pb.h"
#include "services/supervision/records/record_road.h"

namespace oversight::supervision {
namespace {

using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Planning and calendars through the API, on 1 April 2026.
class PlanningTest : public testing::RecordRoad {
 protected:
  // A year of monthly sessions from 7 April.
  static std::string Series(const std::string& more = "", const std::string& frequency = "every_months: 1") {
    return absl::StrCat(
        "parent: '$' planned_series_id: 'p1' planned_series { supervisee: '$/workers/colleague' supervisor: "
        "'$/workers/supervisor' kind: KIND_FORMAL_ONE_TO_ONE start_date { year: 2026 month: 4 day: 7 } "
        "end_date { year: 2027 month: 4 day: 7 } frequencies { start_date { year: 2026 month: 4 day: 7 } ",
        frequency, " } } ", more);
  }
  absl::StatusOr<v1::PlanSeriesResponse> Plan(const std::string& request) {
    return Send<v1::PlanSeriesResponse>("hr", "PlanSeries", request, v1::PlanSeriesRequest());
  }
  static std::vector<CivilDay> DaysOf(const google::protobuf::RepeatedPtrField<v1::Session>& sessions) {
    std::vector<CivilDay> days;
    for (const auto& session : sessions) days.push_back(*resource::DayOf(session, "date"));
    return days;
  }
  std::vector<v1::Session> SessionsOfSeries() {
    v1::ListSessionsRequest request;
    request.set_parent(root_);
    request.set_page_size(1000);
    const auto listed = Call<v1::ListSessionsResponse>("hr", "ListSessions", request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::vector<v1::Session> sessions;
    if (!listed.ok()) return sessions;
    for (const auto& session : listed->sessions()) {
      if (session.series() == root_ + "/plannedSeries/p1") sessions.push_back(session);
    }
    return sessions;
  }
  absl::StatusOr<v1::Session> Do(const std::string& verb, const std::string& id, const std::string& rest) {
    v1::HoldSessionRequest hold;
    v1::CancelSessionRequest cancel;
    const std::string text = absl::StrCat("name: '$/sessions/", id, "' ", rest);
    return verb == "HoldSession" ? Send<v1::Session>("hr", verb, text, hold)
                                 : Send<v1::Session>("hr", verb, text, cancel);
  }
  std::string Calendar(const std::string& rest) {
    const auto exported = Send<v1::ExportCalendarResponse>(
        "hr", "ExportCalendar", absl::StrCat("parent: '$' ", rest), v1::ExportCalendarRequest());
    EXPECT_TRUE(exported.ok()) << exported.status();
    if (!exported.ok()) return "";
    EXPECT_EQ(exported->content_type(), "text/calendar; charset=utf-8; method=PUBLISH");
    return exported->content();
  }
  // The values of all lines of this property.
  static std::vector<std::string> Values(const std::string& calendar, const std::string& property) {
    std::vector<std::string> values;
    for (const absl::string_view line : absl::StrSplit(calendar, "\r\n")) {
      if (absl::StartsWith(line, property + ":")) values.emplace_back(line.substr(property.size() + 1));
    }
    return values;
  }
};

TEST_F(PlanningTest, AYearOfSessionsWithoutAGap) {
  const auto plan = Plan(Series("start_minute: 630 planned_minutes: 90"));
  OVERSIGHT_ASSERT_OK(plan);
  EXPECT_THAT(plan->unmet_dates(), IsEmpty());
  EXPECT_THAT(plan->kept(), IsEmpty());
  CivilDay last(2026, 4, 7);
  for (const CivilDay day : DaysOf(plan->sessions())) {
    EXPECT_TRUE(WorkingDays::EnglandAndWales().IsWorkingDay(day)) << day;
    EXPECT_LE(day, AddMonths(last, 1));
    last = day;
  }
  EXPECT_GE(AddMonths(last, 1), CivilDay(2027, 4, 7));
  const auto stored = SessionsOfSeries();
  ASSERT_EQ(stored.size(), static_cast<size_t>(plan->sessions_size()));
  const v1::Session& first = plan->sessions(0);
  EXPECT_EQ(first.name(), root_ + "/sessions/p1.001");
  EXPECT_EQ(first.state(), v1::Session::STATE_SCHEDULED);
  EXPECT_EQ(first.planned_minutes(), 90);
  EXPECT_EQ(first.supervisee(), Worker("colleague"));
  EXPECT_TRUE(first.has_scheduled_time());
  // 10:30 by the clock on the wall: 09:30 UTC in summer, 10:30 in winter.
  for (const auto& session : plan->sessions()) {
    const bool summer = AuthorityZone().At(absl::FromUnixSeconds(session.start_time().seconds())).is_dst;
    EXPECT_EQ(session.start_time().seconds() % 86400, (summer ? 9 : 10) * 3600 + 1800) << session.name();
  }
}

TEST_F(PlanningTest, ValidateOnlyShowsThePlanAndWritesNothing) {
  const int64_t before = service_->Revision(authority_);
  const auto preview = Plan(Series("validate_only: true"));
  OVERSIGHT_ASSERT_OK(preview);
  EXPECT_EQ(service_->Revision(authority_), before);
  EXPECT_THAT(SessionsOfSeries(), IsEmpty());
  const auto plan = Plan(Series());
  OVERSIGHT_ASSERT_OK(plan);
  EXPECT_EQ(DaysOf(preview->sessions()), DaysOf(plan->sessions()));
}

TEST_F(PlanningTest, TheSameRequestAgainPlansOnce) {
  const auto first = Plan(Series("request_id: 'r1'"));
  OVERSIGHT_ASSERT_OK(first);
  // What has happened since does not matter: nothing is planned anew.
  OVERSIGHT_ASSERT_OK(Do("CancelSession", "p1.001", "reason: 'ill'"));
  Tell<workforce::v1::Absence>(Worker("colleague") + "/absences/x9",
                               "first_date { year: 2026 month: 6 day: 1 } "
                               "last_date { year: 2026 month: 7 day: 31 }");
  const int64_t revision = service_->Revision(authority_);
  const auto again = Plan(Series("request_id: 'r1'"));
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_EQ(service_->Revision(authority_), revision);
  EXPECT_THAT(*again, ::oversight::testing::EqualsProto(*first));
}

TEST_F(PlanningTest, AnUnnamedSeriesSentAgainIsTheSame) {
  const std::string request =
      absl::StrReplaceAll(Series("request_id: 'r2'"), {{"planned_series_id: 'p1'", ""}});
  const auto first = Plan(request);
  OVERSIGHT_ASSERT_OK(first);
  const auto again = Plan(request);
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_EQ(again->planned_series().name(), first->planned_series().name());
  EXPECT_EQ(DaysOf(again->sessions()), DaysOf(first->sessions()));
}

// Planned anew with nothing to change but one session: sent again, the whole plan is told.
TEST_F(PlanningTest, WhatAPlanLeftAsItWasIsToldWhenItIsSentAgain) {
  OVERSIGHT_ASSERT_OK(Plan(Series()));
  Tell<workforce::v1::Absence>(Worker("colleague") + "/absences/x1",
                               "first_date { year: 2027 month: 4 day: 1 } "
                               "last_date { year: 2027 month: 4 day: 1 }");
  const auto first = Plan(Series("request_id: 'r3'"));
  OVERSIGHT_ASSERT_OK(first);
  const auto again = Plan(Series("request_id: 'r3'"));
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_EQ(again->planned_series().name(), root_ + "/plannedSeries/p1");
  std::vector<CivilDay> told = DaysOf(again->kept());
  for (const CivilDay day : DaysOf(again->sessions())) told.push_back(day);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, DaysOf(first->sessions()));
}

TEST_F(PlanningTest, AvoidsAbsencesOfBothAndWhatTheSupervisorHasAlready) {
  // The first would be on 7 May; the supervisee is away on the 7th, the supervisor on the 6th, both have the
  // 5th avoided; Monday the 4th is a bank holiday; on Friday the 1st the supervisor sees somebody else at the
  // time.
  Tell<workforce::v1::Absence>(
      Worker("colleague") + "/absences/x1",
      "first_date { year: 2026 month: 5 day: 7 } last_date { year: 2026 month: 5 day: 7 }");
  Tell<workforce::v1::Absence>(
      Worker("supervisor") + "/absences/x1",
      "first_date { year: 2026 month: 5 day: 6 } last_date { year: 2026 month: 5 day: 6 }");
  const auto first_day = [&](const std::string& start_minute) {
    const auto plan =
        Plan(Series("avoid_dates { year: 2026 month: 5 day: 5 } validate_only: true start_minute: " +
                    start_minute + " planned_minutes: 60"));
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? DaysOf(plan->sessions())[0] : CivilDay();
  };
  EXPECT_EQ(first_day("600"), CivilDay(2026, 5, 1));
  // From 10:30 to 11:00, London time.
  OVERSIGHT_ASSERT_OK(Send<v1::Session>(
      "hr", "CreateSession",
      "parent: '$' session_id: 'other' session { supervisee: '$/workers/adviser' supervisor: "
      "'$/workers/supervisor' "
      "kind: KIND_FORMAL_ONE_TO_ONE start_time { seconds: 1777627800 } planned_minutes: 30 }",
      v1::CreateSessionRequest()));
  EXPECT_EQ(first_day("600"), CivilDay(2026, 4, 30)) << "10:00 to 11:00 overlaps";
  EXPECT_EQ(first_day("570"), CivilDay(2026, 5, 1)) << "ends as the other begins";
  EXPECT_EQ(first_day("571"), CivilDay(2026, 4, 30));
  EXPECT_EQ(first_day("660"), CivilDay(2026, 5, 1)) << "begins as the other ends";
  EXPECT_EQ(first_day("659"), CivilDay(2026, 4, 30));
}

TEST_F(PlanningTest, PlanningAnewKeepsWhatHappenedAndMovesTheRest) {
  const auto plan = Plan(Series());
  OVERSIGHT_ASSERT_OK(plan);
  const auto days = DaysOf(plan->sessions());
  ASSERT_GE(days.size(), 12);
  // The first is held, the second cancelled.
  const absl::Time then = clock_->Now();
  clock_->Set(Noon(days[1]));
  OVERSIGHT_ASSERT_OK(Do("HoldSession", "p1.001", ""));
  OVERSIGHT_ASSERT_OK(Do("CancelSession", "p1.002", "reason: 'ill'"));
  const auto again = Plan(Series("", "every_days: 14"));
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_THAT(DaysOf(again->kept()), ElementsAre(days[0], days[1]));
  CivilDay base = days[0];
  std::vector<CivilDay> planned = DaysOf(again->sessions());
  // The cancelled one does not count, so the next was due while it was waited for.
  EXPECT_EQ(planned[0], WorkingDays::EnglandAndWales().NextWorkingDayOnOrAfter(days[1]));
  EXPECT_EQ(again->unmet_dates_size(), 1);
  for (const CivilDay day : planned) {
    EXPECT_TRUE(day == planned[0] || day - base <= 14) << day;
    base = day;
  }
  // Those that were scheduled have moved; further ones are new.
  EXPECT_EQ(again->sessions(0).name(), root_ + "/sessions/p1.003");
  EXPECT_EQ(SessionsOfSeries().size(), planned.size() + 2);
  // Fewer again: what is too many is deleted.
  const auto fewer = Plan(Series("", "every_months: 3"));
  clock_->Set(then);
  OVERSIGHT_ASSERT_OK(fewer);
  EXPECT_EQ(SessionsOfSeries().size(), static_cast<size_t>(fewer->sessions_size()) + 2);
  EXPECT_LT(fewer->sessions_size(), 6);
  const auto report = service_->Verify(authority_);
  OVERSIGHT_ASSERT_OK(report);
  EXPECT_TRUE(report->intact()) << report->DebugString();
}

// Planned from what the policies in force ask for.
class PolicyPlanningTest : public PlanningTest {
 protected:
  PolicyPlanningTest() {
    surroundings_->compliance = compliance_;
    compliance_->SetAnswer([this](const auto&) { return said_; });
  }
  ~PolicyPlanningTest() override { surroundings_->compliance = nullptr; }

  // Weekly until 1 May, then monthly; and in each calendar month.
  static compliance::v1::ProjectFrequencyResponse WeeklyThenMonthly() {
    return resource::testing::Parse<compliance::v1::ProjectFrequencyResponse>(
        "requirements { rule: 'harbour.frequency' start_date { year: 2026 month: 3 day: 1 } "
        "  last_session_date { year: 2026 month: 3 day: 31 } "
        "  intervals { row: 'weekly' every_days: 7 start_date { year: 2026 month: 3 day: 31 } "
        "    end_date { year: 2026 month: 5 day: 1 } } "
        "  intervals { row: 'monthly' every_months: 1 start_date { year: 2026 month: 5 day: 1 } "
        "    end_date { year: 2026 month: 7 day: 1 } } "
        "  counted { start_date { year: 2026 month: 4 day: 1 } end_date { year: 2026 month: 7 day: 1 } } } "
        "requirements { rule: 'quay.months' start_date { year: 2026 month: 5 day: 1 } "
        "  end_date { year: 2026 month: 7 day: 1 } "
        "  intervals { row: 'each' every_calendar_month: true start_date { year: 2026 month: 5 day: 1 } "
        "    end_date { year: 2026 month: 7 day: 1 } } "
        "  counted { start_date { year: 2026 month: 4 day: 1 } end_date { year: 2026 month: 7 day: 1 } } } "
        "tokens: 'what compliance had read'");
  }
  std::string Series(const std::string& more = "") const {
    return absl::StrCat(
        "parent: '$' planned_series_id: 'p1' planned_series { supervisee: '$/workers/colleague' supervisor: "
        "'$/workers/supervisor' kind: KIND_FORMAL_ONE_TO_ONE start_date { year: 2026 month: 4 day: 1 } "
        "end_date { year: 2026 month: 7 day: 1 } } ",
        more);
  }

  using FakeCompliance = ::oversight::testing::FakePeer<compliance::v1::ProjectFrequencyRequest,
                                                        compliance::v1::ProjectFrequencyResponse>;
  const std::shared_ptr<FakeCompliance> compliance_ = std::make_shared<FakeCompliance>();
  absl::StatusOr<compliance::v1::ProjectFrequencyResponse> said_ = WeeklyThenMonthly();
};

TEST_F(PolicyPlanningTest, PlansAsOftenAsThePoliciesInForceAskFor) {
  const auto plan = Plan(Series("after_tokens: 't1'"));
  OVERSIGHT_ASSERT_OK(plan);
  // Weekly from 31 March, around Easter and the bank holiday of 4 May; the last weekly gap has widened. The
  // month of June asks for one before its monthly gap does.
  EXPECT_THAT(DaysOf(plan->sessions()),
              ElementsAre(CivilDay(2026, 4, 7), CivilDay(2026, 4, 14), CivilDay(2026, 4, 21),
                          CivilDay(2026, 4, 28), CivilDay(2026, 5, 28), CivilDay(2026, 6, 26)));
  EXPECT_THAT(plan->unmet_dates(), IsEmpty());
  ASSERT_EQ(compliance_->asked().size(), 1u);
  const auto asked = compliance_->asked().front();
  EXPECT_EQ(asked.worker(), Worker("colleague"));
  EXPECT_EQ(asked.supervisor(), Worker("supervisor"));
  EXPECT_EQ(asked.kind(), v1::Session::KIND_FORMAL_ONE_TO_ONE);
  EXPECT_THAT(asked.after_tokens(), ElementsAre("t1"));
  // The series bears what it was planned from.
  v1::GetPlannedSeriesRequest get;
  get.set_name(root_ + "/plannedSeries/p1");
  const auto series = Call<v1::PlannedSeries>("hr", "GetPlannedSeries", get);
  OVERSIGHT_ASSERT_OK(series);
  EXPECT_THAT(series->frequencies(), IsEmpty());
  ASSERT_EQ(series->requirements_size(), 3);
  EXPECT_EQ(series->requirements(0).rule(), "harbour.frequency");
  EXPECT_EQ(series->requirements(0).row(), "weekly");
  EXPECT_EQ(series->requirements(0).every_days(), 7);
  EXPECT_TRUE(series->requirements(2).every_calendar_month());
  EXPECT_THAT(series->requirement_tokens(), ElementsAre("what compliance had read"));
  // The caller's own frequencies stand in their place.
  const auto own = Plan(PlanningTest::Series());
  OVERSIGHT_ASSERT_OK(own);
  EXPECT_EQ(compliance_->asked().size(), 1u);
  EXPECT_THAT(own->planned_series().requirements(), IsEmpty());
}

TEST_F(PolicyPlanningTest, ASessionThatThereIsAlreadyDoesForTheRule) {
  OVERSIGHT_ASSERT_OK(Send<v1::Session>(
      "hr", "CreateSession",
      "parent: '$' session_id: 'own' session { supervisee: '$/workers/colleague' supervisor: "
      "'$/workers/supervisor' kind: KIND_FORMAL_ONE_TO_ONE date { year: 2026 month: 4 day: 2 } }",
      v1::CreateSessionRequest()));
  const auto plan = Plan(Series("validate_only: true"));
  OVERSIGHT_ASSERT_OK(plan);
  EXPECT_EQ(DaysOf(plan->sessions())[0], CivilDay(2026, 4, 9));
}

TEST_F(PolicyPlanningTest, AfterAnAbsenceTheMovedDueDateHolds) {
  Tell<workforce::v1::Absence>(
      Worker("colleague") + "/absences/x1",
      "first_date { year: 2026 month: 4 day: 8 } last_date { year: 2026 month: 4 day: 22 }");
  *said_->mutable_requirements(0)->add_moved() =
      resource::testing::Parse<compliance::v1::RequiredFrequency::MovedDue>(
          "first_date { year: 2026 month: 4 day: 8 } last_date { year: 2026 month: 4 day: 22 } "
          "due_date { year: 2026 month: 4 day: 29 }");
  const auto plan = Plan(Series("validate_only: true"));
  OVERSIGHT_ASSERT_OK(plan);
  // Due on 14 April, which the absence moves; as soon as the worker is back.
  EXPECT_EQ(DaysOf(plan->sessions())[1], CivilDay(2026, 4, 23));
  EXPECT_THAT(plan->unmet_dates(), IsEmpty());
}

TEST_F(PolicyPlanningTest, WithoutComplianceNothingIsPlanned) {
  const int64_t before = service_->Revision(authority_);
  said_ = absl::UnavailableError("away");
  EXPECT_THAT(Plan(Series()), StatusIs(absl::StatusCode::kUnavailable, "COMPLIANCE_UNREACHABLE"));
  said_ = absl::DeadlineExceededError("slow");
  EXPECT_THAT(Plan(Series("validate_only: true")),
              StatusIs(absl::StatusCode::kUnavailable, "COMPLIANCE_UNREACHABLE"));
  surroundings_->compliance = nullptr;
  EXPECT_THAT(Plan(Series()), StatusIs(absl::StatusCode::kUnavailable, "COMPLIANCE_UNREACHABLE"));
  surroundings_->compliance = compliance_;
  said_ = compliance::v1::ProjectFrequencyResponse();
  EXPECT_THAT(Plan(Series()), StatusIs(absl::StatusCode::kFailedPrecondition, "NO_FREQUENCY_REQUIRED"));
  EXPECT_EQ(service_->Revision(authority_), before);
  EXPECT_THAT(SessionsOfSeries(), IsEmpty());
}

TEST_F(PlanningTest, FaultsNameTheirFields) {
  const auto fields = [&](const std::string& request) {
    return resource::testing::FieldsOf(Plan(request).status());
  };
  EXPECT_THAT(
      fields(Series("start_minute: 1440 planned_minutes: 1441 avoid_dates { year: 2026 month: 2 day: 30 } "
                    "last_session_date { year: 2026 month: 13 day: 1 }")),
      ElementsAre("start_minute", "planned_minutes", "last_session_date", "avoid_dates[0]"));
  EXPECT_THAT(fields(Series("", "every_days: 7 every_months: 1")),
              ElementsAre("planned_series.frequencies[0]"));
  EXPECT_THAT(fields("parent: '$/workers/x'"), ::testing::Contains("parent"));
  workforce_->Clear();
  EXPECT_THAT(Plan(Series()).status(), StatusIs(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP"));
  workforce_->Apply({}, clock_->Now());
}

TEST_F(PlanningTest, ACalendarKeepsItsEventsThroughMovesAndCancellations) {
  OVERSIGHT_ASSERT_OK(Plan(Series("start_minute: 600 planned_minutes: 90")));
  const std::string worker = "worker: '$/workers/colleague'";
  const std::string before = Calendar(worker);
  const auto uids = Values(before, "UID");
  ASSERT_GE(uids.size(), 12);
  EXPECT_EQ(Calendar(worker), before) << "the same sessions, the same file";
  EXPECT_EQ(Values(Calendar("worker: '$/workers/supervisor' role: ROLE_SUPERVISOR "
                            "start_date { year: 2026 month: 4 day: 7 }"),
                   "UID"),
            uids);
  EXPECT_THAT(Values(Calendar("worker: '$/workers/supervisor' role: ROLE_SUPERVISEE"), "UID"), IsEmpty());

  OVERSIGHT_ASSERT_OK(Do("CancelSession", "p1.002", "reason: 'somebody is ill'"));
  const std::string after = Calendar(worker);
  EXPECT_EQ(Values(after, "UID"), uids);
  EXPECT_EQ(Values(after, "STATUS")[0], "CONFIRMED");
  EXPECT_EQ(Values(after, "STATUS")[1], "CANCELLED");
  EXPECT_EQ(Values(after, "SEQUENCE")[0], "0");
  EXPECT_EQ(Values(after, "SEQUENCE")[1], "1");
  for (const char* personal : {"somebody", "colleague", "supervisor", "p1", "workers"}) {
    EXPECT_FALSE(absl::StrContains(after, personal)) << personal;
  }
  v1::DeleteSessionRequest request;
  request.set_name(root_ + "/sessions/p1.001");
  OVERSIGHT_ASSERT_OK(Call<v1::Session>("hr", "DeleteSession", request));
  EXPECT_EQ(Values(Calendar(worker), "STATUS")[0], "CANCELLED") << "a calendar must hear of it";
}

TEST_F(PlanningTest, ACalendarHasTheDaysAskedForUpToTheEnd) {
  const auto count = [&](const std::string& days) {
    return Values(Calendar("worker: '$/workers/supervisee' " + days), "UID").size();
  };
  EXPECT_EQ(count("start_date { year: 2026 month: 4 day: 1 } end_date { year: 2026 month: 4 day: 2 }"), 1);
  EXPECT_EQ(count("start_date { year: 2026 month: 4 day: 1 } end_date { year: 2026 month: 4 day: 1 }"), 0);
  EXPECT_EQ(count("start_date { year: 2026 month: 4 day: 2 }"), 0);
  EXPECT_EQ(count(""), 1);
  const auto fields = [&](const std::string& request) {
    return resource::testing::FieldsOf(
        Send<v1::ExportCalendarResponse>("hr", "ExportCalendar", request, v1::ExportCalendarRequest())
            .status());
  };
  EXPECT_THAT(fields("parent: '$' worker: 'authorities/other/workers/w'"), ElementsAre("worker"));
  EXPECT_THAT(fields("parent: '$' worker: '$/workers/w' start_date { year: 2026 month: 4 day: 2 } "
                     "end_date { year: 2026 month: 4 day: 1 }"),
              ElementsAre("end_date"));
  EXPECT_THAT(fields("parent: 'x' worker: '$/workers/w'"), ElementsAre("parent", "worker"));
}

}  // namespace
}  // namespace oversight::supervision
