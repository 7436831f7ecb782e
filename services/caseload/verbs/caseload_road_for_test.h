#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/resource/testing/text.h"
#include "common/testing/fake_clock.h"
#include "common/testing/fake_peer.h"
#include "common/testing/in_process_service.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/caseload/v1/caseload_questions.pb.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/compliance/v1/allocation_check.pb.h"
#include "oversight/type/v1/allocation_check.pb.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"
#include "services/caseload/resources/registry.h"

namespace oversight::caseload {

using FakeCompliance = testing::FakePeer<compliance::v1::CheckAllocationRequest, type::v1::AllocationCheck>;
using FakeWorkforce = testing::FakePeer<workforce::v1::ListWorkerCapacitiesRequest,
                                        workforce::v1::ListWorkerCapacitiesResponse>;

// Tests through the API of a caseload service of their own, on 1 June 2026. Every worker and authority
// exists; compliance allows everything until told otherwise.
class CaseloadRoad : public ::testing::Test {
 protected:
  CaseloadRoad() {
    compliance_->SetAnswer([](const auto&) {
      type::v1::AllocationCheck allowed;
      allowed.set_verdict(type::v1::AllocationCheck::VERDICT_ALLOWED);
      allowed.add_tokens("what compliance had read");
      return allowed;
    });
    workforce_->SetAnswer([](const auto&) { return workforce::v1::ListWorkerCapacitiesResponse(); });
    auto peers = std::make_shared<Peers>();
    peers->Set(workforce_, compliance_);
    service_ = std::make_unique<testing::InProcessService>(Definition(peers),
                                                           testing::InProcessOptions{.clock = &clock_});
  }
  // Whatever a test did, the ledger bears it out.
  void TearDown() override {
    const auto report = service_->Verify("a");
    OVERSIGHT_ASSERT_OK(report);
    EXPECT_TRUE(report->intact()) << report->DebugString();
  }

  // Calls a method with a request in text format, in which `$` stands for the authority.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(const std::string& method, const std::string& text, const Request&) {
    return service_->Call<Response>(method, Read<Request>(text));
  }
  template <typename Message>
  static Message Read(const std::string& text) {
    return resource::testing::Parse<Message>(absl::StrReplaceAll(text, {{"$", "authorities/a"}}));
  }
  static std::string On(int month, int day, int year = 2026) {
    return absl::StrCat(" { year: ", year, " month: ", month, " day: ", day, " } ");
  }
  // Imports records, all of which must be accepted.
  void Import(const std::string& records) {
    const auto response = Send<v1::ImportResponse>("Import", "parent: '$' " + records, v1::ImportRequest());
    OVERSIGHT_ASSERT_OK(response);
    for (const auto& result : response->results()) ASSERT_EQ(result.error().message(), "");
  }
  // A child's case, open from 1 January 2026.
  static std::string OpenCaseRecord(const std::string& id) {
    return absl::StrCat("records { case { name: '$/cases/", id,
                        "' kind: KIND_CHILD open_periods { start_date", On(1, 1), "} } }");
  }
  // From 1 January 2026.
  static std::string AllocationRecord(const std::string& case_id, const std::string& id,
                                      const std::string& worker, const std::string& role = "KEYWORKER",
                                      const std::string& more = "") {
    return absl::StrCat("records { allocation { name: '$/cases/", case_id, "/allocations/", id,
                        "' worker: '$/workers/", worker, "' role: ALLOCATION_ROLE_", role, " start_date",
                        On(1, 1), more, "} }");
  }
  absl::StatusOr<v1::Allocation> Allocation(const std::string& name) {
    return Send<v1::Allocation>("GetAllocation", "name: '$/cases/" + name + "'", v1::GetAllocationRequest());
  }
  absl::StatusOr<v1::AllocateCaseResponse> Allocate(const std::string& case_id, const std::string& worker,
                                                    const std::string& more = "",
                                                    const std::string& beside = "") {
    return Send<v1::AllocateCaseResponse>(
        "AllocateCase",
        absl::StrCat("name: '$/cases/", case_id, "' allocation { worker: '$/workers/", worker,
                     "' role: ALLOCATION_ROLE_KEYWORKER reason: 'has room' allocated_by: '$/workers/s' ",
                     more, "} ", beside),
        v1::AllocateCaseRequest());
  }

  testing::FakeClock clock_{absl::FromUnixSeconds(1780315200)};  // noon of 1 June 2026
  const std::shared_ptr<FakeCompliance> compliance_ = std::make_shared<FakeCompliance>();
  const std::shared_ptr<FakeWorkforce> workforce_ = std::make_shared<FakeWorkforce>();
  std::unique_ptr<testing::InProcessService> service_;
};

}  // namespace oversight::caseload
