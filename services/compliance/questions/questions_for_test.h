#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "google/protobuf/text_format.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/judgement/kept_for_test.h"
#include "services/compliance/questions/questions.h"
#include "services/compliance/resources/registry.h"

namespace oversight::compliance::testing {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

inline std::string Text(const google::type::Date& date) {
  return CivilDay::FromParts(date.year(), date.month(), date.day())->ToString();
}

// On 10 April 2026 Anna and the two cases are overdue, one of which she holds; Ben is in time.
class QuestionsTest : public ::testing::Test {
 protected:
  QuestionsTest()
      : QuestionsTest(LibraryOf({{.policy = engine::testing::Knowsley(), .text = "# the text"}})) {}
  explicit QuestionsTest(PolicyLibrary library)
      : library_(std::move(library)),
        replica_(database_, &library_.policies, &clock_),
        pool_(database_, 4, &registry_),
        replays_({.policies = &library_.policies,
                  .working_days = &WorkingDays::EnglandAndWales(),
                  .pool = &pool_,
                  .ledgers = &ledgers_}),
        feeds_(&pool_),
        questions_({.library = &library_,
                    .keeper = &replica_.keeper(),
                    .replays = &replays_,
                    .feeds = &feeds_,
                    .pool = &pool_,
                    .clock = &clock_}),
        service_(Definition(), {.database = database_, .clock = &clock_}) {
    replica_.Start();
    feeds_.Start();
    TellAll(replica_, AnnaAndBen(ledgers_));
    TellCase("c1", /*held_by=*/"anna");
    TellCase("c2", /*held_by=*/"");
    replica_.TellHeads();
    const CivilDay today = CivilDay::Of(clock_.Now());
    replica_.AwaitJudged(today);
    after_ = {ledgers_.TokenAhead("caseload", 0)};
    OVERSIGHT_EXPECT_OK(replica_.Findings(after_, today).status());
  }

  static PolicyLibrary LibraryOf(std::vector<policy::LoadedPolicy> loaded) {
    PolicyLibrary library{.loaded = std::move(loaded)};
    for (const policy::LoadedPolicy& policy : library.loaded) library.policies.push_back(policy.policy);
    return library;
  }
  service::ServiceDefinition Definition() {
    service::ServiceDefinition definition = compliance::Definition();
    definition.make_extension = nullptr;
    definition.custom_methods = [this](resource::StandardMethods&, rpc::Methods& methods) {
      questions_.Register(methods);
    };
    return definition;
  }

  void TellCase(const std::string& id, const std::string& held_by) {
    const std::string name = absl::StrCat("authorities/example/cases/", id);
    const std::string since = "{ year: 2025 month: 6 day: 2 }";
    replica_.Tell(
        "caseload",
        {ledgers_.Put("caseload", Parse<caseload::v1::Case>(absl::StrCat(
                                      "name: '", name, "' open_periods { start_date ", since, " }"))),
         ledgers_.Put("caseload", Parse<caseload::v1::StatusPeriod>(
                                      absl::StrCat("name: '", name, "/statusPeriods/s' start_date ", since,
                                                   " status: CASE_STATUS_CHILD_PROTECTION")))});
    if (held_by.empty()) return;
    replica_.Tell("caseload",
                  {ledgers_.Put("caseload", Parse<caseload::v1::Allocation>(absl::StrCat(
                                                "name: '", name, "/allocations/a' start_date ", since,
                                                " role: ALLOCATION_ROLE_KEYWORKER ",
                                                "team: 'authorities/example/teams/blue' ",
                                                "worker: 'authorities/example/workers/", held_by, "'")))});
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(const char* method, const std::string& request) {
    return service_.Call<Response>(method,
                                   Parse<Request>(absl::StrCat("parent: 'authorities/example' ", request)));
  }
  absl::StatusOr<v1::ListFindingsResponse> List(const std::string& request = "") {
    return Ask<v1::ListFindingsRequest, v1::ListFindingsResponse>("ListFindings", request);
  }
  absl::StatusOr<v1::SummarizeFindingsResponse> Summarize(const std::string& request = "") {
    return Ask<v1::SummarizeFindingsRequest, v1::SummarizeFindingsResponse>("SummarizeFindings", request);
  }
  absl::StatusOr<v1::ListUpcomingResponse> Upcoming(const std::string& request) {
    return Ask<v1::ListUpcomingRequest, v1::ListUpcomingResponse>("ListUpcoming", request);
  }
  absl::StatusOr<v1::Explanation> Explain(const std::string& request) {
    return Ask<v1::ExplainFindingRequest, v1::Explanation>("ExplainFinding", request);
  }
  absl::StatusOr<v1::ListFindingHistoryResponse> History(const std::string& request) {
    return Ask<v1::ListFindingHistoryRequest, v1::ListFindingHistoryResponse>("ListFindingHistory", request);
  }
  absl::StatusOr<v1::ListFindingChangesResponse> Changes(const std::string& request) {
    return Ask<v1::ListFindingChangesRequest, v1::ListFindingChangesResponse>("ListFindingChanges", request);
  }

  // `cases/c1 OVERDUE`, in the order of the answer.
  template <typename Response>
  static std::vector<std::string> Said(const Response& response) {
    std::vector<std::string> said;
    for (const v1::Finding& finding : response.findings()) {
      said.push_back(absl::StrCat(finding.subject().substr(sizeof "authorities/example/" - 1), " ",
                                  v1::Finding::Status_Name(finding.status()).substr(sizeof "STATUS_" - 1)));
    }
    return said;
  }

  absl::StatusOr<type::v1::AllocationCheck> Check(const std::string& request) {
    return Ask<v1::CheckAllocationRequest, type::v1::AllocationCheck>("CheckAllocation", request);
  }
  absl::StatusOr<v1::PreviewPolicyResponse> Preview(const std::string& request) {
    return Ask<v1::PreviewPolicyRequest, v1::PreviewPolicyResponse>("PreviewPolicy", request);
  }
  absl::StatusOr<v1::ComparePoliciesResponse> Compare(const std::string& request) {
    return Ask<v1::ComparePoliciesRequest, v1::ComparePoliciesResponse>("ComparePolicies", request);
  }
  absl::StatusOr<v1::SummarizeMonthsResponse> Months(const std::string& request) {
    return Ask<v1::SummarizeMonthsRequest, v1::SummarizeMonthsResponse>("SummarizeMonths", request);
  }
  // Says it and waits until it has been judged.
  void Tell(const std::string& ledger, const google::protobuf::Message& resource) {
    replica_.Tell(ledger, {ledgers_.Put(ledger, resource)});
    after_ = {ledgers_.TokenAhead(ledger, 0)};
    OVERSIGHT_EXPECT_OK(replica_.Findings(after_, CivilDay::Of(clock_.Now())).status());
  }

  const mysql::ConnectionOptions database_ = oversight::testing::NewSchema();
  oversight::testing::FakeClock clock_{
      absl::FromCivil(absl::CivilHour(2026, 4, 10, 12), absl::UTCTimeZone())};
  metrics::Registry registry_;
  const PolicyLibrary library_;
  ToldLedgers ledgers_;
  Replica replica_;
  mysql::Pool pool_;
  Replays replays_;
  FindingFeeds feeds_;
  Questions questions_;
  oversight::testing::InProcessService service_;
  std::vector<std::string> after_;
};

}  // namespace oversight::compliance::testing
