#include "services/supervision/records/record_road.h"

namespace oversight::supervision {
namespace {

using ::oversight::testing::StatusIs;

// Who may read which text: each role against each record, allowed and denied alike, every attempt on record.
class RecordAccessMatrixTest : public testing::RecordRoad {
 protected:
  void SetUp() override {
    RecordRoad::SetUp();
    // Led by somebody in the supervisor's place.
    CreateSession("s2", "led_by: '$/workers/leader'");
    CreateRecord("s2", "r1");
    CreateSession("gone");
    CreateRecord("gone", "r1");
    for (const char* session : {"s1", "s2", "gone"}) {
      OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", absl::StrCat("text of ", session), RecordName(session)));
    }
    v1::DeleteSessionRecordRequest request;
    request.set_name(RecordName("gone"));
    OVERSIGHT_ASSERT_OK(Call<v1::SessionRecord>("hr", "DeleteSessionRecord", request));
    v1::DeleteSessionRequest session;
    session.set_name(absl::StrCat(root_, "/sessions/gone"));
    OVERSIGHT_ASSERT_OK(Call<v1::Session>("hr", "DeleteSession", session));
  }
  void Disclose(const std::string& id, const std::string& rest) {
    OVERSIGHT_ASSERT_OK(Send<v1::Disclosure>(
        "hr", "CreateDisclosure",
        absl::StrCat("parent: '$' disclosure_id: '", id,
                     "' disclosure { supervisee: '$/workers/supervisee' disclosed_to: '$/workers/adviser' ",
                     rest, "}"),
        v1::CreateDisclosureRequest()));
  }
};

constexpr auto kNobody = v1::ACCESS_GROUND_UNSPECIFIED;
constexpr auto kSupervisee = v1::ACCESS_GROUND_SUPERVISEE;
constexpr auto kSupervisor = v1::ACCESS_GROUND_SUPERVISOR;
constexpr auto kManager = v1::ACCESS_GROUND_MANAGER;
constexpr auto kDisclosure = v1::ACCESS_GROUND_DISCLOSURE;

TEST_F(RecordAccessMatrixTest, EachRoleAgainstEachRecord) {
  // In force for s1 only.
  Disclose("d1",
           "sessions: '$/sessions/s1' reason: REASON_GRIEVANCE start_date { year: 2026 month: 4 day: 1 }");
  struct Case {
    const char* user;
    // The ground on which the user reads the record of s1 and of s2; kNobody where it is denied.
    v1::AccessGround s1, s2;
  };
  const Case cases[] = {
      {"supervisee", kSupervisee, kSupervisee},
      {"supervisor", kSupervisor, kSupervisor},
      {"leader", kNobody, kSupervisor},
      {"manager", kManager, kManager},
      {"other-manager", kManager, kManager},
      // Two levels up, where the setting allows one.
      {"head", kNobody, kNobody},
      {"colleague", kNobody, kNobody},
      {"adviser", kDisclosure, kNobody},
      // Verified callers who are no workers.
      {"hr", kNobody, kNobody},
      {"stranger", kNobody, kNobody},
  };
  const std::string missing[] = {RecordName("s1", "no-such-record"), RecordName("no-such-session"),
                                 RecordName("gone"),
                                 // Another authority's, of which nobody here is a worker.
                                 "authorities/elsewhere/sessions/s1/sessionRecords/r1"};
  // What is answered to somebody who may read nothing.
  const absl::Status denied = ReadText("stranger", RecordName()).status();
  EXPECT_THAT(denied, StatusIs(absl::StatusCode::kPermissionDenied, "RECORD_ACCESS_DENIED"));
  size_t accesses = Accesses().size();
  for (const Case& c : cases) {
    for (const auto& [session, ground] : {std::pair("s1", c.s1), std::pair("s2", c.s2)}) {
      SCOPED_TRACE(absl::StrCat(c.user, " reads ", session));
      const auto read = ReadText(c.user, RecordName(session), 0, absl::StrCat("because of ", c.user));
      if (ground == kNobody) {
        EXPECT_EQ(read.status(), denied);
      } else {
        OVERSIGHT_ASSERT_OK(read);
        EXPECT_EQ(read->text(), absl::StrCat("text of ", session));
        EXPECT_EQ(read->ground(), ground);
      }
      const auto recorded = Accesses();
      ASSERT_EQ(recorded.size(), ++accesses);
      EXPECT_EQ(recorded[0].record(), RecordName(session));
      EXPECT_EQ(recorded[0].actor(), absl::StrCat("demo:", c.user));
      const bool is_worker = std::string(c.user) != "hr" && std::string(c.user) != "stranger";
      EXPECT_EQ(recorded[0].worker(), is_worker ? Worker(c.user) : "");
      EXPECT_EQ(recorded[0].granted(), ground != kNobody);
      EXPECT_EQ(recorded[0].ground(), ground);
      EXPECT_EQ(recorded[0].version(), ground == kNobody ? 0 : 1);
      EXPECT_EQ(recorded[0].reason(), absl::StrCat("because of ", c.user));
    }
    // Whoever may read no record of a session is not told whether there is one.
    for (const std::string& name : missing) {
      const absl::Status status = ReadText(c.user, name).status();
      const bool of_session = name == missing[0] && c.s1 != kNobody;
      if (of_session) {
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND")) << c.user;
      } else {
        EXPECT_EQ(status, denied) << c.user << " " << name;
        if (name.find("elsewhere") == std::string::npos) ++accesses;
      }
    }
    // Versions are told to the same readers.
    v1::ListSessionRecordVersionsRequest versions;
    versions.set_name(RecordName("s1"));
    const auto listed =
        Call<v1::ListSessionRecordVersionsResponse>(c.user, "ListSessionRecordVersions", versions);
    EXPECT_EQ(listed.ok(), c.s1 != kNobody) << c.user;
    EXPECT_TRUE(listed.ok() || listed.status() == denied) << c.user;
    // Sending is for the supervisor, answering for the supervisee; nobody else learns of the record's state.
    const absl::Status sent_by = Call<v1::SessionRecord>(c.user, "SendSessionRecord",
                                                         [&] {
                                                           v1::SendSessionRecordRequest send;
                                                           send.set_name(RecordName("s2"));
                                                           send.set_etag("another");
                                                           return send;
                                                         }())
                                     .status();
    EXPECT_THAT(sent_by, c.s2 == kSupervisor
                             ? StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH")
                             : StatusIs(absl::StatusCode::kPermissionDenied, "RECORD_ACCESS_DENIED"))
        << c.user;
    const absl::Status signed_by = SignRecord(c.user, 1).status();
    EXPECT_THAT(signed_by, c.s1 == kSupervisee
                               ? StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
                               : StatusIs(absl::StatusCode::kPermissionDenied, "RECORD_ACCESS_DENIED"))
        << c.user;
  }
}

TEST_F(RecordAccessMatrixTest, ADisclosureOpensWhatItNamesWhileItHolds) {
  EXPECT_FALSE(ReadText("adviser", RecordName()).ok());
  Disclose("over",
           "sessions: '$/sessions/s1' reason: REASON_GRIEVANCE start_date { year: 2026 month: 3 day: 1 } "
           "end_date { year: 2026 month: 4 day: 1 }");
  EXPECT_FALSE(ReadText("adviser", RecordName()).ok()) << "ended today";
  Disclose("coming",
           "sessions: '$/sessions/s1' reason: REASON_GRIEVANCE start_date { year: 2026 month: 4 day: 2 }");
  EXPECT_FALSE(ReadText("adviser", RecordName()).ok()) << "begins tomorrow";
  Disclose("advice",
           "sessions: '$/sessions/s1' reason: REASON_ADVICE start_date { year: 2026 month: 4 day: 1 }");
  EXPECT_FALSE(ReadText("adviser", RecordName()).ok()) << "one of the two has not agreed";
  Disclose("agreed",
           "sessions: '$/sessions/s1' reason: REASON_ADVICE agreed_by_both: true "
           "start_date { year: 2026 month: 4 day: 1 }");
  OVERSIGHT_EXPECT_OK(ReadText("adviser", RecordName()));
  EXPECT_FALSE(ReadText("adviser", RecordName("s2")).ok());
  v1::DeleteDisclosureRequest request;
  request.set_name(absl::StrCat(root_, "/disclosures/agreed"));
  OVERSIGHT_ASSERT_OK(Call<v1::Disclosure>("hr", "DeleteDisclosure", request));
  EXPECT_FALSE(ReadText("adviser", RecordName()).ok());
}

TEST_F(RecordAccessMatrixTest, WhoIsNotOneOfTheTwoSaysWhy) {
  const auto wants_reason = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  EXPECT_THAT(ReadText("manager", RecordName(), 0, "").status(), wants_reason);
  OVERSIGHT_EXPECT_OK(ReadText("supervisee", RecordName(), 0, ""));
  OVERSIGHT_EXPECT_OK(ReadText("supervisor", RecordName(), 0, ""));
  EXPECT_THAT(ReadText("manager", RecordName(), 0, std::string(501, 'x')).status(), wants_reason);
  OVERSIGHT_EXPECT_OK(ReadText("manager", RecordName(), 0, std::string(500, 'x')));
}

TEST_F(RecordAccessMatrixTest, TheTreeIsThatOfToday) {
  TellOfManager("supervisee", "colleague");
  EXPECT_FALSE(ReadText("manager", RecordName()).ok());
  OVERSIGHT_EXPECT_OK(ReadText("colleague", RecordName()));
  // A leaver's access ends with the worker.
  Tell<workforce::v1::Worker>(Worker("colleague"), "", ledger::pb::CHANGE_DELETED);
  EXPECT_FALSE(ReadText("colleague", RecordName()).ok());
}

TEST_F(RecordAccessMatrixTest, NobodyReadsUntilTheTreeIsKnown) {
  workforce_->Clear();
  EXPECT_THAT(ReadText("supervisee", RecordName()).status(),
              StatusIs(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP"));
  workforce_->Apply({}, clock_->Now());
  EXPECT_FALSE(ReadText("supervisee", RecordName()).ok()) << "nobody is known any more";
  TellOfWorker("supervisee");
  OVERSIGHT_EXPECT_OK(ReadText("supervisee", RecordName()));
}

TEST_F(RecordAccessMatrixTest, WhatCannotBeRecordedIsNotShown) {
  service_->Sql("RENAME TABLE record_access TO record_access_away");
  EXPECT_FALSE(ReadText("supervisee", RecordName()).ok());
  EXPECT_THAT(ReadText("stranger", RecordName()).status(),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  service_->Sql("RENAME TABLE record_access_away TO record_access");
  OVERSIGHT_EXPECT_OK(ReadText("supervisee", RecordName()));

  // The service's own log comes beside it.
  class Log final : public access::AccessLog {
   public:
    absl::Status Write(const access::AccessEvent& event, absl::Time) override {
      resources.push_back(event.resource);
      return full ? absl::UnavailableError("full") : absl::OkStatus();
    }
    bool full = false;
    std::vector<std::string> resources;
  } log;
  surroundings_->access_log = &log;
  OVERSIGHT_EXPECT_OK(ReadText("supervisee", RecordName()));
  EXPECT_THAT(log.resources, ::testing::ElementsAre(RecordName()));
  log.full = true;
  EXPECT_FALSE(ReadText("supervisee", RecordName()).ok());
  surroundings_->access_log = nullptr;
}

TEST_F(RecordAccessMatrixTest, AccessesAreListedByPage) {
  for (int i = 0; i < 5; ++i) OVERSIGHT_ASSERT_OK(ReadText("supervisee", RecordName(i == 2 ? "s2" : "s1")));
  const auto all = Accesses();
  ASSERT_EQ(all.size(), 5);
  v1::ListSessionRecordAccessesRequest request;
  request.set_parent(root_);
  request.set_page_size(2);
  std::vector<std::string> records;
  int pages = 0;
  do {
    const auto page =
        Call<v1::ListSessionRecordAccessesResponse>("auditor", "ListSessionRecordAccesses", request);
    OVERSIGHT_ASSERT_OK(page);
    for (const auto& access : page->accesses()) records.push_back(access.record());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(records.size(), 5);
  EXPECT_EQ(records[2], RecordName("s2"));

  request.clear_page_token();
  request.set_parent(RecordName("s2"));
  const auto of_one =
      Call<v1::ListSessionRecordAccessesResponse>("auditor", "ListSessionRecordAccesses", request);
  OVERSIGHT_ASSERT_OK(of_one);
  EXPECT_EQ(of_one->accesses_size(), 1);
  request.set_parent("authorities/other/sessions");
  EXPECT_THAT(
      (Call<v1::ListSessionRecordAccessesResponse>("auditor", "ListSessionRecordAccesses", request).status()),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace oversight::supervision
