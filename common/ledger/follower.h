#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/ledger/tailer.h"
#include "common/rpc/client.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::ledger {

// What a follower hands on, in the order in which the ledger has it.
struct LedgerMessage {
  std::string ledger;
  v1::WatchResponse content;
  // The ledger's history is another than the one followed so far: everything must be read anew.
  bool diverged = false;
};

// Takes a message; blocks while there is no room. False: stop following.
using LedgerSink = std::function<bool(LedgerMessage)>;

// Follows the ledger of one service over all authorities from its first entry on, connecting again whenever
// it is away, and going on where it was. Hands every entry on exactly once.
class LedgerFollower {
 public:
  // Goes on after `positions`, tokens by full authority name; the others from their first entry.
  LedgerFollower(std::string ledger, std::shared_ptr<rpc::Client> client, LedgerSink sink,
                 std::map<std::string, std::string> positions = {});
  ~LedgerFollower();

  void Start();
  void Stop();
  // False while the other service is away.
  bool connected() const;

 private:
  void Run();
  // One connection, from where the last one ended. Returns how it ended.
  absl::Status Follow();

  const std::string ledger_;
  const std::shared_ptr<rpc::Client> client_;
  const LedgerSink sink_;
  // The last token handed on, by authority.
  std::map<std::string, std::string> positions_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  rpc::StreamReader* reader_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

// Follows the ledger of this very process, through its tailer.
class OwnLedgerFeed final : public rpc::Feed {
 public:
  // `watch_again` is called when the watch has ended because the ledger's history is another than before.
  OwnLedgerFeed(std::string ledger, LedgerSink sink, std::function<void()> watch_again);
  bool TrySend(const google::protobuf::Message& message) override;
  void Close(absl::Status status) override;
  bool ended() const override;
  void SetReadyCallback(std::function<void()> ready) override;

 private:
  const std::string ledger_;
  const LedgerSink sink_;
  const std::function<void()> watch_again_;
  mutable absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace oversight::ledger
