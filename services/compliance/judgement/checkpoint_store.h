#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::compliance {

// Where one ledger of one authority stood when a checkpoint was written.
struct Checkpoint {
  std::string authority;
  std::string ledger;
  std::string token;
  uint64_t revision = 0;
  int chunks = 0;
};

// The authorities of which there is a checkpoint of the present format.
absl::StatusOr<std::vector<std::string>> CheckpointedAuthorities(mysql::Connection& connection);
// From here on all that this connection reads is of one moment: another process may replace a checkpoint
// while its chunks are read.
absl::Status BeginReading(mysql::Connection& connection);
// Those of one authority that are of the present format, by ledger.
absl::StatusOr<std::vector<Checkpoint>> ReadCheckpoints(mysql::Connection& connection,
                                                        const std::string& authority);
// Hands the chunks of a checkpoint to `take`, in order, one at a time, and ends with the error that it
// returns. DATA_LOSS (CHECKPOINT_UNREADABLE) at the first one that is not there or not as it was written.
absl::Status ReadChunks(mysql::Connection& connection, const Checkpoint& checkpoint,
                        absl::FunctionRef<absl::Status(const ledger::v1::SnapshotResponse&)> take);

// The three steps of replacing a checkpoint; the caller runs them in one transaction.
absl::Status BeginCheckpoint(mysql::Connection& connection, const std::string& authority,
                             const std::string& ledger);
absl::Status AddChunk(mysql::Connection& connection, const std::string& authority, const std::string& ledger,
                      int number, const ledger::v1::SnapshotResponse& chunk);
absl::Status FinishCheckpoint(mysql::Connection& connection, const Checkpoint& checkpoint, absl::Time now);

// Deletes all checkpoints of an authority.
absl::Status DeleteCheckpoints(mysql::Connection& connection, const std::string& authority);

}  // namespace oversight::compliance
