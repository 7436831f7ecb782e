#include <string>

#include "common/resource/testing/fake_write_context.h"
#include "common/service/service_definition.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/registry.h"
#include "services/supervision/resources/session_verbs.h"

namespace oversight::supervision {
namespace {

using ::oversight::resource::testing::FakeWriteContext;
using ::oversight::resource::testing::Text;
using ::oversight::testing::EqualsProto;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;

const char kToday[] = " date { year: 2026 month: 4 day: 1 } ";
const char kPlannedToday[] = " planned_date { year: 2026 month: 4 day: 1 } ";
const char kTomorrow[] = " date { year: 2026 month: 4 day: 2 } ";

std::string SessionText(const std::string& rest, const std::string& id = "s1") {
  return "name: 'authorities/a/sessions/" + id +
         "' supervisee: 'authorities/a/workers/w1' supervisor: 'authorities/a/workers/w2' "
         "kind: KIND_FORMAL_ONE_TO_ONE " +
         rest;
}

class SupervisionResourcesTest : public ::testing::Test {
 protected:
  absl::Status WriteSession(const std::string& rest, const std::string& id = "s1") {
    return context_.Write(session_kind_, Text<v1::Session>(SessionText(rest, id)));
  }
  absl::Status WriteDiscussion(const std::string& id, const std::string& case_id) {
    return context_.Write(discussion_kind_,
                          Text<v1::CaseDiscussion>("name: 'authorities/a/sessions/s1/caseDiscussions/" + id +
                                                   "' case: 'authorities/a/cases/" + case_id + "'"));
  }
  absl::Status Import(const std::string& rest) {
    context_.set_importing(true);
    const absl::Status status = WriteSession(rest);
    context_.set_importing(false);
    return status;
  }
  // What a verb does: changes the stored session, then takes it through all rules.
  template <typename Request>
  absl::Status Do(absl::Status (*verb)(const Request&, v1::Session&), const std::string& request) {
    v1::Session session = context_.Get<v1::Session>(session_kind_, "authorities/a/sessions/s1");
    OVERSIGHT_RETURN_IF_ERROR(verb(Text<Request>(request), session));
    context_.set_by_verb(true);
    const absl::Status status = context_.Write(session_kind_, session);
    context_.set_by_verb(false);
    return status;
  }
  const v1::Session& Stored() {
    return context_.Get<v1::Session>(session_kind_, "authorities/a/sessions/s1");
  }

  service::ServiceDefinition definition_ = Definition();
  const resource::Kind& session_kind_ = *definition_.kinds.FindByType("oversight.supervision.v1.Session");
  const resource::Kind& discussion_kind_ =
      *definition_.kinds.FindByType("oversight.supervision.v1.CaseDiscussion");
  FakeWriteContext context_{CivilDay(2026, 4, 1)};
};

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}
auto IsIllegal() { return StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"); }

TEST_F(SupervisionResourcesTest, ANewSessionIsScheduled) {
  EXPECT_THAT(WriteSession(kTomorrow), IsOk());
  EXPECT_EQ(Stored().state(), v1::Session::STATE_SCHEDULED);
  EXPECT_THAT(WriteSession(std::string(kTomorrow) + "state: STATE_SCHEDULED", "s2"), IsOk());
  EXPECT_THAT(WriteSession(std::string(kToday) + "state: STATE_HELD", "s3"), IsIllegal());
  EXPECT_THAT(WriteSession(std::string(kToday) + "state: STATE_CANCELLED cancellation_reason: 'ill'", "s4"),
              IsIllegal());
}

TEST_F(SupervisionResourcesTest, DayFollowsFromTheStart) {
  // 23:30 UTC is half past midnight in London's summer.
  EXPECT_THAT(WriteSession("start_time { seconds: 1775086200 }"), IsOk());
  EXPECT_THAT(Stored().date(), EqualsProto("year: 2026 month: 4 day: 2"));
  EXPECT_THAT(FieldsOf(WriteSession(std::string("start_time { seconds: 1775086200 }") + kToday)),
              ElementsAre("date"));
  EXPECT_THAT(FieldsOf(WriteSession("")), ElementsAre("date"));
  EXPECT_THAT(FieldsOf(WriteSession("start_time { seconds: 1775086200 nanos: -1 }")),
              ElementsAre("start_time"));
  EXPECT_THAT(FieldsOf(WriteSession("start_time { seconds: 9223372036854775807 }")),
              ElementsAre("start_time"));
}

TEST_F(SupervisionResourcesTest, UpdatesLeaveTheStateAlone) {
  ASSERT_THAT(WriteSession(kToday), IsOk());
  EXPECT_THAT(WriteSession(std::string(kTomorrow) + "state: STATE_SCHEDULED"), IsOk())
      << "moved to another day";
  EXPECT_THAT(WriteSession(std::string(kToday) + "state: STATE_HELD"), IsIllegal());
  ASSERT_THAT(Import(std::string(kToday) + "state: STATE_HELD"), IsOk());
  EXPECT_THAT(WriteSession(std::string(kToday) + "state: STATE_HELD uninterrupted_minutes: 90"), IsOk());
  EXPECT_THAT(WriteSession(std::string(kToday) + "state: STATE_SCHEDULED"), IsIllegal());
  EXPECT_THAT(FieldsOf(WriteSession(std::string(kTomorrow) + "state: STATE_HELD")),
              ElementsAre("session.date"));
}

TEST_F(SupervisionResourcesTest, HoldingAsScheduled) {
  ASSERT_THAT(WriteSession("start_time { seconds: 1775037600 }"), IsOk());  // 1 April, 11:00 in London
  EXPECT_THAT(Do(Hold, "uninterrupted_minutes: 75"), IsOk());
  EXPECT_THAT(Stored(), EqualsProto(Text<v1::Session>(SessionText(
                            "state: STATE_HELD start_time { seconds: 1775037600 } uninterrupted_minutes: 75" +
                            std::string(kToday) + kPlannedToday))));
  EXPECT_THAT(Do(Hold, ""), IsIllegal()) << "it is held";
  EXPECT_THAT(Do(Cancel, "reason: 'ill'"), IsIllegal());
  EXPECT_EQ(MetadataOf(Do(Hold, ""), "state"), "HELD");
}

TEST_F(SupervisionResourcesTest, HoldingOtherwiseThanScheduled) {
  struct Case {
    const char* what;
    const char* request;
    const char* held;  // day and start
  };
  const char* scheduled = "start_time { seconds: 1775037600 }";  // 1 April, 11:00 in London
  const Case cases[] = {
      {"the same day keeps the planned time", "date { year: 2026 month: 4 day: 1 }",
       "date { year: 2026 month: 4 day: 1 } start_time { seconds: 1775037600 }"},
      {"on another day nothing is known of the time", "date { year: 2026 month: 3 day: 31 }",
       "date { year: 2026 month: 3 day: 31 }"},
      {"a start gives the day", "start_time { seconds: 1774947600 }",
       "date { year: 2026 month: 3 day: 31 } start_time { seconds: 1774947600 }"},
  };
  for (const Case& c : cases) {
    context_.Delete(session_kind_, "authorities/a/sessions/s1");
    ASSERT_THAT(WriteSession(scheduled), IsOk());
    EXPECT_THAT(Do(Hold, c.request), IsOk()) << c.what;
    EXPECT_THAT(Stored(), EqualsProto(Text<v1::Session>(
                              SessionText(std::string("state: STATE_HELD ") + kPlannedToday + c.held))))
        << c.what;
  }
}

TEST_F(SupervisionResourcesTest, HoldingRefusesWhatCannotBe) {
  ASSERT_THAT(WriteSession(kTomorrow), IsOk());
  EXPECT_THAT(FieldsOf(Do(Hold, "")), ElementsAre("date")) << "tomorrow has not come";
  EXPECT_THAT(FieldsOf(Do(Hold, "date { year: 2026 month: 2 day: 30 }")), ElementsAre("date"));
  EXPECT_THAT(FieldsOf(Do(Hold, "date { year: 2026 month: 3 day: 30 } start_time { seconds: 1774947600 }")),
              ElementsAre("date"));
  EXPECT_THAT(FieldsOf(Do(Hold, std::string(kToday) + "uninterrupted_minutes: -1")),
              ElementsAre("uninterrupted_minutes"));
  EXPECT_EQ(Stored().state(), v1::Session::STATE_SCHEDULED);
  EXPECT_THAT(Do(Hold, kToday), IsOk());
}

TEST_F(SupervisionResourcesTest, CancellingSaysWhyAndWhatComesInstead) {
  ASSERT_THAT(WriteSession(kTomorrow), IsOk());
  EXPECT_THAT(FieldsOf(Do(Cancel, "")), ElementsAre("reason"));
  EXPECT_THAT(FieldsOf(Do(Cancel, "reason: 'ill' replacement: 'authorities/a/sessions/s1'")),
              ElementsAre("replacement"));
  EXPECT_THAT(Do(Cancel, "reason: 'ill' replacement: 'authorities/a/sessions/s2'"), IsOk());
  EXPECT_EQ(Stored().state(), v1::Session::STATE_CANCELLED);
  EXPECT_EQ(Stored().replacement(), "authorities/a/sessions/s2");
  EXPECT_THAT(Do(Hold, kToday), IsIllegal());
  EXPECT_THAT(Do(Cancel, "reason: 'ill'"), IsIllegal());
}

TEST_F(SupervisionResourcesTest, AMissedSessionNeedNoReason) {
  ASSERT_THAT(WriteSession(kTomorrow), IsOk());
  EXPECT_THAT(FieldsOf(Do(Miss, "")), ElementsAre("date")) << "its day has not come";
  ASSERT_THAT(WriteSession(kToday, "s2"), IsOk());
  ASSERT_THAT(WriteSession(kToday), IsOk());
  EXPECT_THAT(Do(Miss, "replacement: 'authorities/a/sessions/s2'"), IsOk());
  EXPECT_EQ(Stored().state(), v1::Session::STATE_MISSED);
  EXPECT_EQ(Stored().replacement(), "authorities/a/sessions/s2");
  EXPECT_THAT(Do(Miss, ""), IsIllegal());
  EXPECT_THAT(Do(Hold, kToday), IsIllegal());
  EXPECT_THAT(Do(Cancel, "reason: 'ill'"), IsIllegal());
  EXPECT_THAT(WriteDiscussion("d1", "c1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SESSION_CANCELLED"));
}

TEST_F(SupervisionResourcesTest, TheDayPlannedStaysWhenASessionMoves) {
  ASSERT_THAT(WriteSession(kToday), IsOk());
  EXPECT_THAT(Stored().planned_date(), EqualsProto("year: 2026 month: 4 day: 1"));
  ASSERT_THAT(WriteSession(std::string(kTomorrow) + kPlannedToday + "state: STATE_SCHEDULED"), IsOk());
  EXPECT_THAT(Stored().planned_date(), EqualsProto("year: 2026 month: 4 day: 1"));
  ASSERT_THAT(Import(std::string(kToday) + "state: STATE_HELD"), IsOk());
  EXPECT_FALSE(Stored().has_planned_date()) << "nobody told";
}

TEST_F(SupervisionResourcesTest, DaysFollowFromInstants) {
  // 23:30 UTC is half past midnight in London's summer.
  ASSERT_THAT(WriteSession(std::string(kToday) + "agenda_shared_time { seconds: 1775086200 }"), IsOk());
  EXPECT_THAT(Stored().agenda_shared_date(), EqualsProto("year: 2026 month: 4 day: 2"));
  EXPECT_THAT(FieldsOf(WriteSession(std::string(kToday) + "agenda_shared_time { seconds: 1775086200 }" +
                                    "agenda_shared_date { year: 2026 month: 4 day: 1 }")),
              ElementsAre("agenda_shared_date"));
  EXPECT_THAT(FieldsOf(WriteSession(std::string(kToday) + "preparation_sent_time { nanos: -1 }")),
              ElementsAre("preparation_sent_time"));
  EXPECT_THAT(FieldsOf(WriteSession("start_time { seconds: 1775037600 } end_time { seconds: 1775037599 }")),
              ElementsAre("end_time"));
}

TEST_F(SupervisionResourcesTest, HistoryComesInAnyState) {
  EXPECT_THAT(Import(std::string(kToday) + "state: STATE_CANCELLED"), IsOk()) << "nobody noted the reason";
  EXPECT_THAT(FieldsOf(WriteSession(std::string(kToday) + "state: STATE_CANCELLED uninterrupted_minutes: 1")),
              ElementsAre("session.cancellation_reason"));
  EXPECT_THAT(Import(std::string(kToday) + "state: STATE_HELD"), IsOk()) << "a corrected extract";
  EXPECT_THAT(FieldsOf(Import(std::string(kToday) + "state: STATE_HELD cancellation_reason: 'ill'")),
              ElementsAre("cancellation_reason"));
}

TEST_F(SupervisionResourcesTest, DiscussionsNeedASessionThatIsNotCancelled) {
  ASSERT_THAT(WriteSession(kToday), IsOk());
  ASSERT_THAT(Do(Cancel, "reason: 'ill'"), IsOk());
  EXPECT_THAT(WriteDiscussion("d1", "c1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SESSION_CANCELLED"));
  ASSERT_THAT(Import(std::string(kToday) + "state: STATE_HELD"), IsOk());
  EXPECT_THAT(WriteDiscussion("d1", "c1"), IsOk());
}

TEST_F(SupervisionResourcesTest, ASessionWithDiscussionsIsNotCancelled) {
  ASSERT_THAT(WriteSession(kToday), IsOk());
  ASSERT_THAT(WriteDiscussion("d1", "c1"), IsOk());
  EXPECT_THAT(Do(Cancel, "reason: 'ill'"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SESSION_HAS_DISCUSSIONS"));
  context_.Delete(discussion_kind_, "authorities/a/sessions/s1/caseDiscussions/d1");
  EXPECT_THAT(Do(Cancel, "reason: 'ill'"), IsOk());
}

TEST_F(SupervisionResourcesTest, ACaseIsDiscussedOncePerSession) {
  ASSERT_THAT(WriteSession(kToday), IsOk());
  EXPECT_THAT(WriteDiscussion("d1", "c1"), IsOk());
  EXPECT_THAT(WriteDiscussion("d1", "c1"), IsOk()) << "the same one again";
  EXPECT_THAT(WriteDiscussion("d2", "c2"), IsOk());
  const absl::Status again = WriteDiscussion("d3", "c1");
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kAlreadyExists, "CASE_ALREADY_DISCUSSED"));
  EXPECT_EQ(MetadataOf(again, "conflicting_resource"), "authorities/a/sessions/s1/caseDiscussions/d1");
}

}  // namespace
}  // namespace oversight::supervision
