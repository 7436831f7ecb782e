#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/text.h"
#include "common/testing/in_process_service.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/workforce/resources/registry.h"

namespace oversight::resource::testing {

// Tests through the API of a running workforce service, which all tests of the suite share; each has an
// authority of its own.
class WorkforceRoad : public ::testing::Test {
 protected:
  using Service = ::oversight::testing::InProcessService;
  using Trailers = Service::Trailers;

  static void SetUpTestSuite() {
    authorities_ = 0;
    service_ = new Service(workforce::Definition());
  }
  static void TearDownTestSuite() {
    delete service_;
    service_ = nullptr;
  }

  void SetUp() override {
    authority_ = absl::StrCat("a", ++authorities_);
    root_ = absl::StrCat("authorities/", authority_);
    OVERSIGHT_ASSERT_OK(Send<workforce::v1::Authority>(
        "CreateAuthority",
        absl::StrCat("authority_id: '", authority_, "' authority { display_name: 'Test' }"),
        workforce::v1::CreateAuthorityRequest()));
  }
  // Whatever a test did, the ledger bears it out.
  void TearDown() override {
    if (tampered_) return;
    const auto report = service_->Verify(authority_);
    OVERSIGHT_ASSERT_OK(report);
    EXPECT_TRUE(report->complete());
    EXPECT_TRUE(report->intact()) << report->DebugString();
  }

  // Calls a method with a request in text format, in which `$` stands for this test's authority.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(const std::string& method, std::string text, const Request&,
                                Trailers* trailers = nullptr) {
    return service_->Call<Response>(method, Read<Request>(std::move(text)), trailers);
  }
  template <typename Request>
  Request Read(const std::string& text) const {
    return Parse<Request>(Named(text));
  }
  std::string Named(const std::string& text) const {
    std::string out;
    for (char c : text) {
      if (c == '$') {
        out += root_;
      } else {
        out += c;
      }
    }
    return out;
  }

  absl::StatusOr<workforce::v1::Worker> CreateWorker(const std::string& id, const std::string& more = "") {
    return Send<workforce::v1::Worker>("CreateWorker",
                                       absl::StrCat("parent: '$' worker_id: '", id, "' worker {} ", more),
                                       workforce::v1::CreateWorkerRequest());
  }
  absl::StatusOr<workforce::v1::Worker> GetWorker(const std::string& id) {
    return Send<workforce::v1::Worker>("GetWorker", absl::StrCat("name: '$/workers/", id, "'"),
                                       workforce::v1::GetWorkerRequest());
  }
  absl::StatusOr<workforce::v1::Team> CreateTeam(const std::string& id, const std::string& more = "") {
    return Send<workforce::v1::Team>(
        "CreateTeam",
        absl::StrCat("parent: '$' team_id: '", id, "' team { display_name: 'Team' ", more, " }"),
        workforce::v1::CreateTeamRequest());
  }
  absl::StatusOr<workforce::v1::Post> CreatePost(const std::string& worker, const std::string& id,
                                                 const std::string& fields, const std::string& more = "") {
    return Send<workforce::v1::Post>(
        "CreatePost",
        absl::StrCat("parent: '$/workers/", worker, "' post_id: '", id,
                     "' post { career_stage: CAREER_STAGE_SOCIAL_WORKER ", fields, " } ", more),
        workforce::v1::CreatePostRequest());
  }
  absl::StatusOr<workforce::v1::SupervisorLink> CreateLink(const std::string& worker,
                                                           const std::string& supervisor,
                                                           const std::string& id = "l") {
    return Send<workforce::v1::SupervisorLink>(
        "CreateSupervisorLink",
        absl::StrCat("parent: '$/workers/", worker, "' supervisor_link_id: '", id,
                     "' supervisor_link { supervisor: '$/workers/", supervisor,
                     "' function: FUNCTION_LINE_MANAGEMENT start_date { year: 2025 month: 1 day: 1 } }"),
        workforce::v1::CreateSupervisorLinkRequest());
  }
  absl::StatusOr<workforce::v1::ImportResponse> Import(const std::string& records,
                                                       const std::string& more = "") {
    return Send<workforce::v1::ImportResponse>("Import", absl::StrCat("parent: '$' ", records, more),
                                               workforce::v1::ImportRequest());
  }
  int64_t Revision() { return service_->Revision(authority_); }

  static inline Service* service_ = nullptr;
  static inline int authorities_ = 0;
  std::string authority_;
  std::string root_;
  // Set by tests that change the database behind the service's back.
  bool tampered_ = false;
};

}  // namespace oversight::resource::testing
