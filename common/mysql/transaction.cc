#include "common/mysql/transaction.h"

#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/mysql/errors.h"
#include "common/status/error.h"

namespace oversight::mysql {
namespace {

// What the body works with: notices a conflict even when the body swallows it. By then the server has rolled
// back what came before, so committing the rest would tear the transaction.
class WatchedConnection final : public Connection {
 public:
  explicit WatchedConnection(Connection& inner) : inner_(inner) {}

  absl::Status Query(absl::string_view sql, std::span<const Value> parameters, RowReader reader) override {
    return Watch(inner_.Query(sql, parameters, reader));
  }
  absl::StatusOr<int64_t> Execute(absl::string_view sql, std::span<const Value> parameters) override {
    absl::StatusOr<int64_t> rows = inner_.Execute(sql, parameters);
    if (!rows.ok()) Watch(rows.status()).IgnoreError();
    return rows;
  }
  absl::Status ExecuteText(absl::string_view sql) override { return Watch(inner_.ExecuteText(sql)); }
  bool broken() const override { return inner_.broken(); }

  // OK, or the first failure after which the transaction cannot be committed as a whole.
  const absl::Status& fatal() const { return fatal_; }

 private:
  absl::Status Watch(absl::Status status) {
    if (!status.ok() && fatal_.ok() && (IsConflict(status) || inner_.broken())) fatal_ = status;
    return status;
  }

  Connection& inner_;
  absl::Status fatal_;
};

absl::Status Begin(Connection& connection, Isolation isolation) {
  if (isolation == Isolation::kReadCommitted) return connection.ExecuteText("START TRANSACTION");
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
  return connection.ExecuteText("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

absl::Status OutcomeUnknown(const absl::Status& cause) {
  return Error(absl::StatusCode::kUnavailable, "COMMIT_OUTCOME_UNKNOWN",
               "the database did not answer the commit; look up whether the change was made before repeating "
               "it")
      .With("mysql_error", absl::StrCat(ErrorNumberOf(cause)));
}

struct Attempt {
  absl::Status status;
  // True when certainly nothing was committed and a new attempt may succeed.
  bool may_rerun = false;
};

Attempt Commit(Connection& connection, Isolation isolation) {
  const absl::Status status = connection.ExecuteText("COMMIT");
  // A reading transaction has all it came for.
  if (status.ok() || isolation == Isolation::kSnapshot) return {absl::OkStatus()};
  if (!connection.broken()) connection.ExecuteText("ROLLBACK").IgnoreError();
  if (IsConflict(status) || IsReadOnlyError(ErrorNumberOf(status))) return {status, true};
  return {OutcomeUnknown(status)};
}

// One attempt from START TRANSACTION to COMMIT or ROLLBACK.
Attempt RunOnce(Connection& connection, const TransactionOptions& options,
                absl::FunctionRef<absl::Status(Connection&)> body) {
  if (absl::Status status = Begin(connection, options.isolation); !status.ok()) {
    return {status, connection.broken()};
  }
  WatchedConnection watched(connection);
  absl::Status status = body(watched);
  if (status.ok() && !watched.fatal().ok()) status = watched.fatal();
  if (status.ok() && absl::Now() >= options.deadline) {
    status = Error(absl::StatusCode::kDeadlineExceeded, "TRANSACTION_TIMEOUT",
                   "the deadline passed before the change could be committed; nothing was changed");
  }
  if (status.ok()) return Commit(connection, options.isolation);
  if (!connection.broken()) connection.ExecuteText("ROLLBACK").IgnoreError();
  // A body may find a conflict by itself, such as a key that somebody else was first to use.
  return {status, !watched.fatal().ok() || IsConflict(status)};
}

// The n-th rerun waits 1 to 5 ms times 4^(n-1), so that those who collided do not meet again.
absl::Duration Backoff(int attempt) {
  thread_local absl::BitGen random;
  double milliseconds = absl::Uniform(random, 1.0, 5.0);
  for (int i = 1; i < attempt && i < 5; ++i) milliseconds *= 4;
  return absl::Milliseconds(milliseconds);
}

}  // namespace

absl::Status RunTransaction(Pool& pool, const TransactionOptions& options,
                            absl::FunctionRef<absl::Status(Connection&)> body) {
  std::optional<Pool::Lease> lease;
  for (int attempt = 1;; ++attempt) {
    if (!lease.has_value()) {
      absl::StatusOr<Pool::Lease> acquired = pool.Acquire(options.deadline);
      OVERSIGHT_RETURN_IF_ERROR(acquired.status());
      lease.emplace(*std::move(acquired));
    }
    const Attempt result = RunOnce(**lease, options, body);
    if ((*lease)->broken()) lease.reset();
    if (!result.may_rerun || attempt >= options.max_attempts) return result.status;
    const absl::Duration pause = Backoff(attempt);
    if (absl::Now() + pause >= options.deadline) return result.status;
    absl::SleepFor(pause);
  }
}

}  // namespace oversight::mysql
