#pragma once

#include <string>

#include "common/ledger/state_source.h"
#include "common/ledger/tailer.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"

namespace oversight::ledger {

// The gRPC LedgerService of a service. What it is given must outlive it.
class LedgerService {
 public:
  LedgerService(std::string ledger, mysql::Pool* pool, Tailer* tailer, StateSource* state,
                const Clock* clock);

  void Register(rpc::Methods& methods);

 private:
  absl::Status GetHead(rpc::Call& call, const pb::GetHeadRequest& request, pb::Head& response);
  absl::Status Snapshot(rpc::Call& call, const pb::SnapshotRequest& request, rpc::StreamWriter& writer);
  absl::Status VerifyLedger(rpc::Call& call, const pb::VerifyLedgerRequest& request,
                            rpc::StreamWriter& writer);
  absl::Status EraseResource(rpc::Call& call, const pb::EraseResourceRequest& request,
                             pb::EraseResourceResponse& response);
  absl::Status LookUp(rpc::Call& call, const pb::LookUpRequest& request, pb::LookUpResponse& response);

  const std::string ledger_;
  mysql::Pool* const pool_;
  Tailer* const tailer_;
  StateSource* const state_;
  const Clock* const clock_;
};

}  // namespace oversight::ledger
