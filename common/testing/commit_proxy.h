#pragma once

#include <list>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace oversight::testing {

// Stands between a service and its database on loopback, and can lose a connection at the very moment of
// COMMIT. Everything else passes through. Only for connections without TLS.
class CommitProxy {
 public:
  // What happens to the next COMMIT that comes along; the client's connection breaks in each case.
  enum class Loss {
    kNone,
    // The database never hears of it.
    kRequest,
    // The database has committed when the connection breaks.
    kReply,
    // The database commits a while after the connection broke: `kLateness` later.
    kRequestIsLate,
  };
  static constexpr absl::Duration kLateness = absl::Milliseconds(700);

  // Passes connections on to this port.
  explicit CommitProxy(int database_port);
  ~CommitProxy();

  int port() const { return port_; }
  void LoseNextCommit(Loss loss);
  // True once the loss has happened.
  bool lost() const;

 private:
  void Accept();
  void Serve(int client);
  Loss TakeLoss();

  const int database_port_;
  int listener_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Loss next_ ABSL_GUARDED_BY(mutex_) = Loss::kNone;
  std::list<std::thread> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace oversight::testing
