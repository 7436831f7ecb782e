#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/writer.h"
#include "common/rpc/methods.h"
#include "oversight/caseload/v1/caseload_questions.pb.h"
#include "services/caseload/peers/peers.h"
#include "services/caseload/questions/caseload_facts.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

// Answers the questions of caseload_questions.proto. Reads without locks, from the primary. Those about what
// workers can carry ask workforce; without it they end with UNAVAILABLE (WORKFORCE_UNREACHABLE).
class Questions {
 public:
  // What `environment` points to outlives it.
  Questions(const resource::Environment& environment, KindsPtr kinds, PeersPtr peers)
      : environment_(environment), kinds_(std::move(kinds)), peers_(std::move(peers)) {}

  absl::Status ListCaseStates(rpc::Call& call, const v1::ListCaseStatesRequest& request,
                              v1::ListCaseStatesResponse& response);
  absl::Status ListWorkerWorkloads(rpc::Call& call, const v1::ListWorkerWorkloadsRequest& request,
                                   v1::ListWorkerWorkloadsResponse& response);
  absl::Status ListTeamWorkloads(rpc::Call& call, const v1::ListTeamWorkloadsRequest& request,
                                 v1::ListTeamWorkloadsResponse& response);
  absl::Status PreviewAllocation(rpc::Call& call, const v1::PreviewAllocationRequest& request,
                                 v1::PreviewAllocationResponse& response);

 private:
  struct WorkerLoad {
    std::vector<std::string> teams;
    Workload workload;
  };
  // What is carried on a day, and how each case stands.
  struct Picture {
    WorkloadScheme scheme;
    std::map<std::string, CaseStanding> cases;
    std::map<std::string, WorkerLoad> workers;
  };
  absl::StatusOr<Picture> PictureOf(rpc::Call& call, const std::string& authority, CivilDay day) const;
  // By team; those of no team are left out.
  static std::map<std::string, Workload> ByTeam(const Picture& picture);

  const resource::Environment environment_;
  const KindsPtr kinds_;
  const PeersPtr peers_;
};

// Registers the methods of a Questions, which they share.
void RegisterQuestions(const resource::Environment& environment, KindsPtr kinds, PeersPtr peers,
                       rpc::Methods& methods);

}  // namespace oversight::caseload
