#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "services/supervision/records/record_road.h"

namespace oversight::supervision {
namespace {

using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;

class RecordKeeperTest : public testing::RecordRoad {};

auto IsIllegal() { return StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"); }

TEST_F(RecordKeeperTest, FromDraftToSignature) {
  auto record = WriteDraft("supervisor", "first");
  OVERSIGHT_ASSERT_OK(record);
  EXPECT_EQ(record->state(), v1::SessionRecord::STATE_DRAFT);
  EXPECT_EQ(record->latest_version(), 1);
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "second"));
  OVERSIGHT_ASSERT_OK(SendRecord("supervisor"));
  record = AskForAmendment("supervisee", "that is not what I said");
  OVERSIGHT_ASSERT_OK(record);
  EXPECT_EQ(record->state(), v1::SessionRecord::STATE_AMENDMENT_REQUESTED);
  EXPECT_EQ(record->amendment_requests(), 1);
  clock_->Advance(absl::Hours(24));
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "third"));
  OVERSIGHT_ASSERT_OK(SendRecord("supervisor"));
  EXPECT_THAT(SignRecord("supervisee", 2).status(), StatusIs(absl::StatusCode::kAborted, "VERSION_MISMATCH"));
  record = SignRecord("supervisee", 3);
  clock_->Advance(-absl::Hours(24));
  OVERSIGHT_ASSERT_OK(record);
  EXPECT_EQ(record->state(), v1::SessionRecord::STATE_SIGNED);
  EXPECT_EQ(record->signed_version(), 3);
  EXPECT_EQ(record->first_sent_date().day(), 1);
  EXPECT_EQ(record->sent_date().day(), 2);
  EXPECT_EQ(record->first_answered_date().day(), 1);
  EXPECT_EQ(record->signed_date().day(), 2);

  // Every version is kept.
  EXPECT_EQ(ReadText("supervisee", RecordName(), 1)->text(), "first");
  EXPECT_EQ(ReadText("supervisee", RecordName(), 2)->text(), "second");
  EXPECT_EQ(ReadText("supervisee", RecordName(), 2)->amendment_note(), "that is not what I said");
  EXPECT_EQ(ReadText("supervisee", RecordName())->text(), "third");
  EXPECT_EQ(ReadText("supervisee", RecordName())->version(), 3);
  EXPECT_THAT(ReadText("supervisee", RecordName(), 4).status(),
              StatusIs(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"));
  v1::ListSessionRecordVersionsRequest request;
  request.set_name(RecordName());
  const auto versions =
      Call<v1::ListSessionRecordVersionsResponse>("supervisee", "ListSessionRecordVersions", request);
  OVERSIGHT_ASSERT_OK(versions);
  ASSERT_EQ(versions->versions_size(), 3);
  EXPECT_EQ(versions->versions(0).actor(), "demo:supervisor");
  EXPECT_TRUE(versions->versions(1).amendment_requested());
  EXPECT_FALSE(versions->versions(2).amendment_requested());
  EXPECT_FALSE(versions->versions(1).signed_());
  EXPECT_TRUE(versions->versions(2).signed_());
  EXPECT_EQ(versions->versions(2).text_digest(), record->text_digest());
  EXPECT_NE(versions->versions(1).text_digest(), record->text_digest());
}

TEST_F(RecordKeeperTest, EachActionInEachState) {
  enum Step { kWrite, kSend, kAmend, kSign };
  const auto take = [&](Step step) {
    switch (step) {
      case kWrite:
        return WriteDraft("supervisor", "text").status();
      case kSend:
        return SendRecord("supervisor").status();
      case kAmend:
        return AskForAmendment("supervisee", "note").status();
      case kSign:
        return SignRecord("supervisee", 1).status();
    }
    return absl::OkStatus();
  };
  struct Case {
    const char* state;
    // How to come there from a new record, and what is refused there.
    std::vector<Step> way, refused;
  };
  const Case cases[] = {
      {"DRAFT", {}, {kSend, kAmend, kSign}},
      {"DRAFT", {kWrite}, {kAmend, kSign}},
      {"SENT", {kWrite, kSend}, {kWrite, kSend}},
      {"AMENDMENT_REQUESTED", {kWrite, kSend, kAmend}, {kSend, kAmend, kSign}},
      {"SIGNED", {kWrite, kSend, kSign}, {kWrite, kSend, kAmend, kSign}},
  };
  for (const Case& c : cases) {
    RecordRoad::SetUp();
    for (const Step step : c.way) OVERSIGHT_ASSERT_OK(take(step));
    for (const Step step : c.refused) {
      const absl::Status status = take(step);
      EXPECT_THAT(status, IsIllegal()) << c.state << " " << step;
      EXPECT_EQ(MetadataOf(status, "state"), c.state) << step;
    }
  }
}

TEST_F(RecordKeeperTest, AnEmptyOrTooLongTextIsRefused) {
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  EXPECT_THAT(WriteDraft("supervisor", "").status(), invalid);
  EXPECT_THAT(WriteDraft("supervisor", std::string(500001, 'x')).status(), invalid);
  OVERSIGHT_EXPECT_OK(WriteDraft("supervisor", std::string(500000, 'x')));
  OVERSIGHT_ASSERT_OK(SendRecord("supervisor"));
  EXPECT_THAT(AskForAmendment("supervisee", "").status(), invalid);
  EXPECT_THAT(AskForAmendment("supervisee", std::string(20001, 'x')).status(), invalid);
  OVERSIGHT_EXPECT_OK(AskForAmendment("supervisee", std::string(20000, 'x')));
}

TEST_F(RecordKeeperTest, TheSameRequestAgainWritesOnce) {
  const auto first = WriteDraft("supervisor", "text", RecordName(), "request-1");
  OVERSIGHT_ASSERT_OK(first);
  const auto again = WriteDraft("supervisor", "text", RecordName(), "request-1");
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_EQ(again->latest_version(), 1);
  EXPECT_EQ(again->etag(), first->etag());
  EXPECT_THAT(WriteDraft("supervisor", "another text", RecordName(), "request-1").status(),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(RecordKeeperTest, NeitherLedgerNorTablesNorRequestsTellTheText) {
  const std::string canary = "canary-in-confidence";
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", canary, RecordName(), "request-1"));
  OVERSIGHT_ASSERT_OK(SendRecord("supervisor"));
  OVERSIGHT_ASSERT_OK(AskForAmendment("supervisee", canary));
  for (const auto& entry : service_->Entries(authority_)) {
    EXPECT_FALSE(absl::StrContains(entry.SerializeAsString(), canary)) << entry.method();
  }
  v1::ListSessionRecordsRequest list;
  list.set_parent(absl::StrCat(root_, "/sessions/s1"));
  const auto listed = Call<v1::ListSessionRecordsResponse>("hr", "ListSessionRecords", list);
  OVERSIGHT_ASSERT_OK(listed);
  EXPECT_FALSE(absl::StrContains(listed->SerializeAsString(), canary));
  const auto connection = mysql::Connection::Open(service_->database());
  OVERSIGHT_ASSERT_OK(connection);
  for (const char* sql : {"SELECT ciphertext FROM record_text", "SELECT wrapped_key FROM record_text",
                          "SELECT state FROM session_record", "SELECT request_hash FROM ledger_request",
                          "SELECT payload FROM ledger_entry", "SELECT reason FROM record_access"}) {
    int rows = 0;
    OVERSIGHT_ASSERT_OK((*connection)->Query(sql, {}, [&](const mysql::Row& row) {
      ++rows;
      EXPECT_FALSE(absl::StrContains(row.Bytes(0), canary)) << sql;
      return absl::OkStatus();
    }));
    EXPECT_TRUE(rows > 0 || absl::StrContains(sql, "record_access")) << sql;
  }
  const auto report = service_->Verify(authority_);
  OVERSIGHT_ASSERT_OK(report);
  EXPECT_TRUE(report->intact()) << report->DebugString();
}

TEST_F(RecordKeeperTest, AnErasedSessionTakesItsTextsAlong) {
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "text"));
  ledger::pb::EraseResourceRequest request;
  request.set_name(absl::StrCat(root_, "/sessions/s1"));
  request.set_reason("UK GDPR art. 17(1)(d)");
  OVERSIGHT_ASSERT_OK(service_->CallLedger<ledger::pb::EraseResourceResponse>("EraseResource", request));
  EXPECT_EQ(service_->Sql(absl::StrCat("DELETE FROM record_text WHERE authority = '", authority_, "'")), 0);
  EXPECT_FALSE(ReadText("supervisee", RecordName()).ok());
}

TEST_F(RecordKeeperTest, AStoredTextThatWasAlteredOrMovedDoesNotOpen) {
  CreateRecord("s1", "r2");
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "text of one"));
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "text of two", RecordName("s1", "r2")));
  // The text of one record in the place of the other's.
  service_->Sql(
      absl::StrCat("UPDATE record_text a JOIN record_text b ON a.authority = b.authority AND a.id = 'r1' AND "
                   "b.id = 'r2' SET a.ciphertext = b.ciphertext, a.wrapped_key = b.wrapped_key "
                   "WHERE a.authority = '",
                   authority_, "'"));
  EXPECT_THAT(ReadText("supervisee", RecordName()).status(),
              StatusIs(absl::StatusCode::kDataLoss, "TEXT_UNREADABLE"));
  EXPECT_EQ(ReadText("supervisee", RecordName("s1", "r2"))->text(), "text of two");
}

TEST_F(RecordKeeperTest, KeysChangeWhileTheServiceServes) {
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "under the first key"));
  const std::string digest = WriteDraft("supervisor", "the second version")->text_digest();
  WriteKeys("k1 " + Key('a') + "\nk2 " + Key('b') + " active");
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "under the second key"));
  EXPECT_EQ(ReadText("supervisee", RecordName(), 1)->text(), "under the first key");

  v1::RewrapSessionRecordKeysRequest request;
  request.set_parent("authorities/-");
  // A text that was damaged does not hold up the others.
  CreateRecord("s1", "damaged");
  OVERSIGHT_ASSERT_OK(WriteDraft("supervisor", "damaged", RecordName("s1", "damaged")));
  service_->Sql(absl::StrCat("UPDATE record_text SET key_id = 'k1' WHERE id = 'damaged' AND authority = '",
                             authority_, "'"));
  const auto rewrap = [&] {
    auto stream =
        service_->client().Stream("/oversight.supervision.v1.SupervisionService/RewrapSessionRecordKeys",
                                  request, {.deadline = absl::Now() + absl::Seconds(60)});
    v1::RewrapSessionRecordKeysResponse progress;
    while (stream->Read(&progress)) {
    }
    OVERSIGHT_EXPECT_OK(stream->Finish());
    EXPECT_TRUE(progress.complete());
    EXPECT_EQ(progress.remaining(), progress.unreadable()) << "all but what was damaged";
    return progress;
  };
  const auto done = rewrap();
  EXPECT_EQ(done.active_key(), "k2");
  EXPECT_GE(done.rewrapped(), 2);
  EXPECT_EQ(done.missing_key(), 0);
  EXPECT_GE(done.unreadable(), 1);
  EXPECT_EQ(rewrap().rewrapped(), 0) << "nothing is left to do";

  // The old key is not needed any more, and nothing but the wrapping has changed.
  WriteKeys("k2 " + Key('b') + " active");
  EXPECT_EQ(ReadText("supervisee", RecordName(), 1)->text(), "under the first key");
  EXPECT_EQ(ReadText("supervisee", RecordName(), 3)->text(), "under the second key");
  v1::ListSessionRecordVersionsRequest versions;
  versions.set_name(RecordName());
  EXPECT_EQ((Call<v1::ListSessionRecordVersionsResponse>("supervisee", "ListSessionRecordVersions", versions))
                ->versions(1)
                .text_digest(),
            digest);

  // Without its key a text is not shown, and not lost.
  WriteKeys("k3 " + Key('c') + " active");
  const absl::Status missing = ReadText("supervisee", RecordName(), 1).status();
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_KEY_MISSING"));
  EXPECT_EQ(MetadataOf(missing, "key_id"), "k2");
  EXPECT_GE(rewrap().missing_key(), 3);
  WriteKeys("k3 " + Key('c') + " active\nk2 " + Key('b') + "\nk1 " + Key('a'));
  EXPECT_EQ(ReadText("supervisee", RecordName(), 1)->text(), "under the first key");
  rewrap();
  WriteKeys("k1 " + Key('a') + " active\nk3 " + Key('c'));
}

TEST_F(RecordKeeperTest, WithoutAKeyFileNoTextsAreKept) {
  const auto keys = surroundings_->keys;
  surroundings_->keys = nullptr;
  EXPECT_THAT(WriteDraft("supervisor", "text").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_KEYS_NOT_SET"));
  surroundings_->keys = keys;
  OVERSIGHT_EXPECT_OK(WriteDraft("supervisor", "text"));
}

TEST_F(RecordKeeperTest, TwentyWritersOfOneRecordLoseNothing) {
  constexpr int kWriters = 20;
  std::vector<std::thread> writers;
  std::vector<absl::Status> outcomes(kWriters);
  for (int i = 0; i < kWriters; ++i) clients_["supervisor"] = service_->Connect("supervisor");
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      v1::WriteSessionRecordDraftRequest request;
      request.set_name(RecordName());
      request.set_text(absl::StrCat("text of writer ", i));
      // Whoever met a conflict three times tries again, as a client does.
      do {
        v1::SessionRecord response;
        outcomes[static_cast<size_t>(i)] =
            clients_.at("supervisor")
                ->Unary(
                    "/oversight.supervision.v1.SupervisionService/"
                    "WriteSessionRecordDraft",
                    request, &response, {.deadline = absl::Now() + absl::Seconds(60)});
      } while (ReasonOf(outcomes[static_cast<size_t>(i)]) == "TRANSACTION_CONFLICT");
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const absl::Status& outcome : outcomes) OVERSIGHT_EXPECT_OK(outcome);
  std::set<std::string> texts;
  for (int version = 1; version <= kWriters; ++version) {
    const auto read = ReadText("supervisor", RecordName(), version);
    OVERSIGHT_ASSERT_OK(read);
    texts.insert(read->text());
  }
  EXPECT_EQ(texts.size(), kWriters);
  EXPECT_EQ(ReadText("supervisor", RecordName())->version(), kWriters);
}

TEST_F(RecordKeeperTest, OfTwentyWhoHoldOneSessionOneDoes) {
  constexpr int kCallers = 20;
  std::vector<std::thread> callers;
  std::vector<absl::Status> outcomes(kCallers);
  const auto client = service_->Connect("hr");
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      v1::HoldSessionRequest request;
      request.set_name(absl::StrCat(root_, "/sessions/s1"));
      request.set_uninterrupted_minutes(60 + i);
      do {
        v1::Session response;
        outcomes[static_cast<size_t>(i)] =
            client->Unary("/oversight.supervision.v1.SupervisionService/HoldSession", request, &response,
                          {.deadline = absl::Now() + absl::Seconds(60)});
      } while (ReasonOf(outcomes[static_cast<size_t>(i)]) == "TRANSACTION_CONFLICT");
    });
  }
  for (std::thread& caller : callers) caller.join();
  int held = -1;
  for (int i = 0; i < kCallers; ++i) {
    if (outcomes[static_cast<size_t>(i)].ok()) {
      EXPECT_EQ(held, -1) << "only one";
      held = i;
    } else {
      EXPECT_THAT(outcomes[static_cast<size_t>(i)], IsIllegal());
    }
  }
  v1::GetSessionRequest request;
  request.set_name(absl::StrCat(root_, "/sessions/s1"));
  const auto session = Call<v1::Session>("hr", "GetSession", request);
  OVERSIGHT_ASSERT_OK(session);
  EXPECT_EQ(session->state(), v1::Session::STATE_HELD);
  EXPECT_EQ(session->uninterrupted_minutes(), 60 + held);
}

}  // namespace
}  // namespace oversight::supervision
