// The figures of the yearly health check, and those that Prometheus learns besides: counted in one place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/governance.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/questions/questions_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::Parse;
using testing::QuestionsTest;
using testing::Text;

std::string Date(const char* field, CivilDay day) {
  const absl::CivilDay civil = day.civil();
  return absl::StrCat(field, " { year: ", civil.year(), " month: ", civil.month(), " day: ", civil.day(),
                      " } ");
}

class HealthCheckTest : public QuestionsTest {
 protected:
  absl::StatusOr<v1::SummarizeHealthCheckResponse> HealthCheck(const std::string& request = "") {
    std::string after;
    for (const std::string& token : after_) absl::StrAppend(&after, " after_tokens: '", token, "'");
    return Ask<v1::SummarizeHealthCheckRequest, v1::SummarizeHealthCheckResponse>("SummarizeHealthCheck",
                                                                                  request + after);
  }
  void TellSession(const std::string& id, CivilDay day, const std::string& more) {
    Tell("supervision",
         Parse<supervision::v1::Session>(absl::StrCat(
             "name: 'authorities/example/sessions/", id, "' supervisee: 'authorities/example/workers/anna' ",
             "supervisor: 'authorities/example/workers/mona' ", Date("date", day), more)));
  }
  void TellDiscussion(const std::string& session, const std::string& filed) {
    Tell("supervision", Parse<supervision::v1::CaseDiscussion>(absl::StrCat(
                            "name: 'authorities/example/sessions/", session,
                            "/caseDiscussions/d' case: 'authorities/example/cases/c1' ", filed)));
  }
  template <typename Resource>
  void TellOfWorker(const std::string& beneath, const std::string& text) {
    Tell("workforce",
         Parse<Resource>(absl::StrCat("name: 'authorities/example/workers/", beneath, "' ", text)));
  }
  static std::map<std::string, int> Groups(
      const google::protobuf::RepeatedPtrField<v1::SummarizeHealthCheckResponse::Workforce::Group>& groups) {
    std::map<std::string, int> out;
    for (const auto& group : groups) out[group.group()] = group.workers();
    return out;
  }
};

TEST_F(HealthCheckTest, SaysOfRulesAndCasesWhatTheOtherSummariesSay) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto check, HealthCheck());
  EXPECT_EQ(Text(check.start_date()), "2025-04-11");
  EXPECT_EQ(Text(check.as_of_date()), "2026-04-10");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto summary, Summarize());
  EXPECT_EQ(check.workforce().workers(), summary.workers());
  EXPECT_EQ(check.caseload().open_cases(), summary.open_cases());
  EXPECT_EQ(check.caseload().unallocated_cases(), summary.unallocated_cases());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto months,
      Months("first_month { year: 2025 month: 4 day: 1 } last_month { year: 2026 month: 4 day: 1 }"));
  ASSERT_EQ(check.rules_size(), summary.rules_size());
  int due = 0;
  for (int i = 0; i < check.rules_size(); ++i) {
    const auto& rule = check.rules(i);
    EXPECT_EQ(rule.rule(), summary.rules(i).rule());
    EXPECT_EQ(rule.standing().SerializeAsString(), summary.rules(i).counts().SerializeAsString());
    int met = 0;
    int late = 0;
    int overdue = 0;
    for (const auto& month : months.months()) {
      if (month.rule() != rule.rule()) continue;
      met += month.fell_due().met();
      late += month.fell_due().late();
      overdue += month.fell_due().overdue();
    }
    EXPECT_EQ(rule.fell_due().met(), met);
    EXPECT_EQ(rule.fell_due().late(), late);
    EXPECT_EQ(rule.fell_due().overdue(), overdue);
    due += met + late + overdue;
  }
  EXPECT_GT(due, 3);
  EXPECT_FALSE(check.has_last_published_date());
}

TEST_F(HealthCheckTest, CountsTheWorkforceAsOfTheDay) {
  const CivilDay today(2026, 4, 10);
  TellOfWorker<workforce::v1::Post>(
      "ben/posts/p2",
      absl::StrCat("career_stage: CAREER_STAGE_ADVANCED employment_basis: EMPLOYMENT_BASIS_AGENCY ",
                   "full_time_equivalent: 0.6 ", Date("start_date", today - 9)));
  // Newly qualified, on ASYE since she came, and ill today.
  TellOfWorker<workforce::v1::Worker>("nia", Date("employment_start_date", CivilDay(2025, 4, 11)));
  TellOfWorker<workforce::v1::Post>(
      "nia/posts/p", absl::StrCat("career_stage: CAREER_STAGE_NEWLY_QUALIFIED full_time_equivalent: 1 ",
                                  "employment_basis: EMPLOYMENT_BASIS_PERMANENT case_holding: true ",
                                  Date("start_date", CivilDay(2025, 4, 11))));
  TellOfWorker<workforce::v1::AsyeProgramme>("nia/asyeProgrammes/a",
                                             Date("start_date", CivilDay(2025, 4, 11)));
  TellOfWorker<workforce::v1::Absence>("nia/absences/a",
                                       absl::StrCat(Date("first_date", today), Date("last_date", today)));
  // Came a day too early to have come in these twelve months; has left, and had finished the ASYE.
  TellOfWorker<workforce::v1::Worker>(
      "leo",
      absl::StrCat(Date("employment_start_date", CivilDay(2025, 4, 10)), Date("employment_end_date", today)));
  TellOfWorker<workforce::v1::AsyeProgramme>(
      "leo/asyeProgrammes/a",
      absl::StrCat(Date("start_date", CivilDay(2025, 4, 10)), Date("completed_date", CivilDay(2026, 4, 10))));
  TellOfWorker<workforce::v1::Worker>("stu", "");
  TellOfWorker<workforce::v1::StudentPlacement>("stu/studentPlacements/s",
                                                Date("start_date", CivilDay(2026, 2, 2)));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto check, HealthCheck());
  const auto& workforce = check.workforce();
  EXPECT_EQ(workforce.workers(), 4);  // Anna, Ben, Nia and the student
  EXPECT_THAT(Groups(workforce.career_stages()),
              ElementsAre(Pair("advanced", 1), Pair("newly_qualified", 1), Pair("social_worker", 1)));
  EXPECT_THAT(Groups(workforce.employment_bases()),
              ElementsAre(Pair("agency", 1), Pair("none", 1), Pair("permanent", 1)));
  EXPECT_DOUBLE_EQ(workforce.full_time_equivalents(), 1.6);
  EXPECT_EQ(workforce.started(), 1);
  EXPECT_EQ(workforce.left(), 1);
  EXPECT_EQ(workforce.absent(), 1);
  EXPECT_EQ(workforce.on_asye(), 1);
  EXPECT_EQ(workforce.asye_completed(), 1);
  EXPECT_EQ(workforce.students(), 1);
  // Anna holds one; Nia's post holds cases, though she has none.
  EXPECT_EQ(check.caseload().case_holders(), 2);
  EXPECT_DOUBLE_EQ(check.caseload().cases_per_holder(), 0.5);
  EXPECT_EQ(check.caseload().most_cases(), 1);
  EXPECT_EQ(check.supervision().without_supervisor(), 2);
  EXPECT_EQ(check.supervision().without_agreement(), 2);
  EXPECT_EQ(check.supervision().supervisors(), 1);
  EXPECT_DOUBLE_EQ(check.supervision().workers_per_supervisor(), 2);
}

TEST_F(HealthCheckTest, CountsSupervisionInTheTwelveMonths) {
  const std::string held = "kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD ";
  // The fixture's two formal sessions, of unknown length, and these. The day before the twelve months, and
  // their first.
  TellSession("before", CivilDay(2025, 4, 10), held + "uninterrupted_minutes: 300");
  TellSession("first", CivilDay(2025, 4, 11), held + "uninterrupted_minutes: 90");
  TellSession("short", CivilDay(2025, 9, 1), held + "uninterrupted_minutes: 89");
  TellSession("part", CivilDay(2025, 10, 1), held + "uninterrupted_minutes: 60");
  TellSession("rest", CivilDay(2025, 10, 2),
              held + "uninterrupted_minutes: 45 continues: 'authorities/example/sessions/part'");
  TellSession("off", CivilDay(2025, 11, 3), "kind: KIND_FORMAL_ONE_TO_ONE state: STATE_CANCELLED");
  TellSession("missed", CivilDay(2025, 12, 3), "kind: KIND_FORMAL_ONE_TO_ONE state: STATE_MISSED");
  TellSession("group", CivilDay(2026, 1, 3), "kind: KIND_GROUP state: STATE_HELD");
  TellSession("planned", CivilDay(2026, 4, 9), "kind: KIND_GROUP state: STATE_SCHEDULED");
  Tell("supervision",
       Parse<supervision::v1::Agreement>(absl::StrCat(
           "name: 'authorities/example/agreements/a' supervisee: 'authorities/example/workers/anna' ",
           "supervisor: 'authorities/example/workers/mona' state: STATE_IN_FORCE ",
           Date("start_date", CivilDay(2026, 1, 1)))));
  Tell("supervision",
       Parse<supervision::v1::Agreement>(absl::StrCat(
           "name: 'authorities/example/agreements/b' supervisee: 'authorities/example/workers/ben' ",
           "supervisor: 'authorities/example/workers/mona' state: STATE_SIGNED_BY_SUPERVISEE ",
           Date("start_date", CivilDay(2026, 1, 1)))));
  Tell("supervision", Parse<supervision::v1::QualityAudit>(
                          absl::StrCat("name: 'authorities/example/sessions/first/qualityAudits/q' ",
                                       Date("audited_date", CivilDay(2026, 4, 10)))));
  Tell("supervision",
       Parse<supervision::v1::SurveyResult>(absl::StrCat("name: 'authorities/example/surveyResults/s' ",
                                                         Date("closed_date", CivilDay(2026, 4, 11)))));
  for (const CivilDay day : {CivilDay(2025, 3, 31), CivilDay(2026, 4, 11)}) {
    Tell("workforce",
         Parse<workforce::v1::HealthCheck>(absl::StrCat("name: 'authorities/example/healthChecks/h",
                                                        day.number(), "' ", Date("published_date", day))));
  }
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto check, HealthCheck());
  const auto& supervision = check.supervision();
  EXPECT_EQ(supervision.formal_held(), 5);  // two, `first`, `short`, and the one in two parts
  EXPECT_EQ(supervision.formal_cancelled(), 1);
  EXPECT_EQ(supervision.formal_missed(), 1);
  EXPECT_EQ(supervision.other_held(), 1);
  EXPECT_EQ(supervision.with_length(), 3);
  EXPECT_EQ(supervision.full_length(), 2);
  EXPECT_EQ(supervision.median_minutes(), 90);
  EXPECT_EQ(supervision.agreements_in_force(), 1);
  EXPECT_EQ(supervision.without_agreement(), 1);
  EXPECT_EQ(supervision.quality_audits(), 1);
  EXPECT_EQ(supervision.surveys(), 0) << "it closes tomorrow";
  EXPECT_EQ(Text(check.last_published_date()), "2025-03-31");
  // A day later the first of them has passed out of the twelve months, and the survey has closed.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto next, HealthCheck(Date("as_of_date", CivilDay(2026, 4, 11))));
  EXPECT_EQ(next.supervision().formal_held(), 4);
  EXPECT_EQ(next.supervision().surveys(), 1);
  EXPECT_EQ(Text(next.last_published_date()), "2026-04-11");
  EXPECT_THAT(HealthCheck("as_of_date { year: 2026 month: 2 day: 30 }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

// ---- Prometheus.

TEST_F(HealthCheckTest, PrometheusLearnsHowSoonRecordsAreFiledAndWhatIsAgreed) {
  const std::string held = "kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD ";
  // Friday 13 March; five working days later is the 20th.
  const CivilDay day(2026, 3, 13);
  const int64_t at =
      absl::ToUnixSeconds(absl::FromCivil(absl::CivilHour(2026, 3, 13, 10), absl::UTCTimeZone()));
  const auto instant = [&](const char* field, int64_t seconds) {
    return absl::StrCat(field, " { seconds: ", seconds, " } ");
  };
  const struct {
    const char* session;
    std::string started;
    std::string filed;
  } cases[] = {
      {"x1", instant("start_time", at),
       Date("filed_date", day + 1) + instant("filed_time", at + 24 * 3600)},  // to the second
      {"x2", instant("start_time", at),
       Date("filed_date", day + 1) + instant("filed_time", at + 24 * 3600 + 1)},
      {"x3", "", Date("filed_date", day)},      // the same day, times unknown
      {"x4", "", Date("filed_date", day + 1)},  // nobody can say it was within 24 hours
      {"x5", "", Date("filed_date", CivilDay(2026, 3, 20))},
      {"x6", "", Date("filed_date", CivilDay(2026, 3, 21))},
      {"x7", "", ""},
  };
  for (const auto& [session, started, filed] : cases) {
    TellSession(session, day, held + started);
    TellDiscussion(session, filed);
  }
  // Of a session that was not held, and one of more than a year ago: neither counts.
  TellSession("y1", day, "kind: KIND_FORMAL_ONE_TO_ONE state: STATE_CANCELLED");
  TellDiscussion("y1", "");
  TellSession("y2", CivilDay(2025, 4, 10), held);
  TellDiscussion("y2", "");
  TellSession("missed", day, "kind: KIND_FORMAL_ONE_TO_ONE state: STATE_MISSED");
  Tell("supervision",
       Parse<supervision::v1::Agreement>(absl::StrCat(
           "name: 'authorities/example/agreements/a' supervisee: 'authorities/example/workers/anna' ",
           "supervisor: 'authorities/example/workers/mona' state: STATE_IN_FORCE ",
           Date("start_date", CivilDay(2026, 1, 1)))));
  const std::string all_of_these[] = {
      "case_records{authority=\"example\",filed=\"within_24_hours\"} 2\n",
      "case_records{authority=\"example\",filed=\"within_5_working_days\"} 3\n",
      "case_records{authority=\"example\",filed=\"later\"} 1\n",
      "case_records{authority=\"example\",filed=\"not_filed\"} 1\n",
      "case_discussions{authority=\"example\",case_status=\"child_protection\"} 7\n",
      "case_discussions{authority=\"example\",case_status=\"none\"} 0\n",
      "agreements_in_force{authority=\"example\"} 1\n",
      "workers_without_agreement{authority=\"example\"} 1\n",
      "sessions{authority=\"example\",kind=\"formal_one_to_one\",state=\"missed\"} 1\n",
  };
  // Figures other than findings follow within a moment, one after the other.
  const absl::Time until = absl::Now() + absl::Minutes(1);
  for (const std::string& figure : all_of_these) {
    std::string rendered;
    do {
      rendered = replica_.registry().Render();
    } while (!absl::StrContains(rendered, "oversight_supervision_" + figure) && absl::Now() < until);
    EXPECT_THAT(rendered, HasSubstr("oversight_supervision_" + figure));
  }
}

}  // namespace
}  // namespace oversight::compliance
