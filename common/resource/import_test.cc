#include "common/resource/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/token.h"
#include "common/resource/testing/workforce_road.h"
#include "google/rpc/error_details.pb.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using workforce::v1::ImportResponse;
using workforce::v1::Post;
using workforce::v1::Worker;

// `CREATED`, or `REFUSED` with the reason of the one ErrorInfo.
std::vector<std::string> Outcomes(const ImportResponse& response) {
  std::vector<std::string> outcomes;
  for (const ImportResponse::Result& result : response.results()) {
    std::string text = ImportResponse::Outcome_Name(result.outcome()).substr(8);
    int error_infos = 0;
    for (const auto& detail : result.error().details()) {
      google::rpc::ErrorInfo info;
      if (!detail.UnpackTo(&info)) continue;
      ++error_infos;
      absl::StrAppend(&text, " ", info.reason());
    }
    EXPECT_EQ(error_infos, result.outcome() == ImportResponse::OUTCOME_REFUSED ? 1 : 0)
        << result.DebugString();
    outcomes.push_back(std::move(text));
  }
  return outcomes;
}

class ImportTest : public testing::WorkforceRoad {
 protected:
  std::vector<std::string> ImportAll(const std::vector<std::string>& records) {
    std::string text;
    for (const std::string& record : records) absl::StrAppend(&text, "records { ", record, " } ");
    const auto response = Import(text);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? Outcomes(*response) : std::vector<std::string>();
  }
  static std::string WorkerRecord(const std::string& id, const std::string& more = "") {
    return absl::StrCat("worker { name: '$/workers/", id, "' ", more, " }");
  }
  static std::string PostRecord(const std::string& worker, const std::string& id, const std::string& dates,
                                const std::string& team = "") {
    return absl::StrCat("post { name: '$/workers/", worker, "/posts/", id,
                        "' career_stage: CAREER_STAGE_ADVANCED ", dates,
                        team.empty() ? "" : absl::StrCat(" team: '$/teams/", team, "'"), " }");
  }
  static std::string TeamRecord(const std::string& id, const std::string& parent = "") {
    return absl::StrCat("team { name: '$/teams/", id, "' display_name: 'T'",
                        parent.empty() ? "" : absl::StrCat(" parent_team: '$/teams/", parent, "'"), " }");
  }
  static std::string LinkRecord(const std::string& worker, const std::string& supervisor) {
    return absl::StrCat("supervisor_link { name: '$/workers/", worker,
                        "/supervisorLinks/l' supervisor: '$/workers/", supervisor,
                        "' function: FUNCTION_LINE_MANAGEMENT start_date { year: 2025 month: 1 day: 1 } }");
  }
  static std::string Dates(int from, int until = 0) {
    return absl::StrCat("start_date { year: ", from, " month: 1 day: 1 } ",
                        until == 0 ? "" : absl::StrCat("end_date { year: ", until, " month: 1 day: 1 }"));
  }
};

TEST_F(ImportTest, EachRecordHasItsOutcome) {
  EXPECT_THAT(ImportAll({WorkerRecord("changed"), WorkerRecord("same"), WorkerRecord("goes"),
                         WorkerRecord("returns")}),
              Each("CREATED"));
  EXPECT_THAT(ImportAll({absl::StrCat(WorkerRecord("returns"), " retire: true")}), ElementsAre("RETIRED"));
  EXPECT_THAT(
      ImportAll(
          {WorkerRecord("new"),
           WorkerRecord("changed", "employment_start_date { year: 2024 month: 1 day: 1 }"),
           WorkerRecord("same"), WorkerRecord("returns"), absl::StrCat(WorkerRecord("goes"), " retire: true"),
           absl::StrCat(WorkerRecord("never.was"), " retire: true"),
           WorkerRecord("bad", "employment_start_date { year: 2025 month: 2 day: 29 }"), "retire: false"}),
      ElementsAre("CREATED", "UPDATED", "UNCHANGED", "RESTORED", "RETIRED", "UNCHANGED",
                  "REFUSED INVALID_FIELDS", "REFUSED INVALID_FIELDS"));
  EXPECT_TRUE(GetWorker("goes")->has_delete_time());
  EXPECT_FALSE(GetWorker("returns")->has_delete_time());
}

TEST_F(ImportTest, ImportingAgainChangesNothing) {
  const std::vector<std::string> records = {TeamRecord("t"),
                                            WorkerRecord("w"),
                                            WorkerRecord("s"),
                                            PostRecord("w", "p", Dates(2024), "t"),
                                            LinkRecord("w", "s"),
                                            "absence { name: '$/workers/w/absences/x' "
                                            "first_date { year: 2025 month: 1 day: 1 } }"};
  EXPECT_THAT(ImportAll(records), Each("CREATED"));
  const int64_t revision = Revision();
  EXPECT_EQ(revision, 1 + static_cast<int64_t>(records.size()));
  EXPECT_THAT(ImportAll(records), Each("UNCHANGED"));
  EXPECT_EQ(Revision(), revision);
}

TEST_F(ImportTest, TheTokenIsThePointAfterTheLastRecord) {
  const auto response =
      Import("records { worker { name: '$/workers/w' } } records { worker { name: '$/workers/v' } }");
  OVERSIGHT_ASSERT_OK(response);
  const auto token = ledger::DecodeToken(response->token());
  OVERSIGHT_ASSERT_OK(token);
  EXPECT_EQ(token->revision(), Revision());
  EXPECT_EQ(token->revision(), 3);
}

TEST_F(ImportTest, RecordsReferToEachOtherInAnyOrder) {
  std::vector<std::string> records = {LinkRecord("w", "s"),
                                      PostRecord("w", "p", Dates(2024), "below"),
                                      TeamRecord("below", "above"),
                                      TeamRecord("above"),
                                      WorkerRecord("w"),
                                      WorkerRecord("s")};
  EXPECT_THAT(ImportAll(records), Each("CREATED"));
}

TEST_F(ImportTest, ARefusedRecordHurtsOnlyThoseThatReferToIt) {
  EXPECT_THAT(
      ImportAll({TeamRecord("bad", "none"),                   // refers to nothing that exists
                 TeamRecord("below", "bad"),                  // so its part dangles
                 PostRecord("w", "p", Dates(2024), "below"),  // and who works there
                 PostRecord("w", "q", Dates(2024), "good"),
                 PostRecord("v", "p", Dates(2024)),  // this worker does not exist
                 TeamRecord("good"), WorkerRecord("w")}),
      ElementsAre("REFUSED REFERENCE_NOT_FOUND", "REFUSED REFERENCE_NOT_FOUND", "REFUSED REFERENCE_NOT_FOUND",
                  "CREATED", "REFUSED PARENT_NOT_FOUND", "CREATED", "CREATED"));
}

TEST_F(ImportTest, ARecordIsNotRefusedForOneThatIsRefusedItself) {
  // The first two overlap, but the one that came first names a team that does not exist.
  EXPECT_THAT(
      ImportAll({WorkerRecord("w"),
                 "student_placement { name: '$/workers/w/studentPlacements/a' route: ROUTE_APPRENTICE "
                 "start_date { year: 2025 month: 1 day: 1 } }",
                 LinkRecord("w", "nobody")}),
      ElementsAre("CREATED", "CREATED", "REFUSED REFERENCE_NOT_FOUND"));
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  OVERSIGHT_ASSERT_OK(CreateWorker("x"));
  // The cycle is closed by a link whose other end was refused.
  EXPECT_THAT(
      ImportAll(
          {WorkerRecord("y"),
           absl::StrCat("supervisor_link { name: '$/workers/x/supervisorLinks/l' supervisor: '$/workers/y' "
                        "cover_for: '$/workers/nobody' function: FUNCTION_LINE_MANAGEMENT ",
                        Dates(2025), " }"),
           LinkRecord("y", "x")}),
      ElementsAre("CREATED", "REFUSED REFERENCE_NOT_FOUND", "CREATED"));
}

TEST_F(ImportTest, AdjoiningPeriodsFitInAnyOrder) {
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  EXPECT_THAT(ImportAll({WorkerRecord("w"), PostRecord("w", "a", Dates(2020), "t")}), Each("CREATED"));
  // B begins where A now ends, and stands before it; C and D are in their way in turn.
  EXPECT_THAT(
      ImportAll({PostRecord("w", "d", Dates(2024), "t"), PostRecord("w", "b", Dates(2021, 2023), "t"),
                 PostRecord("w", "c", Dates(2023, 2024), "t"), PostRecord("w", "a", Dates(2020, 2021), "t")}),
      ElementsAre("CREATED", "CREATED", "CREATED", "UPDATED"));
  EXPECT_THAT(ImportAll({PostRecord("w", "e", Dates(2022), "t")}), ElementsAre("REFUSED PERIOD_OVERLAP"));
}

TEST_F(ImportTest, TheSameResourceTwiceInACall) {
  EXPECT_THAT(
      ImportAll({WorkerRecord("w"), WorkerRecord("w"), absl::StrCat(WorkerRecord("w"), " retire: true")}),
      ElementsAre("CREATED", "REFUSED INVALID_FIELDS", "REFUSED INVALID_FIELDS"));
}

TEST_F(ImportTest, NamesMustLieInTheAuthority) {
  EXPECT_THAT(ImportAll({"worker { name: 'authorities/other/workers/w' }", "worker { name: 'nonsense' }",
                         "worker { }", "authority { name: 'authorities/other' display_name: 'x' }"}),
              ElementsAre("REFUSED INVALID_FIELDS", "REFUSED INVALID_NAME", "REFUSED INVALID_NAME",
                          "REFUSED INVALID_FIELDS"));
}

TEST_F(ImportTest, AWholeAuthorityInOneCall) {
  authority_ = absl::StrCat("whole-", authority_);
  root_ = absl::StrCat("authorities/", authority_);
  EXPECT_THAT(ImportAll({PostRecord("w", "p", Dates(2024)), WorkerRecord("w"),
                         "authority { name: '$' display_name: 'New' }"}),
              Each("CREATED"));
}

TEST_F(ImportTest, AnAuthorityThatDoesNotExist) {
  authority_ = absl::StrCat("none-", authority_);
  root_ = absl::StrCat("authorities/", authority_);
  EXPECT_THAT(ImportAll({WorkerRecord("w")}), ElementsAre("REFUSED PARENT_NOT_FOUND"));
  EXPECT_EQ(Revision(), 0);
}

TEST_F(ImportTest, ParentsAreRetiredAfterTheirChildren) {
  EXPECT_THAT(ImportAll({WorkerRecord("w"), PostRecord("w", "p", Dates(2024))}), Each("CREATED"));
  EXPECT_THAT(ImportAll({absl::StrCat(WorkerRecord("w"), " retire: true")}),
              ElementsAre("REFUSED HAS_CHILDREN"));
  EXPECT_THAT(ImportAll({absl::StrCat(WorkerRecord("w"), " retire: true"),
                         absl::StrCat("post { name: '$/workers/w/posts/p' } retire: true")}),
              ElementsAre("RETIRED", "RETIRED"))
      << "in either order";
  EXPECT_THAT(ImportAll({WorkerRecord("w"), PostRecord("w", "p", Dates(2024))}), Each("RESTORED"));
}

TEST_F(ImportTest, WhatIsRetiredInACallCannotBeReferredTo) {
  EXPECT_THAT(ImportAll({WorkerRecord("w"), TeamRecord("t")}), Each("CREATED"));
  EXPECT_THAT(
      ImportAll({PostRecord("w", "p", Dates(2024), "t"), absl::StrCat(TeamRecord("t"), " retire: true")}),
      ElementsAre("REFUSED REFERENCE_NOT_FOUND", "RETIRED"));
}

TEST_F(ImportTest, ImmutableFieldsAndRulesHold) {
  for (const char* id : {"a", "b"}) OVERSIGHT_ASSERT_OK(CreateWorker(id));
  OVERSIGHT_ASSERT_OK(CreateLink("a", "b"));
  EXPECT_THAT(ImportAll({LinkRecord("b", "a"), WorkerRecord("c")}),
              ElementsAre("REFUSED SUPERVISOR_CYCLE", "CREATED"));
  EXPECT_THAT(ImportAll({WorkerRecord("x"), WorkerRecord("y"), LinkRecord("x", "y"), LinkRecord("y", "x")}),
              ElementsAre("CREATED", "CREATED", "CREATED", "REFUSED SUPERVISOR_CYCLE"));
}

TEST_F(ImportTest, TwoThousandRecordsAreTheMost) {
  workforce::v1::ImportRequest request;
  request.set_parent(root_);
  for (int i = 0; i < 2001; ++i)
    request.add_records()->mutable_worker()->set_name(absl::StrCat(root_, "/workers/w", i));
  EXPECT_THAT(service_->Call<ImportResponse>("Import", request),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_EQ(Revision(), 1);
  request.mutable_records()->RemoveLast();
  const auto response = service_->Call<ImportResponse>("Import", request);
  OVERSIGHT_ASSERT_OK(response);
  EXPECT_THAT(Outcomes(*response), Each("CREATED"));
  EXPECT_EQ(Revision(), 2001);
  const auto again = service_->Call<ImportResponse>("Import", request);
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_THAT(Outcomes(*again), Each("UNCHANGED"));
  EXPECT_EQ(Revision(), 2001);
}

TEST_F(ImportTest, ValidateOnlyTellsTheOutcomesAndWritesNothing) {
  const auto response = Import(absl::StrCat("records { ", WorkerRecord("w"), " } records { ",
                                            PostRecord("w", "p", Dates(2024), "none"), " }"),
                               "validate_only: true");
  OVERSIGHT_ASSERT_OK(response);
  EXPECT_THAT(Outcomes(*response), ElementsAre("CREATED", "REFUSED REFERENCE_NOT_FOUND"));
  EXPECT_EQ(Revision(), 1);
  EXPECT_THAT(GetWorker("w"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ImportTest, AnEmptyCallDoesNothing) {
  EXPECT_THAT(ImportAll({}), ElementsAre());
  EXPECT_EQ(Revision(), 1);
  EXPECT_THAT(Send<ImportResponse>("Import", "parent: 'nonsense'", workforce::v1::ImportRequest()),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace oversight::resource
