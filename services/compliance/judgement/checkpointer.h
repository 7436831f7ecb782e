#pragma once

#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/ledger/follower.h"
#include "common/mysql/connection.h"
#include "common/rpc/client.h"
#include "common/time/clock.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/checkpoint_store.h"
#include "services/compliance/judgement/keeper.h"

namespace oversight::compliance {

// How a snapshot of one ledger is had: hands its messages to `take` until that returns false.
using SnapshotReader =
    std::function<absl::Status(const std::string& ledger, const std::string& authority,
                               absl::FunctionRef<bool(const ledger::v1::SnapshotResponse&)> take)>;
// From the LedgerService of each service.
SnapshotReader ServiceSnapshots(std::map<std::string, std::shared_ptr<rpc::Client>> clients);

// Writes checkpoints beside the judging, on a thread and a connection of its own, in the one process that
// writes the history; and gives them back at the start. A checkpoint that is incomplete, altered or of an
// older format counts for nothing; one of a ledger restored since is noticed by whoever follows on from it,
// and the ledger is read anew.
class Checkpointer {
 public:
  struct Options {
    // The ledgers of which checkpoints are written.
    std::vector<std::string> ledgers;
    SnapshotReader snapshots;
    mysql::ConnectionOptions database;
    Keeper* keeper = nullptr;
    const Clock* clock = nullptr;
    // Another checkpoint of a ledger is written after so many entries since its last; 0: never.
    int64_t entries = 0;
    absl::Duration pause = absl::Seconds(10);
  };
  explicit Checkpointer(Options options) : options_(std::move(options)) {}
  ~Checkpointer() { Stop(); }

  // From where to follow each ledger, by ledger and full authority name.
  using Positions = std::map<std::string, std::map<std::string, std::string>>;
  // Lets the keeper begin with what the checkpoints hold, several authorities at a time; to be called before
  // it is told anything. Without the database there are none.
  Positions Restore();

  void Start();
  void Stop();
  // Data of this authority was erased by law: its checkpoints go, and are written anew.
  void Erased(const std::string& authority);
  // Writes what is to be written now; for the thread, and for tests.
  absl::Status RunOnce();

 private:
  // What is held of one authority; adds to `positions`, among other threads that do so.
  absl::Status RestoreAuthority(const std::string& authority, Positions& positions);
  absl::Status RestoreLedger(mysql::Connection& connection, const Checkpoint& checkpoint, FactReader& reader,
                             AuthorityJudge& judge);
  void Run();
  absl::Status DeleteErased(mysql::Connection& connection);
  absl::Status Write(mysql::Connection& connection, const std::string& ledger, const std::string& authority);
  absl::Status WriteChunks(mysql::Connection& connection, const std::string& ledger,
                           const std::string& authority, Checkpoint& checkpoint);

  const Options options_;
  // How far the last checkpoint of each ledger and authority goes.
  std::map<std::pair<std::string, std::string>, int64_t> written_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> erased_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace oversight::compliance
