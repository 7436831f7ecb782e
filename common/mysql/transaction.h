#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"

namespace oversight::mysql {

enum class Isolation {
  // READ COMMITTED, for writing.
  kReadCommitted,
  // REPEATABLE READ, read only, one consistent snapshot from the first moment on.
  kSnapshot,
};

struct TransactionOptions {
  absl::Time deadline = absl::InfiniteFuture();
  Isolation isolation = Isolation::kReadCommitted;
  // Reruns, each from the beginning and within the deadline, after a conflict (1020, 1205, 1213) and after
  // the connection broke before COMMIT was sent (on another connection: nothing can have been committed).
  int max_attempts = 3;
};

// Runs `body` in a transaction and commits when it returns OK, else rolls back and returns its status.
// The body may run again from the start, so it must keep no state between runs. A conflict that it swallows
// still leads to a rerun, because the server has rolled back what came before it.
//
// Errors besides the body's own: those of Pool::Acquire; ABORTED TRANSACTION_CONFLICT when the last attempt
// met one too; DEADLINE_EXCEEDED TRANSACTION_TIMEOUT when the deadline passed before COMMIT (nothing was
// changed).
//
// When the connection breaks during COMMIT nobody knows whether it happened: the result is UNAVAILABLE with
// reason COMMIT_OUTCOME_UNKNOWN, and the caller must look the outcome up.
absl::Status RunTransaction(Pool& pool, const TransactionOptions& options,
                            absl::FunctionRef<absl::Status(Connection&)> body);

}  // namespace oversight::mysql
