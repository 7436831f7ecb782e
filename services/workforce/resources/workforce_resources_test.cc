#include <string>

#include "common/resource/testing/fake_write_context.h"
#include "common/resource/testing/order.h"
#include "common/service/service_definition.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/workforce/v1/capacity.pb.h"
#include "oversight/workforce/v1/development.pb.h"
#include "oversight/workforce/v1/governance.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/resources/registry.h"

namespace oversight::workforce {
namespace {

using ::oversight::resource::testing::FakeWriteContext;
using ::oversight::resource::testing::Text;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Field;

class WorkforceResourcesTest : public ::testing::Test {
 protected:
  template <typename Resource>
  absl::Status Write(const std::string& text) {
    return context_.Write(KindOf<Resource>(), Text<Resource>(text));
  }
  template <typename Resource>
  const resource::Kind& KindOf() {
    return *definition_.kinds.FindByType(Resource::descriptor()->full_name());
  }
  absl::Status WriteLink(const std::string& worker, const std::string& supervisor, const std::string& dates,
                         const std::string& id = "l") {
    return Write<v1::SupervisorLink>("name: 'authorities/a/workers/" + worker + "/supervisorLinks/" + id +
                                     "' supervisor: 'authorities/a/workers/" + supervisor +
                                     "' function: FUNCTION_LINE_MANAGEMENT " + dates);
  }

  service::ServiceDefinition definition_ = Definition();
  FakeWriteContext context_{CivilDay(2026, 4, 1)};
};

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

TEST_F(WorkforceResourcesTest, KindsComeAfterThoseToWhichTheyRefer) {
  resource::testing::ExpectOrderOfImport(definition_.kinds);
  EXPECT_EQ(definition_.kinds.kinds().size(), 29u);
}

TEST_F(WorkforceResourcesTest, PostsInOneTeamCannotOverlap) {
  const auto write = [&](const std::string& id, const std::string& team, const std::string& dates) {
    return Write<v1::Post>("name: 'authorities/a/workers/w/posts/" + id +
                           "' career_stage: CAREER_STAGE_SOCIAL_WORKER team: '" + team + "' " + dates);
  };
  const std::string t1 = "authorities/a/teams/t1";
  EXPECT_THAT(write("p1", t1, "start_date { year: 2025 month: 1 day: 1 }"), IsOk());
  const absl::Status overlap = write("p2", t1, "start_date { year: 2026 month: 1 day: 1 }");
  EXPECT_THAT(overlap, StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));
  EXPECT_EQ(MetadataOf(overlap, "conflicting_resource"), "authorities/a/workers/w/posts/p1");

  EXPECT_THAT(write("p2", "authorities/a/teams/t2", "start_date { year: 2026 month: 1 day: 1 }"), IsOk());
  EXPECT_THAT(
      write("p1", t1, "start_date { year: 2025 month: 1 day: 1 } end_date { year: 2026 month: 1 day: 1 }"),
      IsOk())
      << "a post does not overlap its own earlier version";
  EXPECT_THAT(write("p3", t1, "start_date { year: 2026 month: 1 day: 1 }"), IsOk())
      << "starts as the other ends";
}

TEST_F(WorkforceResourcesTest, APostHasTheStageOfItsRole) {
  const auto write = [&](const std::string& fields) {
    return Write<v1::Post>(
        "name: 'authorities/a/workers/w/posts/p' start_date { year: 2025 month: 1 day: 1 } "
        "career_stage: CAREER_STAGE_SOCIAL_WORKER " +
        fields);
  };
  EXPECT_THAT(Write<v1::Role>("name: 'authorities/a/roles/sw' display_name: 'Social Worker' "
                              "career_stage: CAREER_STAGE_SOCIAL_WORKER"),
              IsOk());
  EXPECT_THAT(Write<v1::Role>("name: 'authorities/a/roles/ap' display_name: 'Advanced Practitioner' "
                              "career_stage: CAREER_STAGE_ADVANCED position: POSITION_ADVANCED_PRACTITIONER"),
              IsOk());
  EXPECT_THAT(write(""), IsOk());
  EXPECT_THAT(write("role: 'authorities/a/roles/sw'"), IsOk());
  const absl::Status mismatch = write("role: 'authorities/a/roles/ap'");
  EXPECT_THAT(mismatch, StatusIs(absl::StatusCode::kFailedPrecondition, "ROLE_STAGE_MISMATCH"));
  EXPECT_EQ(MetadataOf(mismatch, "career_stage"), "CAREER_STAGE_ADVANCED");
}

TEST_F(WorkforceResourcesTest, WhatIsExclusiveFollowsEachOther) {
  const auto write = [&](const std::string& id, const std::string& fields) {
    return Write<v1::ProfessionalRegistration>("name: 'authorities/a/workers/w/professionalRegistrations/" +
                                               id + "' " + fields);
  };
  const std::string england = "regulator: REGULATOR_SOCIAL_WORK_ENGLAND ";
  EXPECT_THAT(write("r1", england + "status: STATUS_PENDING start_date { year: 2025 month: 9 day: 1 } "
                                    "end_date { year: 2025 month: 10 day: 1 }"),
              IsOk());
  const absl::Status overlap =
      write("r2", england + "status: STATUS_REGISTERED start_date { year: 2025 month: 9 day: 30 }");
  EXPECT_THAT(overlap, StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));
  EXPECT_EQ(MetadataOf(overlap, "conflicting_resource"),
            "authorities/a/workers/w/professionalRegistrations/r1");
  EXPECT_THAT(write("r2", england + "status: STATUS_REGISTERED start_date { year: 2025 month: 10 day: 1 }"),
              IsOk());
  EXPECT_THAT(write("r3",
                    "regulator: REGULATOR_NURSING_AND_MIDWIFERY_COUNCIL status: STATUS_REGISTERED "
                    "start_date { year: 2025 month: 9 day: 30 }"),
              IsOk())
      << "another regulator";

  const auto capacity = [&](const std::string& id, const std::string& start) {
    return Write<v1::Capacity>("name: 'authorities/a/workers/w/capacities/" + id +
                               "' points: 20 start_date { " + start +
                               " } end_date { year: 2026 month: 1 day: 1 }");
  };
  EXPECT_THAT(capacity("c1", "year: 2025 month: 1 day: 1"), IsOk());
  EXPECT_THAT(capacity("c2", "year: 2025 month: 12 day: 31"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"))
      << "a worker has one capacity at a time";
}

TEST_F(WorkforceResourcesTest, PausesOfAnAsyeFollowEachOther) {
  const auto faults = [&](const std::string& pauses) {
    return FieldsOf(
        Write<v1::AsyeProgramme>("name: 'authorities/a/workers/w/asyeProgrammes/y' "
                                 "start_date { year: 2025 month: 9 day: 10 } " +
                                 pauses));
  };
  const auto pause = [](int from, int to) {
    return "pauses { start_date { year: 2025 month: 9 day: " + std::to_string(from) +
           " } end_date { year: 2025 month: 9 day: " + std::to_string(to) + " } } ";
  };
  EXPECT_THAT(faults(pause(10, 12) + pause(12, 14)), ElementsAre());
  EXPECT_THAT(faults(pause(9, 12)), ElementsAre("pauses[0].start_date"));
  EXPECT_THAT(faults(pause(10, 12) + pause(11, 14)), ElementsAre("pauses[1].start_date"));
  EXPECT_THAT(faults("pauses { start_date { year: 2025 month: 9 day: 10 } } " + pause(20, 21)),
              ElementsAre("pauses[1].start_date"))
      << "the first has no end";
}

TEST_F(WorkforceResourcesTest, DatesKeepTheirOrderAndWhoComesWithWhen) {
  const auto health_check = [&](const std::string& fields) {
    return FieldsOf(
        Write<v1::HealthCheck>("name: 'authorities/a/healthChecks/h' "
                               "started_date { year: 2025 month: 3 day: 1 } " +
                               fields));
  };
  EXPECT_THAT(health_check("completed_date { year: 2025 month: 3 day: 1 } "
                           "published_date { year: 2025 month: 3 day: 1 }"),
              ElementsAre());
  EXPECT_THAT(health_check("completed_date { year: 2025 month: 2 day: 28 }"), ElementsAre("completed_date"));
  EXPECT_THAT(health_check("published_date { year: 2025 month: 2 day: 1 }"), ElementsAre())
      << "without the other date there is no order";

  const auto absence = [&](const std::string& fields) {
    return FieldsOf(
        Write<v1::Absence>("name: 'authorities/a/workers/w/absences/x' "
                           "first_date { year: 2025 month: 3 day: 1 } " +
                           fields));
  };
  const std::string noted = "gap_noted_date { year: 2025 month: 3 day: 9 } ";
  EXPECT_THAT(absence(noted + "gap_noted_by: 'authorities/a/workers/m'"), ElementsAre());
  EXPECT_THAT(absence(noted), ElementsAre("gap_noted_date"));
  EXPECT_THAT(absence("gap_noted_by: 'authorities/a/workers/m'"), ElementsAre("gap_noted_by"));
}

TEST_F(WorkforceResourcesTest, ADomainIsMetOrNot) {
  const auto faults = [&](const std::string& domains) {
    return FieldsOf(Write<v1::CapabilityAssessment>(
        "name: 'authorities/a/workers/w/capabilityAssessments/c' assessed_by: 'authorities/a/workers/s' "
        "level: CAREER_STAGE_END_OF_FIRST_PLACEMENT assessed_date { year: 2025 month: 3 day: 1 } "
        "domains_met: CAPABILITY_DOMAIN_KNOWLEDGE " +
        domains));
  };
  EXPECT_THAT(faults("domains_not_met: CAPABILITY_DOMAIN_PROFESSIONALISM"), ElementsAre());
  EXPECT_THAT(faults("domains_not_met: [CAPABILITY_DOMAIN_PROFESSIONALISM, CAPABILITY_DOMAIN_KNOWLEDGE]"),
              ElementsAre("domains_not_met[1]"));
}

TEST_F(WorkforceResourcesTest, PostsOfDifferentWorkersDoNotMeet) {
  for (const char* worker : {"w1", "w2"}) {
    EXPECT_THAT(
        Write<v1::Post>("name: 'authorities/a/workers/" + std::string(worker) +
                        "/posts/p' career_stage: CAREER_STAGE_SOCIAL_WORKER team: 'authorities/a/teams/t' "
                        "start_date { year: 2025 month: 1 day: 1 }"),
        IsOk());
  }
}

TEST_F(WorkforceResourcesTest, AsyeProgrammesCannotOverlap) {
  const std::string first =
      "name: 'authorities/a/workers/w/asyeProgrammes/y1' "
      "start_date { year: 2024 month: 9 day: 1 } planned_end_date { year: 2025 month: 9 day: 1 }";
  const std::string second =
      "name: 'authorities/a/workers/w/asyeProgrammes/y2' "
      "start_date { year: 2025 month: 9 day: 1 }";
  EXPECT_THAT(Write<v1::AsyeProgramme>(first), IsOk());
  EXPECT_THAT(Write<v1::AsyeProgramme>(second),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"))
      << "it goes on until it is completed";
  EXPECT_THAT(Write<v1::AsyeProgramme>(first + " completed_date { year: 2025 month: 9 day: 1 }"), IsOk());
  EXPECT_THAT(Write<v1::AsyeProgramme>(second), IsOk());
  EXPECT_THAT(FieldsOf(Write<v1::AsyeProgramme>(first + " completed_date { year: 2024 month: 8 day: 31 }")),
              ElementsAre("completed_date"));
}

TEST_F(WorkforceResourcesTest, StudentPlacementsCannotOverlap) {
  const auto write = [&](const std::string& id, const std::string& dates) {
    return Write<v1::StudentPlacement>("name: 'authorities/a/workers/w/studentPlacements/" + id +
                                       "' route: ROUTE_UNIVERSITY " + dates);
  };
  EXPECT_THAT(
      write("p1", "start_date { year: 2025 month: 9 day: 1 } end_date { year: 2026 month: 1 day: 31 }"),
      IsOk());
  EXPECT_THAT(write("p2", "start_date { year: 2026 month: 1 day: 30 }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));
  EXPECT_THAT(write("p2", "start_date { year: 2026 month: 1 day: 31 }"), IsOk());
}

TEST_F(WorkforceResourcesTest, DatesEndNotBeforeTheyBegin) {
  EXPECT_THAT(FieldsOf(Write<v1::Worker>("name: 'authorities/a/workers/w' "
                                         "employment_start_date { year: 2026 month: 1 day: 2 } "
                                         "employment_end_date { year: 2026 month: 1 day: 1 }")),
              ElementsAre("employment_end_date"));
  EXPECT_THAT(FieldsOf(Write<v1::Absence>("name: 'authorities/a/workers/w/absences/x' "
                                          "first_date { year: 2026 month: 1 day: 2 } "
                                          "last_date { year: 2026 month: 1 day: 1 }")),
              ElementsAre("last_date"));
  EXPECT_THAT(Write<v1::Absence>(
                  "name: 'authorities/a/workers/w/absences/x' "
                  "first_date { year: 2026 month: 1 day: 2 } last_date { year: 2026 month: 1 day: 2 }"),
              IsOk());
}

TEST_F(WorkforceResourcesTest, ATeamIsNoPartOfItself) {
  const auto write = [&](const std::string& team, const std::string& parent) {
    return Write<v1::Team>("name: 'authorities/a/teams/" + team + "' display_name: 'T' parent_team: '" +
                           (parent.empty() ? "" : "authorities/a/teams/" + parent) + "'");
  };
  EXPECT_THAT(write("t1", ""), IsOk());
  EXPECT_THAT(write("t2", "t1"), IsOk());
  EXPECT_THAT(write("t3", "t2"), IsOk());
  EXPECT_THAT(write("t1", "t1"), StatusIs(absl::StatusCode::kFailedPrecondition, "TEAM_CYCLE"));
  EXPECT_THAT(write("t1", "t3"), StatusIs(absl::StatusCode::kFailedPrecondition, "TEAM_CYCLE"));
  EXPECT_THAT(write("t3", "t1"), IsOk());
}

TEST_F(WorkforceResourcesTest, SupervisorLinksNeverFormACycle) {
  const std::string from_2025 = "start_date { year: 2025 month: 1 day: 1 }";
  EXPECT_THAT(WriteLink("w1", "w2", from_2025), IsOk());
  EXPECT_THAT(WriteLink("w2", "w3", "start_date { year: 2026 month: 2 day: 28 }"), IsOk());
  const absl::Status cycle = WriteLink("w3", "w1", from_2025);
  EXPECT_THAT(cycle, StatusIs(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE"));
  EXPECT_EQ(MetadataOf(cycle, "path"),
            "authorities/a/workers/w3 > authorities/a/workers/w1 > authorities/a/workers/w2 > "
            "authorities/a/workers/w3");
  EXPECT_EQ(MetadataOf(cycle, "day"), "2026-02-28");

  EXPECT_THAT(WriteLink("w3", "w1", from_2025 + " end_date { year: 2026 month: 2 day: 28 }"), IsOk())
      << "ends as the other begins";
  EXPECT_THAT(WriteLink("w3", "w3", from_2025),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE"));
}

TEST_F(WorkforceResourcesTest, ALinkIsNotMeasuredAgainstItsEarlierVersion) {
  const std::string from_2025 = "start_date { year: 2025 month: 1 day: 1 }";
  EXPECT_THAT(WriteLink("w1", "w2", from_2025), IsOk());
  EXPECT_THAT(WriteLink("w1", "w3", from_2025), IsOk());
  EXPECT_THAT(WriteLink("w2", "w1", from_2025), IsOk()) << "w1 is no longer supervised by w2";
}

TEST_F(WorkforceResourcesTest, CoverCountsAndStandsInForAnother) {
  const std::string from_2025 = "start_date { year: 2025 month: 1 day: 1 }";
  EXPECT_THAT(WriteLink("w1", "w2", from_2025), IsOk());
  EXPECT_THAT(WriteLink("w2", "w1", from_2025 + " cover_for: 'authorities/a/workers/w9'"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE"));
  EXPECT_THAT(FieldsOf(WriteLink("w1", "w3", from_2025 + " cover_for: 'authorities/a/workers/w3'", "cover")),
              ElementsAre("cover_for"));
  EXPECT_THAT(WriteLink("w1", "w3", from_2025 + " cover_for: 'authorities/a/workers/w2'", "cover"), IsOk());
}

}  // namespace
}  // namespace oversight::workforce
