#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/read_all.h"
#include "common/resource/writer.h"
#include "common/rpc/methods.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"
#include "services/workforce/questions/workforce_facts.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

// Answers the questions of workforce_questions.proto. Reads without locks, from the primary.
class Questions {
 public:
  // What `environment` points to outlives it.
  Questions(const resource::Environment& environment, KindsPtr kinds)
      : environment_(environment), kinds_(std::move(kinds)) {}

  absl::Status ListSupervisees(rpc::Call& call, const v1::ListSuperviseesRequest& request,
                               v1::ListSuperviseesResponse& response);
  absl::Status ListSupervisionTree(rpc::Call& call, const v1::ListSupervisionTreeRequest& request,
                                   v1::ListSupervisionTreeResponse& response);
  absl::Status ListUnsupervisedWorkers(rpc::Call& call, const v1::ListUnsupervisedWorkersRequest& request,
                                       v1::ListUnsupervisedWorkersResponse& response);
  absl::Status ListUncoveredWorkers(rpc::Call& call, const v1::ListUncoveredWorkersRequest& request,
                                    v1::ListUncoveredWorkersResponse& response);
  absl::Status ListSpansOfControl(rpc::Call& call, const v1::ListSpansOfControlRequest& request,
                                  v1::ListSpansOfControlResponse& response);
  absl::Status ListCareerStages(rpc::Call& call, const v1::ListCareerStagesRequest& request,
                                v1::ListCareerStagesResponse& response);
  absl::Status ListWorkerCapacities(rpc::Call& call, const v1::ListWorkerCapacitiesRequest& request,
                                    v1::ListWorkerCapacitiesResponse& response);

 private:
  absl::StatusOr<std::string> LiveAuthority(rpc::Call& call, const std::string& name) const;

  template <typename Facts>
  absl::StatusOr<Facts> Read(rpc::Call& call, const std::string& authority, CivilDay day,
                             absl::StatusOr<Facts> (WorkforceFacts::*read)() const) const {
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call.deadline()));
    return (WorkforceFacts(*connection, *environment_.tables, *kinds_, authority, day).*read)();
  }
  template <typename Resource>
  absl::StatusOr<std::vector<Resource>> ReadKind(rpc::Call& call, const std::string& authority,
                                                 const resource::Kind& kind) const {
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call.deadline()));
    return resource::ReadAll<Resource>(*connection, *environment_.tables, kind, authority);
  }

  const resource::Environment environment_;
  const KindsPtr kinds_;
};

// Registers the methods of a Questions, which they share.
void RegisterQuestions(const resource::Environment& environment, KindsPtr kinds, rpc::Methods& methods);

}  // namespace oversight::workforce
