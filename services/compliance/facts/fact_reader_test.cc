#include "services/compliance/facts/fact_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"
#include "google/protobuf/text_format.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::compliance {
namespace {

using engine::AuthorityFacts;
using engine::DirtySet;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::StatusIs;

class FactReaderTest : public ::testing::Test {
 protected:
  template <typename Resource>
  DirtySet Put(const std::string& name, const std::string& text) {
    Resource resource;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &resource)) << text;
    google::protobuf::Any any;
    any.PackFrom(resource);
    const auto dirty = PutResource(facts_, "authorities/example/" + name, any);
    EXPECT_TRUE(dirty.ok()) << dirty.status();
    return dirty.ok() ? *dirty : DirtySet{};
  }
  // A worker and a case with one of everything.
  void PutOneOfEach() {
    const std::string period =
        " start_date { year: 2026 month: 1 day: 5 } end_date { year: 2026 month: 2 day: 5 }";
    Put<workforce::v1::Team>("teams/t", "service_area: SERVICE_AREA_CHILDREN_WITH_DISABILITIES");
    Put<workforce::v1::Worker>("workers/w", "employment_start_date { year: 2026 month: 1 day: 5 }");
    Put<workforce::v1::Post>(
        "workers/w/posts/p",
        "career_stage: CAREER_STAGE_NEWLY_QUALIFIED team: 'authorities/example/teams/t'" + period);
    Put<workforce::v1::AsyeProgramme>("workers/w/asyeProgrammes/a",
                                      "start_date { year: 2026 month: 1 day: 5 } "
                                      "pauses { start_date { year: 2026 month: 1 day: 12 } }");
    Put<workforce::v1::StudentPlacement>("workers/w/studentPlacements/s", "route: ROUTE_UNIVERSITY" + period);
    Put<workforce::v1::SupervisorLink>(
        "workers/w/supervisorLinks/l",
        "supervisor: 'authorities/example/workers/m' function: FUNCTION_PROFESSIONAL" + period);
    Put<workforce::v1::Absence>(
        "workers/w/absences/a",
        "first_date { year: 2026 month: 1 day: 5 } last_date { year: 2026 month: 1 day: 6 }");
    Put<caseload::v1::Case>("cases/c", "open_periods { start_date { year: 2026 month: 1 day: 5 } }");
    Put<caseload::v1::StatusPeriod>("cases/c/statusPeriods/s", "status: CASE_STATUS_LOOKED_AFTER" + period);
    Put<caseload::v1::Placement>("cases/c/placements/p", "respite: true new_address: true" + period);
    Put<caseload::v1::ReducedFrequencyAgreement>("cases/c/reducedFrequencyAgreements/r",
                                                 "low_risk: true" + period);
    Put<caseload::v1::Allocation>("cases/c/allocations/a",
                                  "worker: 'authorities/example/workers/w' "
                                  "role: ALLOCATION_ROLE_KEYWORKER" +
                                      period);
    Put<supervision::v1::Session>("sessions/s",
                                  "supervisee: 'authorities/example/workers/w' kind: KIND_GROUP state: "
                                  "STATE_CANCELLED date { year: 2026 month: 1 day: 7 }");
    Put<supervision::v1::CaseDiscussion>("sessions/s/caseDiscussions/d",
                                         "case: 'authorities/example/cases/c'");
  }
  const engine::WorkerRecord& Worker() { return facts_.worker(facts_.FindWorker("workers/w")->index); }
  const engine::CaseRecord& Case() { return facts_.case_record(facts_.FindCase("cases/c")->index); }
  // How many facts of each kind hang on the worker and on the case.
  std::vector<size_t> OfWorker() {
    return {Worker().known,          Worker().posts.size(),
            Worker().asye.size(),    Worker().student_placements.size(),
            Worker().links.size(),   Worker().absences.size(),
            Worker().sessions.size()};
  }
  std::vector<size_t> OfCase() {
    return {Case().known,
            Case().open.size(),
            Case().statuses.size(),
            Case().placements.size(),
            Case().agreements.size(),
            Case().allocations.size(),
            Case().discussions.size()};
  }

  AuthorityFacts facts_;
};

TEST_F(FactReaderTest, NothingOfOneRecordIsReadIntoTheNext) {
  FactReader reader;
  const auto put = [&](const std::string& id, const std::string& text) {
    workforce::v1::Post post;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &post)) << text;
    google::protobuf::Any any;
    any.PackFrom(post);
    EXPECT_TRUE(reader.Put(facts_, "authorities/example/workers/w/posts/" + id, any).ok());
  };
  put("full",
      "career_stage: CAREER_STAGE_NEWLY_QUALIFIED team: 'authorities/example/teams/t' case_holding: true "
      "start_date { year: 2026 month: 1 day: 5 } end_date { year: 2026 month: 2 day: 5 }");
  put("bare", "start_date { year: 2026 month: 3 day: 1 }");
  google::protobuf::Any broken;
  broken.PackFrom(workforce::v1::Post());
  broken.set_value("\xff\xff\xff");
  EXPECT_THAT(reader.Put(facts_, "authorities/example/workers/w/posts/broken", broken),
              StatusIs(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE"));
  put("last", "case_holding: true");
  ASSERT_EQ(Worker().posts.size(), 3u);
  const engine::Post& bare = Worker().posts[1];
  EXPECT_EQ(bare.career_stage, engine::CareerStage::kUnspecified);
  EXPECT_EQ(bare.team, engine::kNobody);
  EXPECT_FALSE(bare.case_holding);
  EXPECT_EQ(bare.period, (Period{CivilDay(2026, 3, 1), CivilDay::Max()}));
  EXPECT_EQ(Worker().posts[2].period, (Period{CivilDay::Min(), CivilDay::Max()}));
}

TEST_F(FactReaderTest, EveryKindOfResourceBecomesAFact) {
  PutOneOfEach();
  EXPECT_THAT(OfWorker(), ElementsAre(1, 1, 1, 1, 1, 1, 1));
  EXPECT_THAT(OfCase(), ElementsAre(1, 1, 1, 1, 1, 1, 1));
  const Period period{CivilDay(2026, 1, 5), CivilDay(2026, 2, 5)};
  EXPECT_EQ(Worker().employment_start, CivilDay(2026, 1, 5));
  EXPECT_EQ(Worker().posts[0].period, period);
  EXPECT_EQ(Worker().posts[0].career_stage, engine::CareerStage::kNewlyQualified);
  EXPECT_EQ(facts_.team_area(Worker().posts[0].team), engine::ServiceArea::kChildrenWithDisabilities);
  EXPECT_EQ(Worker().asye[0].period, (Period{CivilDay(2026, 1, 5), CivilDay::Max()}));
  EXPECT_THAT(Worker().asye[0].pauses, ElementsAre(Period{CivilDay(2026, 1, 12), CivilDay::Max()}));
  EXPECT_EQ(Worker().student_placements[0].route, engine::StudentRoute::kUniversity);
  EXPECT_EQ(Worker().links[0].function, engine::SupervisorFunction::kProfessional);
  EXPECT_EQ(Worker().absences[0].days, (Period{CivilDay(2026, 1, 5), CivilDay(2026, 1, 7)}));
  EXPECT_EQ(facts_.session(Worker().sessions[0].id).kind, engine::SessionKind::kGroup);
  EXPECT_EQ(facts_.session(Worker().sessions[0].id).state, engine::SessionState::kCancelled);
  EXPECT_EQ(Case().open[0], (Period{CivilDay(2026, 1, 5), CivilDay::Max()}));
  EXPECT_EQ(Case().statuses[0].status, engine::CaseStatus::kLookedAfter);
  EXPECT_TRUE(Case().placements[0].respite);
  EXPECT_TRUE(Case().placements[0].new_address);
  EXPECT_TRUE(Case().allocations[0].Holds());
  EXPECT_EQ(Case().discussions[0].day, CivilDay(2026, 1, 7));
}

TEST_F(FactReaderTest, WhatIsDeletedIsForgottenAndWhatHangsOnItWaits) {
  PutOneOfEach();
  EXPECT_THAT(RemoveResource(facts_, "authorities/example/workers/w").All(),
              ElementsAre(*facts_.FindWorker("workers/w")));
  RemoveResource(facts_, "authorities/example/cases/c/placements/p");
  EXPECT_THAT(OfWorker(), ElementsAre(0, 1, 1, 1, 1, 1, 1));
  EXPECT_THAT(OfCase(), ElementsAre(1, 1, 1, 0, 1, 1, 1));
  EXPECT_THAT(RemoveResource(facts_, "authorities/example/workers/unheard-of").All(), IsEmpty());
  EXPECT_THAT(RemoveResource(facts_, "authorities/example/policyAssignments/a").All(), IsEmpty());
}

TEST_F(FactReaderTest, WhatIsErasedTakesAlongWhatLiesBeneathIt) {
  PutOneOfEach();
  Put<workforce::v1::Worker>("workers/w2", "");
  // The case as well: whether a discussion counts depends on the links of the worker.
  const std::vector<engine::Subject> touched = {*facts_.FindWorker("workers/w"), *facts_.FindCase("cases/c"),
                                                *facts_.Find(engine::FactKind::kPost, "workers/w/posts/p")};
  const DirtySet dirty = EraseResource(facts_, "authorities/example/workers/w");
  EXPECT_THAT(dirty.All(), ::testing::IsSupersetOf(touched));
  // The session is the supervision service's to erase.
  EXPECT_THAT(OfWorker(), ElementsAre(0, 0, 0, 0, 0, 0, 1));
  EXPECT_TRUE(facts_.worker(facts_.FindWorker("workers/w2")->index).known);
  EXPECT_THAT(OfCase(), ElementsAre(1, 1, 1, 1, 1, 1, 1));
}

TEST_F(FactReaderTest, TheNameOfWhatIsErasedIsForgottenOnceNoRecordSaysIt) {
  PutOneOfEach();
  const engine::Subject worker = *facts_.FindWorker("workers/w");
  EraseResource(facts_, "authorities/example/workers/w");
  EXPECT_EQ(facts_.Find(engine::FactKind::kPost, "workers/w/posts/p"), std::nullopt);
  // A session and an allocation still say whose they are: data of theirs, erased with them.
  EXPECT_EQ(facts_.Name(worker), "workers/w");
  EraseResource(facts_, "authorities/example/sessions/s");
  EXPECT_EQ(facts_.Name(worker), "workers/w");
  EraseResource(facts_, "authorities/example/cases/c");
  EXPECT_EQ(facts_.Name(worker), "");
  EXPECT_EQ(facts_.FindWorker("workers/w"), std::nullopt);
  EXPECT_EQ(facts_.FindCase("cases/c"), std::nullopt);
  // Whoever is entered anew under that name is somebody else.
  Put<workforce::v1::Worker>("workers/w", "employment_start_date { year: 2026 month: 3 day: 2 }");
  EXPECT_NE(*facts_.FindWorker("workers/w"), worker);
  EXPECT_THAT(OfWorker(), ElementsAre(1, 0, 0, 0, 0, 0, 0));
}

TEST_F(FactReaderTest, OneLedgerIsForgottenAndTheOthersStay) {
  PutOneOfEach();
  facts_.SetRecordsCompleteFrom(CivilDay(2025, 1, 1));
  EXPECT_TRUE(RemoveAllOf(facts_, "supervision").everyone);
  EXPECT_THAT(OfWorker(), ElementsAre(1, 1, 1, 1, 1, 1, 0));
  EXPECT_THAT(OfCase(), ElementsAre(1, 1, 1, 1, 1, 1, 0));
  RemoveAllOf(facts_, "caseload");
  EXPECT_THAT(OfCase(), ElementsAre(0, 1, 0, 0, 0, 0, 0));
  EXPECT_EQ(facts_.records_complete_from(), CivilDay(2025, 1, 1));
  RemoveAllOf(facts_, "workforce");
  EXPECT_THAT(OfWorker(), ElementsAre(0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(facts_.records_complete_from(), CivilDay::Min());
  // Read anew, they are as before.
  PutOneOfEach();
  EXPECT_THAT(OfWorker(), ElementsAre(1, 1, 1, 1, 1, 1, 1));
  EXPECT_THAT(OfCase(), ElementsAre(1, 1, 1, 1, 1, 1, 1));
}

TEST_F(FactReaderTest, BytesThatAreNotOfTheirTypeAreRefused) {
  google::protobuf::Any any;
  any.PackFrom(workforce::v1::Worker());
  any.set_value("\xff\xff\xff");
  EXPECT_THAT(PutResource(facts_, "authorities/example/workers/w", any),
              StatusIs(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE"));
  EXPECT_EQ(facts_.worker_count(), 0u);
}

TEST(ResourceNamesTest, WithinTheAuthorityAndBack) {
  EXPECT_EQ(RelativeName("authorities/example/workers/w"), "workers/w");
  EXPECT_EQ(RelativeName("authorities/example"), "");
  EXPECT_EQ(FullName("example", "workers/w"), "authorities/example/workers/w");
  EXPECT_EQ(FullName("example", ""), "");
}

}  // namespace
}  // namespace oversight::compliance
