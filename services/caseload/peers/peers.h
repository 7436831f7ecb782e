#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"
#include "common/time/civil_day.h"
#include "oversight/compliance/v1/allocation_check.pb.h"
#include "oversight/type/v1/allocation_check.pb.h"
#include "services/caseload/domain/workload.h"

namespace oversight::caseload {

// What workforce knows of a worker's post and capacity on a day.
struct WorkerPost {
  std::vector<std::string> teams;
  CapacityFacts capacity;
};

// The other services that caseload asks. Set once, before the first call. A null client is a service that
// cannot be reached.
class Peers {
 public:
  void Set(std::shared_ptr<rpc::Client> workforce, std::shared_ptr<rpc::Client> compliance);

  // What compliance says of an allocation. UNAVAILABLE (COMPLIANCE_UNREACHABLE) when it is away, not yet able
  // to answer, or does not answer in time; other errors are its own.
  absl::StatusOr<type::v1::AllocationCheck> CheckAllocation(
      rpc::Call& call, const compliance::v1::CheckAllocationRequest& request) const;

  // The workers of an authority in post on a day, by name; with `only`, just these. UNAVAILABLE
  // (WORKFORCE_UNREACHABLE).
  absl::StatusOr<std::map<std::string, WorkerPost>> WorkersInPost(rpc::Call& call,
                                                                  const std::string& authority, CivilDay day,
                                                                  const std::vector<std::string>& only) const;

 private:
  std::shared_ptr<rpc::Client> workforce_;
  std::shared_ptr<rpc::Client> compliance_;
};
using PeersPtr = std::shared_ptr<Peers>;

}  // namespace oversight::caseload
