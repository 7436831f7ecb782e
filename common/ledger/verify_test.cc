#include "common/ledger/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/ledger/store.h"
#include "common/ledger/token.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/private_mariadb.h"

namespace oversight::ledger {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;
using workforce::v1::Worker;

class VerifyTest : public resource::testing::WorkforceRoad {
 protected:
  void SetUp() override {
    WorkforceRoad::SetUp();                                  // 1
    OVERSIGHT_ASSERT_OK(CreateTeam("t"));                    // 2
    OVERSIGHT_ASSERT_OK(CreateWorker("w"));                  // 3
    OVERSIGHT_ASSERT_OK(CreatePost("w", "p", kPostFields));  // 4
    OVERSIGHT_ASSERT_OK(CreateWorker("v"));                  // 5
    ASSERT_EQ(Revision(), 5);
  }

  // `$` stands for the authority's id here.
  int64_t Tamper(const std::string& statement) {
    tampered_ = true;
    return service_->Sql(absl::StrReplaceAll(statement, {{"$", authority_}}));
  }
  // Each fault as `KIND revision resource`.
  std::vector<std::string> Faults(const std::vector<std::string>& known_tokens = {}) {
    const auto report = service_->Verify(authority_, known_tokens);
    EXPECT_THAT(report, IsOk());
    if (!report.ok()) return {};
    EXPECT_TRUE(report->complete());
    EXPECT_EQ(report->intact(), report->faults().empty());
    std::vector<std::string> faults;
    for (const auto& fault : report->faults()) {
      std::string text = absl::StrCat(pb::VerifyLedgerResponse::Fault::Kind_Name(fault.kind()).substr(5), " ",
                                      fault.revision());
      if (!fault.resource_name().empty()) {
        absl::StrAppend(&text, " ", absl::StrReplaceAll(fault.resource_name(), {{root_ + "/", ""}}));
      }
      EXPECT_FALSE(fault.description().empty());
      faults.push_back(std::move(text));
    }
    return faults;
  }
  std::string HeadToken() {
    pb::GetHeadRequest request;
    request.set_name(root_);
    return service_->CallLedger<pb::Head>("GetHead", request)->token();
  }
  absl::StatusOr<pb::EraseResourceResponse> Erase(const std::string& name,
                                                  const std::string& reason = "art. 17") {
    pb::EraseResourceRequest request;
    request.set_name(name);
    request.set_reason(reason);
    return service_->CallLedger<pb::EraseResourceResponse>("EraseResource", request);
  }
  absl::StatusOr<pb::LookUpResponse> LookUp(const std::vector<std::string>& names) {
    pb::LookUpRequest request;
    request.set_parent(root_);
    for (const std::string& name : names) request.add_names(absl::StrCat(root_, "/", name));
    return service_->CallLedger<pb::LookUpResponse>("LookUp", request);
  }
  // How a watch that goes on after `token` ends or, if it goes on, OK.
  absl::Status WatchAfter(const std::string& token) {
    pb::WatchRequest request;
    request.add_after(token);
    auto stream = service_->client().Stream(oversight::testing::InProcessService::LedgerMethod("Watch"),
                                            request, {.deadline = absl::Now() + absl::Seconds(30)});
    pb::WatchResponse message;
    if (!stream->Read(&message)) return stream->Finish();
    stream->Cancel();
    return absl::OkStatus();
  }

  static constexpr char kPostFields[] = "start_date { year: 2024 month: 1 day: 1 } team: '$/teams/t'";
};

TEST_F(VerifyTest, AnUntouchedLedgerIsIntact) {
  const auto report = service_->Verify(authority_, {HeadToken()});
  OVERSIGHT_ASSERT_OK(report);
  EXPECT_TRUE(report->intact());
  EXPECT_EQ(report->entries_checked(), 5);
  EXPECT_EQ(report->resources_checked(), 5);
  EXPECT_EQ(report->head_token(), HeadToken());
}

struct TamperCase {
  std::string what;
  std::vector<std::string> statements;
  std::vector<std::string> faults;
};

class TamperTest : public VerifyTest, public ::testing::WithParamInterface<TamperCase> {};

TEST_P(TamperTest, IsFound) {
  for (const std::string& statement : GetParam().statements) ASSERT_GT(Tamper(statement), 0) << statement;
  std::vector<std::string> expected;
  for (const std::string& fault : GetParam().faults) {
    expected.push_back(absl::StrReplaceAll(fault, {{"$", authority_}}));
  }
  EXPECT_THAT(Faults(), UnorderedElementsAreArray(expected));
}

constexpr char kEntry3[] = " WHERE authority = '$' AND revision = 3";

INSTANTIATE_TEST_SUITE_P(
    Edits, TamperTest,
    ::testing::Values(
        TamperCase{"actor",
                   {absl::StrCat("UPDATE ledger_entry SET actor = 'user:other'", kEntry3)},
                   {"ENTRY_ALTERED 3"}},
        TamperCase{
            "method", {absl::StrCat("UPDATE ledger_entry SET method = '/x'", kEntry3)}, {"ENTRY_ALTERED 3"}},
        TamperCase{"time",
                   {absl::StrCat("UPDATE ledger_entry SET time = time + INTERVAL 1 MICROSECOND", kEntry3)},
                   {"ENTRY_ALTERED 3"}},
        TamperCase{"time before its predecessor's",
                   {absl::StrCat("UPDATE ledger_entry SET time = '2000-01-01 00:00:00'", kEntry3)},
                   {"ENTRY_ALTERED 3", "TIME_REVERSED 3"}},
        TamperCase{"change",
                   {absl::StrCat("UPDATE ledger_entry SET change_kind = 2", kEntry3)},
                   {"ENTRY_ALTERED 3"}},
        TamperCase{"resource_version",
                   {absl::StrCat("UPDATE ledger_entry SET resource_version = 7", kEntry3)},
                   {"ENTRY_ALTERED 3", "RESOURCE_ALTERED 3 workers/w"}},
        TamperCase{"depends_on",
                   {absl::StrCat("UPDATE ledger_entry SET depends_on = 'x'", kEntry3)},
                   {"ENTRY_ALTERED 3"}},
        TamperCase{"hash",
                   {absl::StrCat("UPDATE ledger_entry SET hash = UNHEX(REPEAT('ab', 32))", kEntry3)},
                   {"ENTRY_ALTERED 3", "ENTRY_ALTERED 4"}},
        TamperCase{"payload",
                   {absl::StrCat("UPDATE ledger_entry SET payload = CONCAT(payload, 'x')", kEntry3)},
                   {"PAYLOAD_ALTERED 3 workers/w", "RESOURCE_ALTERED 3 workers/w"}},
        TamperCase{
            "resource name of the payload",
            {absl::StrCat("UPDATE ledger_entry SET resource_name = CONCAT(resource_name, 'x')", kEntry3)},
            {"PAYLOAD_ALTERED 3 workers/wx", "RESOURCE_MISSING 3 workers/wx",
             "RESOURCE_MISSING 0 workers/w"}},
        TamperCase{"salt",
                   {absl::StrCat("UPDATE ledger_entry SET salt = REPEAT('x', 32)", kEntry3)},
                   {"PAYLOAD_ALTERED 3 workers/w"}},
        TamperCase{"salt removed",
                   {absl::StrCat("UPDATE ledger_entry SET salt = NULL", kEntry3)},
                   {"PAYLOAD_ALTERED 3 workers/w"}},
        TamperCase{"resource name removed",
                   {absl::StrCat("UPDATE ledger_entry SET resource_name = NULL", kEntry3)},
                   {"PAYLOAD_ALTERED 3", "RESOURCE_MISSING 3", "RESOURCE_MISSING 0 workers/w"}},
        TamperCase{
            "payload and commitment",
            {absl::StrCat("UPDATE ledger_entry SET payload = '', commitment = REPEAT('x', 32)", kEntry3)},
            {"ENTRY_ALTERED 3", "PAYLOAD_ALTERED 3 workers/w", "RESOURCE_ALTERED 3 workers/w"}},
        TamperCase{"payload blanked without erasure",
                   {absl::StrCat("UPDATE ledger_entry SET payload = NULL, salt = NULL, resource_name = NULL, "
                                 "resource_type = NULL",
                                 kEntry3)},
                   {"PAYLOAD_ALTERED 3", "RESOURCE_MISSING 0 workers/w"}}));

INSTANTIATE_TEST_SUITE_P(
    Rows, TamperTest,
    ::testing::Values(
        TamperCase{"entry deleted in the middle",
                   {absl::StrCat("DELETE FROM ledger_entry", kEntry3)},
                   {"GAP 3", "RESOURCE_MISSING 0 workers/w"}},
        TamperCase{"first entry deleted",
                   {"DELETE FROM ledger_entry WHERE authority = '$' AND revision = 1"},
                   {"GAP 1", "RESOURCE_MISSING 0 authorities/$"}},
        TamperCase{"two entries swapped",
                   {"UPDATE ledger_entry SET revision = 99 WHERE authority = '$' AND revision = 3",
                    "UPDATE ledger_entry SET revision = 3 WHERE authority = '$' AND revision = 4",
                    "UPDATE ledger_entry SET revision = 4 WHERE authority = '$' AND revision = 99"},
                   {"ENTRY_ALTERED 3", "ENTRY_ALTERED 4", "ENTRY_ALTERED 5", "TIME_REVERSED 4"}},
        TamperCase{
            "entry added at the end",
            {"INSERT INTO ledger_entry SELECT authority, 6, incarnation, time, actor, method, change_kind, "
             "resource_version, resource_name, resource_type, payload, salt, commitment, depends_on, "
             "erased_revisions, hash FROM ledger_entry WHERE authority = '$' AND revision = 5"},
            {"ENTRY_ALTERED 6", "HEAD_MISMATCH 5"}},
        TamperCase{"tail cut off, head left",
                   {"DELETE FROM ledger_entry WHERE authority = '$' AND revision = 5"},
                   {"HEAD_MISMATCH 5", "RESOURCE_MISSING 0 workers/v"}},
        TamperCase{"head set back",
                   {"UPDATE ledger_head SET revision = 4 WHERE authority = '$'"},
                   {"HEAD_MISMATCH 4"}},
        TamperCase{"head's hash",
                   {"UPDATE ledger_head SET hash = REPEAT('x', 32) WHERE authority = '$'"},
                   {"HEAD_MISMATCH 5"}},
        TamperCase{"whole ledger deleted",
                   {"DELETE FROM ledger_entry WHERE authority = '$'"},
                   {"HEAD_MISMATCH 5", "RESOURCE_MISSING 0 authorities/$", "RESOURCE_MISSING 0 teams/t",
                    "RESOURCE_MISSING 0 workers/w", "RESOURCE_MISSING 0 workers/w/posts/p",
                    "RESOURCE_MISSING 0 workers/v"}},
        TamperCase{
            "state of a domain row",
            {"UPDATE worker SET state = CONCAT(state, UNHEX('1a00')) WHERE authority = '$' AND id = 'w'"},
            {"RESOURCE_ALTERED 3 workers/w"}},
        TamperCase{"version of a domain row",
                   {"UPDATE worker SET version = 9 WHERE authority = '$' AND id = 'w'"},
                   {"RESOURCE_ALTERED 3 workers/w"}},
        TamperCase{"deletion mark of a domain row",
                   {"UPDATE worker SET deleted = 1 WHERE authority = '$' AND id = 'w'"},
                   {"RESOURCE_ALTERED 3 workers/w"}},
        TamperCase{"index column of a domain row",
                   {"UPDATE post SET team = 'authorities/$/teams/x' WHERE authority = '$'"},
                   {"RESOURCE_ALTERED 4 workers/w/posts/p"}},
        TamperCase{"index column emptied",
                   {"UPDATE post SET team = NULL WHERE authority = '$'"},
                   {"RESOURCE_ALTERED 4 workers/w/posts/p"}},
        TamperCase{"domain row renamed",
                   {"UPDATE worker SET id = 'x' WHERE authority = '$' AND id = 'v'"},
                   {"RESOURCE_MISSING 0 workers/x", "RESOURCE_MISSING 5 workers/v"}},
        TamperCase{"domain row deleted",
                   {"DELETE FROM worker WHERE authority = '$' AND id = 'v'"},
                   {"RESOURCE_MISSING 5 workers/v"}},
        TamperCase{"domain row inserted",
                   {"INSERT INTO worker SELECT authority, parent, 'new', version, deleted, create_time, "
                    "update_time, state "
                    "FROM worker WHERE authority = '$' AND id = 'v'"},
                   {"RESOURCE_MISSING 0 workers/new"}}));

TEST_F(VerifyTest, ACutAndMendedLedgerIsFoundByATokenKeptElsewhere) {
  const std::string before = HeadToken();
  // The last entry goes, the head is set to the one before, and the row it made goes too.
  Tamper("DELETE FROM ledger_entry WHERE authority = '$' AND revision = 5");
  Tamper("DELETE FROM worker WHERE authority = '$' AND id = 'v'");
  Tamper(
      "UPDATE ledger_head h JOIN ledger_entry e ON e.authority = h.authority AND e.revision = 4 "
      "SET h.revision = 4, h.hash = e.hash, h.time = e.time WHERE h.authority = '$'");
  EXPECT_THAT(Faults(), IsEmpty()) << "nothing inside the database can tell";
  EXPECT_THAT(Faults({before}), ElementsAre("TOKEN_UNKNOWN 5"));
  // Written on: now another entry stands at the known place.
  OVERSIGHT_ASSERT_OK(CreateWorker("u"));
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_THAT(Faults({before}), ElementsAre("TOKEN_UNKNOWN 5"));
  EXPECT_THAT(WatchAfter(before), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
}

TEST_F(VerifyTest, KnownTokensMustBeOfThisLedger) {
  pb::Token token = *DecodeToken(HeadToken());
  token.set_authority("authorities/other");
  EXPECT_THAT(service_->Verify(authority_, {EncodeToken(token)}),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(service_->Verify(authority_, {"nonsense"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN"));
}

TEST_F(VerifyTest, AnAuthorityWithoutLedgerIsIntact) {
  const auto report = service_->Verify("never-seen");
  OVERSIGHT_ASSERT_OK(report);
  EXPECT_TRUE(report->intact());
}

TEST_F(VerifyTest, ErasureLeavesTheChainAndNothingElse) {
  const std::string before = HeadToken();
  auto request = Read<workforce::v1::UpdateWorkerRequest>(
      "worker { name: '$/workers/w' external_ids { system: 'hr' id: 'secret-4711' } } request_id: 'r'");
  OVERSIGHT_ASSERT_OK(service_->Call<Worker>("UpdateWorker", request));  // 6
  const auto erased = Erase(root_ + "/workers/w");                       // 7
  OVERSIGHT_ASSERT_OK(erased);
  EXPECT_EQ(erased->erased_entries(), 3) << "two of the worker, one of the post";

  EXPECT_THAT(Faults({before, erased->token()}), IsEmpty());
  EXPECT_THAT(GetWorker("w"), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(LookUp({"workers/w", "workers/v", "workers/w/posts/p", "nonsense/x"})->missing(),
              ElementsAre(root_ + "/nonsense/x", root_ + "/workers/w", root_ + "/workers/w/posts/p"));
  const auto connection = mysql::Connection::Open(service_->database());
  OVERSIGHT_ASSERT_OK(connection);
  for (const char* table : {"ledger_entry", "worker", "post"}) {
    const std::string column = std::string(table) == "ledger_entry" ? "payload" : "state";
    OVERSIGHT_EXPECT_OK(
        (*connection)
            ->Query(absl::StrCat("SELECT COUNT(*) FROM ", table, " WHERE ", column, " LIKE '%secret-4711%'"),
                    {}, [](const mysql::Row& row) {
                      EXPECT_EQ(row.Int64(0), 0);
                      return absl::OkStatus();
                    }));
  }

  const auto entries = service_->Entries(authority_);
  ASSERT_THAT(entries, SizeIs(7));
  for (int revision : {3, 4, 6}) {
    const pb::Entry& entry = entries[static_cast<size_t>(revision - 1)];
    EXPECT_TRUE(entry.erased()) << revision;
    EXPECT_FALSE(entry.has_resource());
    EXPECT_EQ(entry.resource_name(), "");
  }
  EXPECT_EQ(entries[6].change(), pb::CHANGE_ERASED);
  EXPECT_EQ(entries[6].resource_name(), root_ + "/workers/w");
  EXPECT_THAT(entries[6].erased_revisions(), ElementsAre(3, 4, 6));

  EXPECT_THAT(service_->Call<Worker>("UpdateWorker", request),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"))
      << "a request is not answered again from what was erased, nor carried out anew";
  EXPECT_THAT(Erase(root_ + "/workers/w"), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  // The name can be used again, and erased again.
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_EQ(Erase(root_ + "/workers/w")->erased_entries(), 1);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(VerifyTest, ErasureOfWhatWasDeleted) {
  OVERSIGHT_ASSERT_OK(
      Send<Worker>("DeleteWorker", "name: '$/workers/v'", workforce::v1::DeleteWorkerRequest()));
  OVERSIGHT_ASSERT_OK(Erase(root_ + "/workers/v"));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(VerifyTest, BadErasures) {
  for (const std::string& name :
       {std::string("nonsense"), root_, root_ + "x", std::string("authorities//workers/w"),
        absl::StrCat("authorities/", std::string(64, 'a'), "/workers/w")}) {
    EXPECT_THAT(Erase(name), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS")) << name;
  }
  EXPECT_THAT(Erase(root_ + "/workers/w", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Erase(root_ + "/workers/w", std::string(501, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Erase(root_ + "/workers/none"), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_EQ(Revision(), 5);
}

TEST_F(VerifyTest, AnErasureThatIsTakenBackIsFound) {
  OVERSIGHT_ASSERT_OK(Erase(root_ + "/workers/w"));
  Tamper("UPDATE ledger_entry SET erased_revisions = '4' WHERE authority = '$' AND revision = 6");
  EXPECT_THAT(Faults(), IsSupersetOf({"ENTRY_ALTERED 6", "PAYLOAD_ALTERED 3"}));
}

TEST_F(VerifyTest, LookUpChecksItsNames) {
  EXPECT_THAT(LookUp({"workers/w"})->missing(), IsEmpty());
  EXPECT_EQ(LookUp({"workers/w"})->token(), HeadToken());
  pb::LookUpRequest request;
  request.set_parent(root_);
  request.add_names("authorities/other/workers/w");
  EXPECT_THAT(service_->CallLedger<pb::LookUpResponse>("LookUp", request),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  request.set_names(0, root_);
  EXPECT_THAT(service_->CallLedger<pb::LookUpResponse>("LookUp", request)->missing(), IsEmpty())
      << "the authority itself";
  for (int i = 0; i < 5000; ++i) request.add_names(root_);
  EXPECT_THAT(service_->CallLedger<pb::LookUpResponse>("LookUp", request),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(VerifyTest, ANewIncarnationRefusesOlderTokens) {
  const std::string before = HeadToken();
  EXPECT_THAT(WatchAfter(before), IsOk());
  const auto connection = mysql::Connection::Open(service_->database());
  OVERSIGHT_ASSERT_OK(connection);
  OVERSIGHT_ASSERT_OK(StartNewIncarnation(**connection, absl::Now()));
  EXPECT_THAT(WatchAfter(before), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
  const std::string after = HeadToken();
  EXPECT_NE(after, before);
  EXPECT_THAT(WatchAfter(after), IsOk());
  OVERSIGHT_ASSERT_OK(CreateWorker("later"));
  EXPECT_THAT(Faults({before, after}), IsEmpty()) << "the chain itself goes on";
  const auto entries = service_->Entries(authority_);
  EXPECT_THAT(WatchAfter(entries[1].token()), IsOk())
      << "entries from before have tokens of the present incarnation";
}

TEST_F(VerifyTest, ARestoredDatabaseIsNoticed) {
  // What a dump from before the last two writes would bring back.
  Tamper("CREATE TABLE saved_entry AS SELECT * FROM ledger_entry");
  Tamper("CREATE TABLE saved_head AS SELECT * FROM ledger_head");
  Tamper("CREATE TABLE saved_worker AS SELECT * FROM worker");
  OVERSIGHT_ASSERT_OK(CreateWorker("x"));
  const std::string middle = HeadToken();
  OVERSIGHT_ASSERT_OK(CreateWorker("y"));
  const std::string lost = HeadToken();

  pb::WatchRequest request;
  request.add_after(lost);
  auto connected = service_->client().Stream(oversight::testing::InProcessService::LedgerMethod("Watch"),
                                             request, {.deadline = absl::Now() + absl::Seconds(60)});
  pb::WatchResponse message;
  ASSERT_TRUE(connected->Read(&message));

  for (const char* statement :
       {"DELETE FROM ledger_entry", "INSERT INTO ledger_entry SELECT * FROM saved_entry",
        "DELETE FROM worker", "INSERT INTO worker SELECT * FROM saved_worker",
        "UPDATE ledger_head h JOIN saved_head s ON s.authority = h.authority SET h.revision = s.revision, "
        "h.hash = s.hash, "
        "h.time = s.time",
        "DROP TABLE saved_entry", "DROP TABLE saved_head", "DROP TABLE saved_worker"}) {
    Tamper(statement);
  }
  EXPECT_FALSE(connected->Read(&message));
  EXPECT_THAT(connected->Finish(), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
  EXPECT_THAT(Faults(), IsEmpty()) << "the older database is sound in itself";
  EXPECT_THAT(WatchAfter(lost), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
  // And when history has gone on, elsewhere, beyond the lost point.
  for (const char* id : {"z1", "z2", "z3"}) OVERSIGHT_ASSERT_OK(CreateWorker(id));
  EXPECT_THAT(WatchAfter(lost), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
  EXPECT_THAT(WatchAfter(middle), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
  EXPECT_THAT(Faults({lost}), Contains("TOKEN_UNKNOWN 7"));
}

}  // namespace
}  // namespace oversight::ledger
