// The three services that keep records, as real programs over a real database.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/resource/testing/fake_write_context.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "tests/records/running_service.h"

namespace oversight::testing {
namespace {

using ::oversight::resource::testing::Text;
using ::testing::SizeIs;

namespace workforce_v1 = workforce::v1;
namespace caseload_v1 = caseload::v1;
namespace supervision_v1 = supervision::v1;

class RecordsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    workforce_ = new RunningService(OVERSIGHT_WORKFORCE, "workforce", {});
    caseload_ = new RunningService(OVERSIGHT_CASELOAD, "caseload", {{"workforce", workforce_->target()}});
    supervision_ =
        new RunningService(OVERSIGHT_SUPERVISION, "supervision",
                           {{"workforce", workforce_->target()}, {"caseload", caseload_->target()}});
    for (RunningService* service : {workforce_, caseload_, supervision_})
      OVERSIGHT_ASSERT_OK(service->Start());
  }
  static void TearDownTestSuite() {
    delete supervision_;
    delete caseload_;
    delete workforce_;
  }

  // Each test has an authority of its own, with the workers w1 to w3 and the cases c1 and c2.
  void SetUp() override {
    static int tests = 0;
    authority_ = absl::StrCat("authorities/a", ++tests);
    OVERSIGHT_ASSERT_OK(Create<workforce_v1::Authority>(
        "CreateAuthority", absl::StrCat("authority_id: 'a", tests, "' authority { display_name: 'A' }")));
    for (const char* id : {"w1", "w2", "w3"}) {
      OVERSIGHT_ASSERT_OK((Create<workforce_v1::Worker>(
          "CreateWorker", absl::StrCat("parent: '", authority_, "' worker_id: '", id, "' worker {}"))));
    }
    for (const char* id : {"c1", "c2"}) {
      OVERSIGHT_ASSERT_OK((Do<caseload_v1::CreateCaseRequest, caseload_v1::Case>(
          *caseload_, "CreateCase",
          absl::StrCat("parent: '", authority_, "' case_id: '", id, "' case { kind: KIND_CHILD }"))));
    }
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Do(RunningService& service, const std::string& method,
                              const std::string& request) {
    Response response;
    OVERSIGHT_RETURN_IF_ERROR(service.Call(method, Text<Request>(request), &response));
    return response;
  }
  template <typename Resource>
  absl::StatusOr<Resource> Create(const std::string& method, const std::string& request) {
    Resource response;
    const std::string type = absl::StrCat("oversight.workforce.v1.", method, "Request");
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request, message.get())) << request;
    OVERSIGHT_RETURN_IF_ERROR(workforce_->Call(method, *message, &response));
    return response;
  }
  std::string Worker(const std::string& id) { return absl::StrCat("'", authority_, "/workers/", id, "'"); }
  absl::StatusOr<supervision_v1::Session> CreateSession(const std::string& id, const std::string& worker,
                                                        const std::string& rest = "") {
    return Do<supervision_v1::CreateSessionRequest, supervision_v1::Session>(
        *supervision_, "CreateSession",
        absl::StrCat("parent: '", authority_, "' session_id: '", id,
                     "' session { supervisee: ", Worker(worker), " supervisor: ", Worker("w2"),
                     " kind: KIND_FORMAL_ONE_TO_ONE date { year: 2026 month: 3 day: 2 } ", rest, "}"));
  }
  absl::StatusOr<supervision_v1::Session> Hold(const std::string& id, const std::string& rest) {
    return Do<supervision_v1::HoldSessionRequest, supervision_v1::Session>(
        *supervision_, "HoldSession", absl::StrCat("name: '", authority_, "/sessions/", id, "' ", rest));
  }

  std::string authority_;
  static inline RunningService* workforce_ = nullptr;
  static inline RunningService* caseload_ = nullptr;
  static inline RunningService* supervision_ = nullptr;
};

TEST_F(RecordsTest, RulesAboutSeveralRecordsHold) {
  const auto post = [&](const std::string& id, const std::string& dates) {
    return Create<workforce_v1::Post>(
        "CreatePost", absl::StrCat("parent: ", Worker("w1"), " post_id: '", id,
                                   "' post { career_stage: CAREER_STAGE_SOCIAL_WORKER team: '", authority_,
                                   "/teams/t' ", dates, "}"));
  };
  EXPECT_THAT(post("p1", "start_date { year: 2025 month: 1 day: 1 }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  OVERSIGHT_ASSERT_OK(Create<workforce_v1::Team>(
      "CreateTeam", absl::StrCat("parent: '", authority_, "' team_id: 't' team { display_name: 'T' }")));
  OVERSIGHT_EXPECT_OK(post("p1", "start_date { year: 2025 month: 1 day: 1 }"));
  EXPECT_THAT(post("p2", "start_date { year: 2025 month: 6 day: 1 }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));

  const auto link = [&](const std::string& worker, const std::string& supervisor) {
    return Create<workforce_v1::SupervisorLink>(
        "CreateSupervisorLink",
        absl::StrCat("parent: ", Worker(worker), " supervisor_link { supervisor: ", Worker(supervisor),
                     " function: FUNCTION_LINE_MANAGEMENT start_date { year: 2025 month: 1 day: 1 } }"));
  };
  OVERSIGHT_EXPECT_OK(link("w1", "w2"));
  OVERSIGHT_EXPECT_OK(link("w2", "w3"));
  EXPECT_THAT(link("w3", "w1"), StatusIs(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE"));
}

TEST_F(RecordsTest, AReferenceMustExistInItsService) {
  EXPECT_THAT(CreateSession("s1", "w9"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  OVERSIGHT_ASSERT_OK(CreateSession("s1", "w1"));
  const auto discuss = [&](const std::string& id) {
    return Do<supervision_v1::CreateCaseDiscussionRequest, supervision_v1::CaseDiscussion>(
        *supervision_, "CreateCaseDiscussion",
        absl::StrCat("parent: '", authority_, "/sessions/s1' case_discussion { case: '", authority_,
                     "/cases/", id, "' }"));
  };
  OVERSIGHT_EXPECT_OK(discuss("c1"));
  EXPECT_THAT(discuss("c1"), StatusIs(absl::StatusCode::kAlreadyExists, "CASE_ALREADY_DISCUSSED"));
  EXPECT_THAT(discuss("c9"), StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
}

TEST_F(RecordsTest, ASessionIsHeldOnceAndTheSameRequestGetsTheSameReply) {
  OVERSIGHT_ASSERT_OK(CreateSession("s1", "w1"));
  const auto held = Hold("s1", "request_id: 'r1' uninterrupted_minutes: 90");
  OVERSIGHT_ASSERT_OK(held);
  EXPECT_EQ(held->state(), supervision_v1::Session::STATE_HELD);
  EXPECT_THAT(Hold("s1", "request_id: 'r1' uninterrupted_minutes: 90"), IsOkAndHolds(EqualsProto(*held)));
  EXPECT_THAT(Hold("s1", ""), StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_THAT(Hold("s1", "request_id: 'r1' uninterrupted_minutes: 60"),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  OVERSIGHT_ASSERT_OK(CreateSession("s2", "w1"));
  EXPECT_THAT(Hold("s2", "etag: 'stale'"), StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
}

TEST_F(RecordsTest, OnlyTheVerbsMoveASessionOn) {
  EXPECT_THAT(CreateSession("s1", "w1", "state: STATE_HELD"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  OVERSIGHT_ASSERT_OK(CreateSession("s1", "w1"));
  OVERSIGHT_ASSERT_OK(CreateSession("s2", "w1"));
  const auto update = [&](const std::string& rest) {
    return Do<supervision_v1::UpdateSessionRequest, supervision_v1::Session>(
        *supervision_, "UpdateSession",
        absl::StrCat("session { name: '", authority_, "/sessions/s1' ", rest));
  };
  EXPECT_THAT(update("state: STATE_HELD } update_mask { paths: 'state' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  OVERSIGHT_EXPECT_OK(update("date { year: 2026 month: 3 day: 9 } } update_mask { paths: 'date' }"));
  const auto cancelled = Do<supervision_v1::CancelSessionRequest, supervision_v1::Session>(
      *supervision_, "CancelSession",
      absl::StrCat("name: '", authority_, "/sessions/s1' reason: 'ill' replacement: '", authority_,
                   "/sessions/s2'"));
  OVERSIGHT_ASSERT_OK(cancelled);
  EXPECT_EQ(cancelled->state(), supervision_v1::Session::STATE_CANCELLED);
  EXPECT_THAT(Hold("s1", ""), StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
}

TEST_F(RecordsTest, HistoryIsImportedOnceInAnyOrder) {
  const std::string session = absl::StrCat(
      "name: '", authority_, "/sessions/s1' supervisee: ", Worker("w1"), " supervisor: ", Worker("w2"),
      " kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD date { year: 2025 month: 3 day: 30 }");
  const std::string request = absl::StrCat(
      "parent: '", authority_, "' records { case_discussion { name: '", authority_,
      "/sessions/s1/caseDiscussions/d1' case: '", authority_, "/cases/c1' } } records { session { ", session,
      " } } records { session { name: '", authority_, "/sessions/bad' } }");
  const auto import = [&] {
    return Do<supervision_v1::ImportRequest, supervision_v1::ImportResponse>(*supervision_, "Import",
                                                                             request);
  };
  using Response = supervision_v1::ImportResponse;
  const auto first = import();
  OVERSIGHT_ASSERT_OK(first);
  ASSERT_THAT(first->results(), SizeIs(3));
  EXPECT_EQ(first->results(0).outcome(), Response::OUTCOME_CREATED) << first->results(0).DebugString();
  EXPECT_EQ(first->results(1).outcome(), Response::OUTCOME_CREATED) << first->results(1).DebugString();
  EXPECT_EQ(first->results(2).outcome(), Response::OUTCOME_REFUSED);
  const auto second = import();
  OVERSIGHT_ASSERT_OK(second);
  EXPECT_EQ(second->results(0).outcome(), Response::OUTCOME_UNCHANGED);
  EXPECT_EQ(second->results(1).outcome(), Response::OUTCOME_UNCHANGED);
  EXPECT_EQ(second->token(), first->token()) << "importing again changes nothing";
}

TEST_F(RecordsTest, WithoutTheOwnerOfAReferenceNothingIsWritten) {
  OVERSIGHT_ASSERT_OK(CreateSession("s1", "w1"));
  workforce_->Kill();
  EXPECT_THAT(CreateSession("s2", "w1"), StatusIs(absl::StatusCode::kUnavailable, "REFERENCE_UNCHECKED"));
  const auto list = [&] {
    return Do<supervision_v1::ListSessionsRequest, supervision_v1::ListSessionsResponse>(
        *supervision_, "ListSessions", absl::StrCat("parent: '", authority_, "'"));
  };
  const auto while_away = list();
  OVERSIGHT_EXPECT_OK(while_away);
  EXPECT_THAT(while_away->sessions(), SizeIs(1)) << "reads go on, and nothing was written";
  OVERSIGHT_ASSERT_OK(workforce_->Start());
  // The caller tries again, as the error says: supervision looks for workforce anew every now and then.
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  absl::Status status = CreateSession("s2", "w1").status();
  while (ReasonOf(status) == "REFERENCE_UNCHECKED" && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(50));
    status = CreateSession("s2", "w1").status();
  }
  OVERSIGHT_EXPECT_OK(status);
}

}  // namespace
}  // namespace oversight::testing
