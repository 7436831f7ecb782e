#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "common/rpc/wait_aside.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/judgement/keeper.h"
#include "services/compliance/judgement/replays.h"
#include "services/compliance/questions/finding_feeds.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/resources/policy_library.h"

namespace oversight::compliance {

// Answers the questions of ComplianceService (protos/oversight/compliance/v1/compliance_service.proto) from
// what the keeper holds, or of an earlier moment from what a replay holds. What it is given must outlive it.
class Questions {
 public:
  struct Parts {
    const PolicyLibrary* library = nullptr;
    Keeper* keeper = nullptr;
    Replays* replays = nullptr;
    FindingFeeds* feeds = nullptr;
    mysql::Pool* pool = nullptr;
    const Clock* clock = nullptr;
  };
  explicit Questions(const Parts& parts);

  void Register(rpc::Methods& methods);

 private:
  // Answers a question about one authority, and gives the ledger points on which the answer rests.
  using Question =
      absl::FunctionRef<absl::Status(const AuthorityJudge&, const std::vector<std::string>& tokens)>;
  // From what is known now, once that of the request's `after_tokens` is among it.
  template <typename Request>
  absl::Status Ask(rpc::Call& call, const std::string& authority, const Request& request, Question question);
  // The same, or where the request says so from what was known at an earlier moment.
  template <typename Request>
  absl::Status AskAsKnown(rpc::Call& call, const std::string& authority, const Request& request,
                          Question question);
  // The day that a request asks about; today, or that of the moment, unless it says.
  template <typename Request>
  absl::StatusOr<CivilDay> AsOfDay(const Request& request) const;

  absl::Status ListPolicies(rpc::Call& call, const v1::ListPoliciesRequest& request,
                            v1::ListPoliciesResponse& response);
  absl::Status GetPolicy(rpc::Call& call, const v1::GetPolicyRequest& request, v1::Policy& response);
  absl::Status ListFindings(rpc::Call& call, const v1::ListFindingsRequest& request,
                            v1::ListFindingsResponse& response);
  absl::Status ListUpcoming(rpc::Call& call, const v1::ListUpcomingRequest& request,
                            v1::ListUpcomingResponse& response);
  absl::Status SummarizeFindings(rpc::Call& call, const v1::SummarizeFindingsRequest& request,
                                 v1::SummarizeFindingsResponse& response);
  absl::Status ExplainFinding(rpc::Call& call, const v1::ExplainFindingRequest& request,
                              v1::Explanation& response);
  absl::Status ListFindingHistory(rpc::Call& call, const v1::ListFindingHistoryRequest& request,
                                  v1::ListFindingHistoryResponse& response);
  absl::Status ListFindingChanges(rpc::Call& call, const v1::ListFindingChangesRequest& request,
                                  v1::ListFindingChangesResponse& response);
  absl::Status GetProgress(rpc::Call& call, const v1::GetProgressRequest& request, v1::Progress& response);
  absl::Status SummarizeSupervisors(rpc::Call& call, const v1::SummarizeSupervisorsRequest& request,
                                    v1::SummarizeSupervisorsResponse& response);
  absl::Status SummarizeMonths(rpc::Call& call, const v1::SummarizeMonthsRequest& request,
                               v1::SummarizeMonthsResponse& response);
  absl::Status SummarizeHealthCheck(rpc::Call& call, const v1::SummarizeHealthCheckRequest& request,
                                    v1::SummarizeHealthCheckResponse& response);
  absl::Status PreviewPolicy(rpc::Call& call, const v1::PreviewPolicyRequest& request,
                             v1::PreviewPolicyResponse& response);
  absl::Status ComparePolicies(rpc::Call& call, const v1::ComparePoliciesRequest& request,
                               v1::ComparePoliciesResponse& response);
  absl::Status CheckAllocation(rpc::Call& call, const v1::CheckAllocationRequest& request,
                               type::v1::AllocationCheck& response);
  absl::Status ProjectFrequency(rpc::Call& call, const v1::ProjectFrequencyRequest& request,
                                v1::ProjectFrequencyResponse& response);

  const PolicyLibrary* const library_;
  Keeper* const keeper_;
  Replays* const replays_;
  FindingFeeds* const feeds_;
  mysql::Pool* const pool_;
  const Clock* const clock_;
};

template <typename Request>
absl::Status Questions::Ask(rpc::Call& call, const std::string& authority, const Request& request,
                            Question question) {
  return keeper_->Ask(
      authority, {request.after_tokens().begin(), request.after_tokens().end()}, call.deadline(),
      [&call] { return rpc::WaitAside(call); },
      [&](const AuthorityJudge& judge, const LedgerPositions& positions) {
        return question(judge, positions.Tokens(authority));
      });
}

template <typename Request>
absl::Status Questions::AskAsKnown(rpc::Call& call, const std::string& authority, const Request& request,
                                   Question question) {
  if (!request.has_as_known_at()) return Ask(call, authority, request, question);
  return replays_->Ask(authority, FromTimestamp(request.as_known_at()), call.deadline(), question);
}

template <typename Request>
absl::StatusOr<CivilDay> Questions::AsOfDay(const Request& request) const {
  if constexpr (requires { request.as_known_at(); }) {
    if (request.has_as_known_at() && !request.has_as_of_date()) {
      return CivilDay::Of(FromTimestamp(request.as_known_at()));
    }
  }
  return AsOf(request.as_of_date(), request.has_as_of_date(), *clock_);
}

}  // namespace oversight::compliance
