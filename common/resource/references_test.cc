#include "common/resource/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/text.h"
#include "common/testing/in_process_service.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "services/supervision/resources/registry.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::EqualsProto;
using ::oversight::testing::FakeReferences;
using ::oversight::testing::InProcessService;
using ::oversight::testing::IsOk;
using ::oversight::testing::IsOkAndHolds;
using ::oversight::testing::StatusIs;
using supervision::v1::CaseDiscussion;
using supervision::v1::Session;
using ::testing::ElementsAre;
using testing::FieldsOf;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Parse;
using ::testing::SizeIs;

constexpr char kSession[] =
    "supervisee: 'authorities/a/workers/w' kind: KIND_FORMAL_ONE_TO_ONE date { year: 2025 month: 3 day: 31 "
    "} ";
constexpr char kSupervisor[] = "supervisor: 'authorities/a/workers/s' ";

// The supervision service, whose sessions name workers and cases of other services.
class ReferencesTest : public ::testing::Test {
 protected:
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(const std::string& method, const std::string& text) {
    return service_.Call<Response>(method, Parse<Request>(text));
  }
  absl::StatusOr<Session> Create(const std::string& id, const std::string& fields = kSupervisor,
                                 const std::string& more = "") {
    return Send<Session, supervision::v1::CreateSessionRequest>(
        "CreateSession", absl::StrCat("parent: 'authorities/a' session_id: '", id, "' session { ", kSession,
                                      fields, " } ", more));
  }
  absl::StatusOr<Session> Update(const std::string& fields) {
    return Send<Session, supervision::v1::UpdateSessionRequest>(
        "UpdateSession", absl::StrCat("session { name: 'authorities/a/sessions/s1' ", fields, " }"));
  }
  absl::StatusOr<Session> Hold(const std::string& more) {
    return Send<Session, supervision::v1::HoldSessionRequest>(
        "HoldSession", absl::StrCat("name: 'authorities/a/sessions/s1' ", more));
  }
  absl::StatusOr<CaseDiscussion> Discuss(const std::string& case_name) {
    return Send<CaseDiscussion, supervision::v1::CreateCaseDiscussionRequest>(
        "CreateCaseDiscussion",
        absl::StrCat("parent: 'authorities/a/sessions/s1' case_discussion_id: 'd' case_discussion { case: '",
                     case_name, "' }"));
  }
  static std::string Record(const std::string& id, const std::string& supervisor) {
    return absl::StrCat(
        "records { session { name: 'authorities/a/sessions/", id,
        "' supervisee: 'authorities/a/workers/w' supervisor: 'authorities/a/workers/", supervisor,
        "' kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD date { year: 2025 month: 3 day: 31 } } } ");
  }
  absl::StatusOr<supervision::v1::ImportResponse> Import(const std::string& records) {
    return Send<supervision::v1::ImportResponse, supervision::v1::ImportRequest>(
        "Import", absl::StrCat("parent: 'authorities/a' ", records));
  }

  InProcessService service_{supervision::Definition()};
};

TEST_F(ReferencesTest, OthersAreAskedAndWhatTheyReadIsRecorded) {
  OVERSIGHT_ASSERT_OK(Create("s1"));
  EXPECT_THAT(service_.references().asked(),
              ElementsAre("workforce: authorities/a authorities/a/workers/s authorities/a/workers/w"));
  OVERSIGHT_ASSERT_OK(Discuss("authorities/a/cases/c"));
  const auto entries = service_.Entries("a");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_THAT(entries[0].depends_on(), ElementsAre(FakeReferences::TokenOf("workforce")));
  EXPECT_THAT(entries[1].depends_on(),
              ElementsAre(FakeReferences::TokenOf("caseload"), FakeReferences::TokenOf("workforce")));
  EXPECT_TRUE(service_.Verify("a")->intact());
}

TEST_F(ReferencesTest, NewReferencesToADuplicateAreRefusedOldOnesStay) {
  OVERSIGHT_ASSERT_OK(Create("s1"));
  service_.references().SetMerged("authorities/a/workers/w", "authorities/a/workers/v");
  const auto refused = Create("s2");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(refused.status(), "merged_into"), "authorities/a/workers/v");
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("session.supervisee"));
  // The supervisee of a session never changes: who reads it follows the duplicate to the survivor.
  const auto held = Hold("");
  OVERSIGHT_ASSERT_OK(held);
  EXPECT_EQ(held->supervisee(), "authorities/a/workers/w");

  service_.references().SetMerged("authorities/a/workers/s", "authorities/a/workers/t");
  EXPECT_THAT(Update("uninterrupted_minutes: 60"), IsOk());
  EXPECT_THAT(Update("supervisor: 'authorities/a/workers/t'"), IsOk());
  const auto back = Update("supervisor: 'authorities/a/workers/s'");
  EXPECT_THAT(back, StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
}

TEST_F(ReferencesTest, AnImportThatNamesADuplicateMeansTheSurvivor) {
  OVERSIGHT_ASSERT_OK(Import(Record("s1", "s")));
  service_.references().SetMerged("authorities/a/workers/s", "authorities/a/workers/t");
  service_.references().SetMerged("authorities/a/workers/w", "authorities/a/workers/v");
  const auto again = Import(Record("s1", "s") + Record("s2", "s"));
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_EQ(again->results(0).outcome(), supervision::v1::ImportResponse::OUTCOME_UPDATED)
      << again->DebugString();
  EXPECT_EQ(again->results(1).outcome(), supervision::v1::ImportResponse::OUTCOME_CREATED);
  const auto session =
      Send<Session, supervision::v1::GetSessionRequest>("GetSession", "name: 'authorities/a/sessions/s1'");
  OVERSIGHT_ASSERT_OK(session);
  EXPECT_EQ(session->supervisor(), "authorities/a/workers/t");
  EXPECT_EQ(session->supervisee(), "authorities/a/workers/v");
  const auto unchanged = Import(Record("s1", "s"));
  OVERSIGHT_ASSERT_OK(unchanged);
  EXPECT_EQ(unchanged->results(0).outcome(), supervision::v1::ImportResponse::OUTCOME_UNCHANGED);
}

TEST_F(ReferencesTest, NothingIsWrittenWhileTheOtherServiceIsAway) {
  OVERSIGHT_ASSERT_OK(Create("s1"));
  service_.references().SetAway("workforce", true);
  const auto unchecked = StatusIs(absl::StatusCode::kUnavailable, "REFERENCE_UNCHECKED");
  EXPECT_THAT(Create("s2"), unchecked);
  EXPECT_THAT(Update("uninterrupted_minutes: 60"), unchecked);
  EXPECT_THAT(Hold(""), unchecked);
  EXPECT_THAT(Import(Record("s3", "s")), unchecked);
  EXPECT_EQ(service_.Revision("a"), 1);
  EXPECT_THAT(
      (Send<Session, supervision::v1::GetSessionRequest>("GetSession", "name: 'authorities/a/sessions/s1'")),
      IsOk())
      << "what is here can be read all the same";
  service_.references().SetAway("workforce", false);
  service_.references().SetAway("caseload", true);
  EXPECT_THAT(Discuss("authorities/a/cases/c"), unchecked);
  EXPECT_THAT(Create("s2"), IsOk()) << "a session names no case";
}

TEST_F(ReferencesTest, WhatDoesNotExistCannotBeNamed) {
  service_.references().SetMissing("authorities/a/workers/s");
  const absl::Status status = Create("s1").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  EXPECT_THAT(FieldsOf(status), ElementsAre("session.supervisor"));
  EXPECT_THAT(MetadataOf(status, "field"), "session.supervisor");
  EXPECT_EQ(service_.Revision("a"), 0);
  EXPECT_THAT(Create("s1", kSupervisor, "validate_only: true"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));

  EXPECT_THAT(Create("s1", "supervisor: 'authorities/a/workers/other'"), IsOk());
  service_.references().SetMissing("authorities/a/cases/c");
  EXPECT_THAT(Discuss("authorities/a/cases/c"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  EXPECT_THAT(Discuss("authorities/a/cases/d"), IsOk());
}

TEST_F(ReferencesTest, AnAuthorityThatDoesNotExist) {
  service_.references().SetMissing("authorities/a");
  EXPECT_THAT(Create("s1"), StatusIs(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND"));
  EXPECT_THAT(Import(Record("s1", "s")), StatusIs(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND"));
}

TEST_F(ReferencesTest, AnImportRefusesTheRecordsThatNameWhatDoesNotExist) {
  service_.references().SetMissing("authorities/a/workers/gone");
  const auto response = Import(absl::StrCat(Record("s1", "s"), Record("s2", "gone"), Record("s3", "t")));
  OVERSIGHT_ASSERT_OK(response);
  std::vector<int> outcomes;
  for (const auto& result : response->results()) outcomes.push_back(result.outcome());
  EXPECT_THAT(outcomes, ElementsAre(supervision::v1::ImportResponse::OUTCOME_CREATED,
                                    supervision::v1::ImportResponse::OUTCOME_REFUSED,
                                    supervision::v1::ImportResponse::OUTCOME_CREATED));
  EXPECT_THAT(service_.references().asked(), SizeIs(1)) << "one question for all records";
  for (const auto& entry : service_.Entries("a")) {
    EXPECT_THAT(entry.depends_on(), ElementsAre(FakeReferences::TokenOf("workforce")));
  }
}

TEST_F(ReferencesTest, NothingIsAskedForADeletion) {
  OVERSIGHT_ASSERT_OK(Create("s1"));
  service_.references().SetAway("workforce", true);
  EXPECT_THAT((Send<Session, supervision::v1::DeleteSessionRequest>("DeleteSession",
                                                                    "name: 'authorities/a/sessions/s1'")),
              IsOk());
}

TEST_F(ReferencesTest, ARequestSentAgainIsAnsweredWhateverHasHappenedSince) {
  const auto created = Create("s1", kSupervisor, "request_id: 'create'");
  OVERSIGHT_ASSERT_OK(created);
  const auto held = Hold("uninterrupted_minutes: 55 request_id: 'hold'");
  OVERSIGHT_ASSERT_OK(held);
  EXPECT_EQ(held->state(), Session::STATE_HELD);
  // It is held: to hold it once more is not allowed, but to be told again is.
  EXPECT_THAT(Hold("uninterrupted_minutes: 55 request_id: 'hold'"), IsOkAndHolds(EqualsProto(*held)));
  EXPECT_THAT(Hold("uninterrupted_minutes: 55"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_THAT(Hold("uninterrupted_minutes: 54 request_id: 'hold'"),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  // The worker is gone, or the other service is.
  service_.references().SetMissing("authorities/a/workers/w");
  EXPECT_THAT(Create("s1", kSupervisor, "request_id: 'create'"), IsOkAndHolds(EqualsProto(*created)));
  service_.references().SetAway("workforce", true);
  EXPECT_THAT(Create("s1", kSupervisor, "request_id: 'create'"), IsOkAndHolds(EqualsProto(*created)));
  EXPECT_EQ(service_.Revision("a"), 2);
}

TEST_F(ReferencesTest, SessionsThroughTheirLife) {
  OVERSIGHT_ASSERT_OK(Create("s1"));
  EXPECT_THAT(Create("s9", absl::StrCat(kSupervisor, "state: STATE_HELD")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_THAT(Update("supervisee: 'authorities/a/workers/x'"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"))
      << "immutable";
  EXPECT_THAT(Update("state: STATE_HELD"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  OVERSIGHT_ASSERT_OK(Hold("etag: 'v1'"));
  EXPECT_THAT((Send<Session, supervision::v1::CancelSessionRequest>(
                  "CancelSession", "name: 'authorities/a/sessions/s1' reason: 'ill'")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_THAT(Hold("etag: 'v1'"), Not(IsOk()));
  OVERSIGHT_ASSERT_OK((Send<Session, supervision::v1::DeleteSessionRequest>(
      "DeleteSession", "name: 'authorities/a/sessions/s1'")));
  EXPECT_THAT(Hold(""), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  const auto entries = service_.Entries("a");
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[1].method(), "/oversight.supervision.v1.SupervisionService/HoldSession");
}

// The real thing: one service asks another through its ledger.
TEST_F(ReferencesTest, LedgerReferencesAskOverGrpc) {
  InProcessService other(supervision::Definition());
  OVERSIGHT_ASSERT_OK(other.Call<Session>(
      "CreateSession",
      Parse<supervision::v1::CreateSessionRequest>(
          absl::StrCat("parent: 'authorities/a' session_id: 's' session { ", kSession, kSupervisor, " }"))));
  class FakeCall final : public rpc::Call {
   public:
    absl::string_view method() const override { return "/x/Y"; }
    const rpc::Principal& principal() const override { return principal_; }
    const std::string& request_id() const override { return text_; }
    absl::Time deadline() const override { return absl::Now() + absl::Seconds(20); }
    bool cancelled() const override { return false; }
    void AddTrailer(absl::string_view, absl::string_view) override {}

   private:
    rpc::Principal principal_{.actor = "user:id"};
    std::string text_ = "id";
  } call;
  std::shared_ptr<rpc::Client> client = other.Connect("service");
  auto nowhere = rpc::Client::Create({.target = "127.0.0.1:1"});
  OVERSIGHT_ASSERT_OK(nowhere);
  LedgerReferences references(
      {{"supervision", client}, {"caseload", std::shared_ptr<rpc::Client>(*std::move(nowhere))}});
  const auto answer = references.LookUp(call, "supervision", "a",
                                        {"authorities/a/sessions/s", "authorities/a/sessions/none"});
  OVERSIGHT_ASSERT_OK(answer);
  EXPECT_THAT(answer->missing, ElementsAre("authorities/a/sessions/none"));
  EXPECT_FALSE(answer->token.empty());
  EXPECT_THAT(references.LookUp(call, "supervision", "never", {"authorities/never/sessions/s"})->token,
              IsEmpty());
  const absl::Status away = references.LookUp(call, "caseload", "a", {"authorities/a/cases/c"}).status();
  EXPECT_THAT(away, StatusIs(absl::StatusCode::kUnavailable, "REFERENCE_UNCHECKED"));
  EXPECT_EQ(MetadataOf(away, "service"), "caseload");
  EXPECT_GT(RetryDelayOf(away), absl::ZeroDuration());
}

}  // namespace
}  // namespace oversight::resource
