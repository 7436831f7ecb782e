#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/judgement/keeper.h"
#include "services/compliance/resources/policy_library.h"

namespace oversight::compliance {

// Answers the questions of ComplianceService (protos/oversight/compliance/v1/compliance_service.proto) from
// what the keeper holds. What it is given must outlive it.
class Questions {
 public:
  Questions(const PolicyLibrary* library, Keeper* keeper, mysql::Pool* pool, const Clock* clock);

  void Register(rpc::Methods& methods);

 private:
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

  const PolicyLibrary* const library_;
  Keeper* const keeper_;
  mysql::Pool* const pool_;
  const Clock* const clock_;
};

}  // namespace oversight::compliance
