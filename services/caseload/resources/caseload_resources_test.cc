#include <string>

#include "common/resource/testing/fake_write_context.h"
#include "common/resource/testing/order.h"
#include "common/service/service_definition.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/caseload/v1/casework.pb.h"
#include "oversight/caseload/v1/risk.pb.h"
#include "oversight/caseload/v1/workload.pb.h"
#include "services/caseload/resources/registry.h"

namespace oversight::caseload {
namespace {

using ::oversight::resource::testing::FakeWriteContext;
using ::oversight::resource::testing::Text;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;

const char kFrom1[] = " start_date { year: 2026 month: 1 day: 1 }";
const char kFrom31[] = " start_date { year: 2026 month: 1 day: 31 }";
const char k1To31[] = " start_date { year: 2026 month: 1 day: 1 } end_date { year: 2026 month: 1 day: 31 }";

class CaseloadResourcesTest : public ::testing::Test {
 protected:
  // Writes a resource below case `c` of authority `a`, `statusPeriods/s1`.
  template <typename Resource>
  absl::Status Write(const std::string& below, const std::string& text) {
    const auto& kind = *definition_.kinds.FindByType(Resource::descriptor()->full_name());
    return context_.Write(kind, Text<Resource>("name: 'authorities/a/cases/c" + below + "' " + text));
  }
  service::ServiceDefinition definition_ = Definition();
  FakeWriteContext context_{CivilDay(2026, 4, 1)};
};

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}
auto IsOverlap() { return StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"); }

TEST_F(CaseloadResourcesTest, KindsComeAfterThoseToWhichTheyRefer) {
  resource::testing::ExpectOrderOfImport(definition_.kinds);
  EXPECT_EQ(definition_.kinds.kinds().size(), 17u);
  EXPECT_THAT(definition_.references, ElementsAre("workforce"));
}

TEST_F(CaseloadResourcesTest, OpenPeriodsFollowEachOther) {
  const std::string january = "open_periods {" + std::string(k1To31) + "} ";
  EXPECT_THAT(Write<v1::Case>("", "kind: KIND_CHILD " + january + "open_periods {" + kFrom31 + "}"), IsOk());
  EXPECT_THAT(FieldsOf(Write<v1::Case>("", "kind: KIND_CHILD " + january + "open_periods {" + kFrom1 + "}")),
              ElementsAre("open_periods[1].start_date"));
  EXPECT_THAT(
      FieldsOf(Write<v1::Case>("", "kind: KIND_CHILD open_periods { } open_periods {" + std::string(kFrom1) +
                                       " end_date { year: 2025 month: 12 day: 31 } }")),
      ElementsAre("open_periods[0].start_date", "open_periods[1].end_date"))
      << "each period is checked by itself";
}

TEST_F(CaseloadResourcesTest, PeriodsOfTheSameStatusCannotOverlap) {
  const std::string protection = "status: CASE_STATUS_CHILD_PROTECTION";
  EXPECT_THAT(Write<v1::StatusPeriod>("/statusPeriods/s1", protection + k1To31), IsOk());
  const absl::Status overlap = Write<v1::StatusPeriod>("/statusPeriods/s2", protection + kFrom1);
  EXPECT_THAT(overlap, IsOverlap());
  EXPECT_EQ(MetadataOf(overlap, "conflicting_resource"), "authorities/a/cases/c/statusPeriods/s1");
  EXPECT_THAT(Write<v1::StatusPeriod>("/statusPeriods/s2", protection + kFrom31), IsOk());
  EXPECT_THAT(
      Write<v1::StatusPeriod>("/statusPeriods/s3", "status: CASE_STATUS_LOOKED_AFTER" + std::string(kFrom1)),
      IsOk());
}

TEST_F(CaseloadResourcesTest, OnlyRespitePlacementsOverlap) {
  const std::string foster = "type: PLACEMENT_TYPE_FOSTER";
  EXPECT_THAT(Write<v1::Placement>("/placements/p1", foster + kFrom1), IsOk());
  EXPECT_THAT(Write<v1::Placement>("/placements/p2", foster + kFrom31), IsOverlap());
  EXPECT_THAT(Write<v1::Placement>("/placements/p2", foster + " respite: true" + kFrom31), IsOk());
  EXPECT_THAT(Write<v1::Placement>("/placements/p2", foster + kFrom31), IsOverlap()) << "no longer respite";
}

TEST_F(CaseloadResourcesTest, AReducedFrequencyIsAgreedInAdvance) {
  const std::string agreement =
      "ground: GROUND_SUPPORT_ONLY agreed_by: 'authorities/a/workers/m'" + std::string(kFrom31);
  const std::string below = "/reducedFrequencyAgreements/r";
  EXPECT_THAT(
      Write<v1::ReducedFrequencyAgreement>(below, agreement + " agreed_date { year: 2026 month: 1 day: 31 }"),
      IsOk())
      << "without low risk it has no effect, yet it is a fact";
  EXPECT_THAT(FieldsOf(Write<v1::ReducedFrequencyAgreement>(
                  below, agreement + " agreed_date { year: 2026 month: 2 day: 1 }")),
              ElementsAre("agreed_date"));
}

TEST_F(CaseloadResourcesTest, ACaseHasOneKeyworkerAtATime) {
  const std::string keyworker = "role: ALLOCATION_ROLE_KEYWORKER worker: 'authorities/a/workers/w1'";
  EXPECT_THAT(Write<v1::Allocation>("/allocations/a1", keyworker + k1To31), IsOk());
  EXPECT_THAT(Write<v1::Allocation>("/allocations/a2", keyworker + kFrom1), IsOverlap());
  EXPECT_THAT(Write<v1::Allocation>("/allocations/a2", keyworker + kFrom31), IsOk());
  EXPECT_THAT(Write<v1::Allocation>("/allocations/a3",
                                    "role: ALLOCATION_ROLE_COWORKER covers_keyworker: true "
                                    "worker: 'authorities/a/workers/w2'" +
                                        std::string(kFrom1)),
              IsOk());
}

TEST_F(CaseloadResourcesTest, MeetingsAreHeldOnceAndNumberedInTheirOrder) {
  const auto write = [&](const std::string& id, const std::string& state, int day,
                         const std::string& more = "") {
    return Write<v1::Meeting>("/meetings/" + id,
                              "kind: KIND_CHILD_AND_FAMILY_PROGRESS state: STATE_" + state +
                                  " date { year: 2026 month: 4 day: " + std::to_string(day) + " } " + more);
  };
  const auto held = [&](const std::string& id, int day, int number) {
    return write(id, "HELD", day,
                 "chair: 'authorities/a/workers/s' sequence_number: " + std::to_string(number));
  };
  EXPECT_THAT(write("m1", "SCHEDULED", 2), IsOk());
  EXPECT_THAT(FieldsOf(held("m1", 2, 1)), ElementsAre("meeting.date")) << "tomorrow";
  EXPECT_THAT(held("m1", 1, 2), IsOk()) << "today";
  const absl::Status again = write("m1", "SCHEDULED", 2);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_EQ(MetadataOf(again, "state"), "STATE_HELD");
  EXPECT_THAT(FieldsOf(write("m2", "HELD", 1)), ElementsAre("chair"));
  EXPECT_THAT(FieldsOf(write("m2", "CANCELLED", 1, "sequence_number: 1")), ElementsAre("sequence_number"));

  context_.set_importing(true);
  const absl::Status number = held("m2", 2, 1);
  EXPECT_THAT(number, StatusIs(absl::StatusCode::kFailedPrecondition, "MEETING_NUMBER_CONFLICT"));
  EXPECT_EQ(MetadataOf(number, "conflicting_resource"), "authorities/a/cases/c/meetings/m1");
  EXPECT_THAT(held("m2", 30, 3), IsOk()) << "an import is not asked about today";
  EXPECT_THAT(write("m2", "CANCELLED", 30), IsOk()) << "and may correct a state";
}

TEST_F(CaseloadResourcesTest, AStricterFrequencySaysHowOften) {
  const auto faults = [&](const std::string& interval) {
    return FieldsOf(
        Write<v1::StricterFrequencyAgreement>("/stricterFrequencyAgreements/s", interval + kFrom1));
  };
  EXPECT_THAT(faults(""), ElementsAre("interval_days"));
  EXPECT_THAT(faults("interval_days: 14"), ElementsAre());
  EXPECT_THAT(faults("interval_months: 1"), ElementsAre());
  EXPECT_THAT(faults("interval_months: 13"), ElementsAre("interval_months"));
}

TEST_F(CaseloadResourcesTest, AWorkloadSchemeWeighsEachStatusOnce) {
  const auto faults = [&](const std::string& weights) {
    return FieldsOf(context_.Write(*definition_.kinds.FindByType("oversight.caseload.v1.WorkloadScheme"),
                                   Text<v1::WorkloadScheme>("name: 'authorities/a/workloadSchemes/s' "
                                                            "full_time_capacity: 20" +
                                                            (kFrom1 + (" " + weights)))));
  };
  EXPECT_THAT(faults("status_weights { status: CASE_STATUS_CHILD_IN_NEED points: 1 } "
                     "status_weights { status: CASE_STATUS_LOOKED_AFTER points: 1.5 }"),
              ElementsAre());
  EXPECT_THAT(faults("status_weights { status: CASE_STATUS_CHILD_IN_NEED points: 1 } "
                     "status_weights { status: CASE_STATUS_CHILD_IN_NEED points: 2 }"),
              ElementsAre("status_weights[1].status"));
  EXPECT_THAT(faults("role_factors { role: ALLOCATION_ROLE_COWORKER factor: 0.5 } "
                     "role_factors { role: ALLOCATION_ROLE_COWORKER factor: 1 }"),
              ElementsAre("role_factors[1].role"));
  EXPECT_THAT(faults("status_weights { points: 2 }"), ElementsAre("status_weights[0].status"));
}

TEST_F(CaseloadResourcesTest, CasesOfOneIdInTwoAuthoritiesDoNotMeet) {
  const auto& kind = *definition_.kinds.FindByType("oversight.caseload.v1.StatusPeriod");
  for (const char* authority : {"a", "b"}) {
    EXPECT_THAT(context_.Write(kind, Text<v1::StatusPeriod>("name: 'authorities/" + std::string(authority) +
                                                            "/cases/c/statusPeriods/s' "
                                                            "status: CASE_STATUS_CHILD_IN_NEED" +
                                                            kFrom1)),
                IsOk());
  }
}

}  // namespace
}  // namespace oversight::caseload
