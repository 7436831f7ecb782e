#include "absl/strings/str_cat.h"
#include "common/resource/testing/fake_write_context.h"
#include "common/resource/testing/text.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/registry.h"

namespace oversight::supervision {
namespace {

using ::oversight::resource::testing::FakeWriteContext;
using ::oversight::resource::testing::FieldsOf;
using ::oversight::resource::testing::Parse;
using ::oversight::testing::EqualsProto;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The kinds around sessions: what a write of each must satisfy.
class AroundSessionsTest : public ::testing::Test {
 protected:
  template <typename Resource>
  absl::Status Write(const std::string& text) {
    return context_.Write(KindOf<Resource>(), Parse<Resource>(text));
  }
  template <typename Resource>
  absl::Status Import(const std::string& text) {
    context_.set_importing(true);
    const absl::Status status = Write<Resource>(text);
    context_.set_importing(false);
    return status;
  }
  template <typename Resource>
  const Resource& Stored(const std::string& name) {
    return context_.Get<Resource>(KindOf<Resource>(), name);
  }
  template <typename Resource>
  const resource::Kind& KindOf() {
    return *definition_.kinds.FindByType(Resource::descriptor()->full_name());
  }

  service::ServiceDefinition definition_ = Definition();
  FakeWriteContext context_{CivilDay(2026, 4, 1)};
};

TEST_F(AroundSessionsTest, AnActionThatWasNotDoneSaysWhy) {
  const auto fields = [&](const std::string& rest) {
    return FieldsOf(Write<v1::Action>("name: 'authorities/a/sessions/s1/actions/x1' " + rest));
  };
  EXPECT_THAT(fields("due_date { year: 2026 month: 4 day: 8 }"), IsEmpty());
  EXPECT_THAT(fields("reason: 'ill'"), ElementsAre("reason"));
  EXPECT_THAT(fields("outcome_date { year: 2026 month: 4 day: 8 }"), ElementsAre("outcome_date"));
  EXPECT_THAT(fields("outcome: OUTCOME_DONE"), IsEmpty());
  EXPECT_THAT(fields("outcome: OUTCOME_NO_LONGER_NEEDED"), IsEmpty());
  EXPECT_THAT(fields("outcome: OUTCOME_NOT_DONE"), ElementsAre("action.reason"));
  EXPECT_THAT(fields("outcome: OUTCOME_NOT_DONE reason: 'ill'"), IsEmpty());
  EXPECT_THAT(Import<v1::Action>("name: 'authorities/a/sessions/s1/actions/x2' outcome: OUTCOME_NOT_DONE"),
              IsOk());
}

TEST_F(AroundSessionsTest, ADecisionIsFiledOnceItWasMade) {
  const auto fields = [&](const std::string& rest) {
    return FieldsOf(
        Write<v1::ManagementDecision>("name: 'authorities/a/managementDecisions/m1' case: "
                                      "'authorities/a/cases/c1' setting: SETTING_INFORMAL "
                                      "made_by: 'authorities/a/workers/w1' " +
                                      rest));
  };
  EXPECT_THAT(fields(""), ElementsAre("made_date"));
  EXPECT_THAT(fields("made_time { seconds: 1775037600 }"), IsEmpty());
  EXPECT_THAT(Stored<v1::ManagementDecision>("authorities/a/managementDecisions/m1").made_date(),
              EqualsProto("year: 2026 month: 4 day: 1"));
  const std::string made = "made_date { year: 2026 month: 4 day: 1 } ";
  EXPECT_THAT(fields(made + "filed_date { year: 2026 month: 4 day: 1 }"), IsEmpty());
  EXPECT_THAT(fields(made + "filed_date { year: 2026 month: 3 day: 31 }"), ElementsAre("filed_date"));
}

TEST_F(AroundSessionsTest, AMidwayCheckLiesBetweenTwoReviews) {
  const auto fields = [&](const std::string& rest) {
    return FieldsOf(
        Write<v1::MidwayCheck>("name: 'authorities/a/midwayChecks/m1' case: 'authorities/a/cases/c1' "
                               "previous_review_date { year: 2026 month: 4 day: 1 } " +
                               rest));
  };
  EXPECT_THAT(fields(""), IsEmpty());
  EXPECT_THAT(fields("next_review_date { year: 2026 month: 4 day: 2 }"), IsEmpty());
  EXPECT_THAT(fields("next_review_date { year: 2026 month: 4 day: 1 }"), ElementsAre("next_review_date"));
}

TEST_F(AroundSessionsTest, ADisclosureIsOfTheSuperviseesOwnSessions) {
  const auto session = [](const std::string& id, const std::string& rest) {
    return "name: 'authorities/a/sessions/" + id +
           "' supervisor: 'authorities/a/workers/boss' kind: KIND_GROUP date { year: 2026 month: 4 day: 1 "
           "} " +
           rest;
  };
  ASSERT_THAT(Write<v1::Session>(session("s1", "supervisee: 'authorities/a/workers/w1'")), IsOk());
  ASSERT_THAT(Write<v1::Session>(session("s2", "supervisee: 'authorities/a/workers/w2'")), IsOk());
  ASSERT_THAT(Write<v1::Session>(session("s3",
                                         "supervisee: 'authorities/a/workers/w2' "
                                         "participants: 'authorities/a/workers/w1'")),
              IsOk());
  const auto fields = [&](const std::string& rest) {
    return FieldsOf(
        Write<v1::Disclosure>("name: 'authorities/a/disclosures/d1' supervisee: 'authorities/a/workers/w1' "
                              "reason: REASON_GRIEVANCE "
                              "start_date { year: 2026 month: 4 day: 1 } " +
                              rest));
  };
  EXPECT_THAT(fields("sessions: 'authorities/a/sessions/s1' sessions: 'authorities/a/sessions/s3'"),
              IsEmpty());
  EXPECT_THAT(fields("sessions: 'authorities/a/sessions/s1' sessions: 'authorities/a/sessions/s2'"),
              ElementsAre("disclosure.sessions[1]"));
}

TEST_F(AroundSessionsTest, ASeriesHasOneFrequencyAtATime) {
  const auto fields = [&](const std::string& rest) {
    return FieldsOf(Write<v1::PlannedSeries>(
        "name: 'authorities/a/plannedSeries/p1' supervisee: 'authorities/a/workers/w1' kind: "
        "KIND_FORMAL_ONE_TO_ONE "
        "start_date { year: 2026 month: 4 day: 1 } end_date { year: 2027 month: 4 day: 1 } " +
        rest));
  };
  const std::string by = "supervisor: 'authorities/a/workers/w2' ";
  const std::string from = "frequencies { start_date { year: 2026 month: 4 day: 1 } ";
  EXPECT_THAT(fields(by + from + "every_months: 1 }"), IsEmpty());
  EXPECT_THAT(fields(by), IsEmpty()) << "as often as the policies in force ask for";
  EXPECT_THAT(fields(by + from + "every_months: 1 every_days: 7 }"), ElementsAre("frequencies[0]"));
  EXPECT_THAT(fields("supervisor: 'authorities/a/workers/w1' " + from + "every_days: 7 }"),
              ElementsAre("supervisor"));
}

TEST_F(AroundSessionsTest, ASurveyNeverStoresWhatTellsOfFewerThanFive) {
  const std::string name = "authorities/a/surveyResults/2026";
  const auto write = [&](const std::string& rest) {
    return Write<v1::SurveyResult>("name: '" + name + "' closed_date { year: 2026 month: 4 day: 1 } " + rest);
  };
  ASSERT_THAT(write("invited: 60 respondents: 40 answers { question: 'Q1' agree: 30 neutral: 5 disagree: 5 } "
                    "groups { label: 'north' respondents: 4 answers { question: 'Q1' agree: 4 } } "
                    "groups { label: 'south' respondents: 16 answers { question: 'Q1' agree: 16 } } "
                    "groups { label: 'west' respondents: 20 answers { question: 'Q1' agree: 10 } }"),
              IsOk());
  EXPECT_THAT(Stored<v1::SurveyResult>(name),
              EqualsProto("name: '" + name +
                          "' closed_date { year: 2026 month: 4 day: 1 } invited: 60 respondents: 40 "
                          "answers { question: 'Q1' agree: 30 neutral: 5 disagree: 5 } "
                          "groups { label: 'north' withheld: true } groups { label: 'south' withheld: true } "
                          "groups { label: 'west' respondents: 20 answers { question: 'Q1' agree: 10 } }"));
  // What was withheld once is not lost by writing it back, nor shown.
  ASSERT_THAT(context_.Write(KindOf<v1::SurveyResult>(), v1::SurveyResult(Stored<v1::SurveyResult>(name))),
              IsOk());
  EXPECT_TRUE(Stored<v1::SurveyResult>(name).groups(0).withheld());
  EXPECT_TRUE(Stored<v1::SurveyResult>(name).groups(1).withheld());
  EXPECT_FALSE(Stored<v1::SurveyResult>(name).groups(2).withheld());

  ASSERT_THAT(write("respondents: 4 answers { question: 'Q1' agree: 4 }"), IsOk());
  EXPECT_EQ(Stored<v1::SurveyResult>(name).respondents(), 0);
  EXPECT_EQ(Stored<v1::SurveyResult>(name).answers_size(), 0);

  EXPECT_THAT(FieldsOf(write("invited: 9 respondents: 10")), ElementsAre("respondents"));
  EXPECT_THAT(FieldsOf(write("respondents: 10 answers { question: 'Q1' agree: 6 disagree: 5 }")),
              ElementsAre("answers[0]"));
  EXPECT_THAT(FieldsOf(write("respondents: 10 groups { label: 'g' respondents: 11 }")),
              ElementsAre("groups"));
}

TEST_F(AroundSessionsTest, ARecordMovesByItsVerbsOnly) {
  const std::string name = "authorities/a/sessions/s1/sessionRecords/r1";
  const auto text = [&](const std::string& rest) { return "name: '" + name + "' " + rest; };
  const auto illegal = StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
  const auto kept_here = StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_TEXT_KEPT_HERE");
  EXPECT_THAT(Write<v1::SessionRecord>(text("state: STATE_SENT")), illegal);
  EXPECT_THAT(Write<v1::SessionRecord>(text("latest_version: 1")), kept_here);
  ASSERT_THAT(Write<v1::SessionRecord>(text("")), IsOk());
  EXPECT_EQ(Stored<v1::SessionRecord>(name).state(), v1::SessionRecord::STATE_DRAFT);
  EXPECT_THAT(Write<v1::SessionRecord>(text("state: STATE_SIGNED")), illegal);
  EXPECT_THAT(Write<v1::SessionRecord>(text("sent_date { year: 2026 month: 4 day: 1 }")), illegal);
  EXPECT_THAT(
      Write<v1::SessionRecord>(text("filed_date { year: 2026 month: 4 day: 1 } sharing_agreed: true")),
      IsOk());
  EXPECT_THAT(Import<v1::SessionRecord>(text("text_digest: 'ab'")), kept_here);
  EXPECT_THAT(FieldsOf(Import<v1::SessionRecord>(text("first_sent_date { year: 2026 month: 4 day: 2 } "
                                                      "sent_date { year: 2026 month: 4 day: 1 }"))),
              ElementsAre("sent_date"));
  ASSERT_THAT(
      Import<v1::SessionRecord>(text("state: STATE_SIGNED signed_date { year: 2026 month: 4 day: 1 }")),
      IsOk());
  EXPECT_EQ(Stored<v1::SessionRecord>(name).state(), v1::SessionRecord::STATE_SIGNED);
}

}  // namespace
}  // namespace oversight::supervision
