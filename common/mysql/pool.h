#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/mysql/connection.h"

namespace oversight::mysql {

// A bounded set of connections, opened when first needed, shared by threads. Broken ones are dropped, never
// reconnected in place (the session state would be lost). Thread-safe.
class Pool {
 public:
  // A borrowed connection, returned when the lease ends.
  class Lease {
   public:
    Lease(Pool* pool, std::unique_ptr<Connection> connection);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Makes no connection yet. `metrics` may be null; exports oversight_mysql_pool_connections{state},
  // oversight_mysql_pool_wait_seconds and oversight_mysql_connect_failures_total.
  Pool(ConnectionOptions options, int size, metrics::Registry* metrics);
  ~Pool();

  // Waits for a free connection until the deadline.
  // Errors: DEADLINE_EXCEEDED (POOL_EXHAUSTED), UNAVAILABLE (DATABASE_UNAVAILABLE).
  absl::StatusOr<Lease> Acquire(absl::Time deadline);

  int size() const;
  const ConnectionOptions& options() const;

 private:
  friend class Lease;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oversight::mysql
