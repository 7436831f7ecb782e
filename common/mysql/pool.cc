#include "common/mysql/pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/status/error.h"

namespace oversight::mysql {
namespace {

// A connection unused for this long may have been dropped by the server or a proxy: it is asked first.
constexpr absl::Duration kCheckAfterIdle = absl::Seconds(10);

struct PoolMetrics {
  explicit PoolMetrics(metrics::Registry& registry)
      : in_use(registry.Gauge("oversight_mysql_pool_connections", "Database connections by state")
                   .Add({{"state", "in_use"}})),
        idle(registry.Gauge("oversight_mysql_pool_connections", "Database connections by state")
                 .Add({{"state", "idle"}})),
        wait(registry
                 .Histogram("oversight_mysql_pool_wait_seconds",
                            "Seconds until a database connection was available, connecting included")
                 .Add({}, metrics::LatencyBuckets())),
        connect_failures(registry
                             .Counter("oversight_mysql_connect_failures_total",
                                      "Attempts to connect to the database that failed")
                             .Add({})) {}

  prometheus::Gauge& in_use;
  prometheus::Gauge& idle;
  prometheus::Histogram& wait;
  prometheus::Counter& connect_failures;
};

struct IdleConnection {
  std::unique_ptr<Connection> connection;
  absl::Time since;
};

}  // namespace

struct Pool::State {
  State(ConnectionOptions o, int s, metrics::Registry* registry) : options(std::move(o)), size(s) {
    if (registry != nullptr) metrics.emplace(*registry);
  }

  const ConnectionOptions options;
  const int size;
  std::optional<PoolMetrics> metrics;

  absl::Mutex mutex;
  absl::CondVar freed;
  // Idle or lent or being opened; never above `size`.
  int open ABSL_GUARDED_BY(mutex) = 0;
  // Most recently used last, so that the rest can age.
  std::vector<IdleConnection> idle ABSL_GUARDED_BY(mutex);

  // Waits until a place is free and takes it: an idle connection, or null with the right to open one.
  absl::StatusOr<std::unique_ptr<Connection>> TakePlace(absl::Time deadline, absl::Time& idle_since);
  absl::StatusOr<std::unique_ptr<Connection>> Connect(absl::Time deadline);
  void GiveUpPlace();
  void Return(std::unique_ptr<Connection> connection);
  void CloseIdle();
};

absl::StatusOr<std::unique_ptr<Connection>> Pool::State::TakePlace(absl::Time deadline,
                                                                   absl::Time& idle_since) {
  absl::MutexLock lock(&mutex);
  while (idle.empty() && open >= size) {
    if (freed.WaitWithDeadline(&mutex, deadline) && idle.empty() && open >= size) {
      return Error(absl::StatusCode::kDeadlineExceeded, "POOL_EXHAUSTED",
                   absl::StrCat("all ", size, " database connections stayed busy until the deadline"));
    }
  }
  if (idle.empty()) {
    ++open;
    return nullptr;
  }
  idle_since = idle.back().since;
  std::unique_ptr<Connection> connection = std::move(idle.back().connection);
  idle.pop_back();
  if (metrics) metrics->idle.Decrement();
  return connection;
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::State::Connect(absl::Time deadline) {
  ConnectionOptions bounded = options;
  bounded.connect_timeout = std::min(options.connect_timeout, deadline - absl::Now());
  if (bounded.connect_timeout <= absl::ZeroDuration()) {
    return Error(absl::StatusCode::kDeadlineExceeded, "POOL_EXHAUSTED",
                 "no time was left to connect to the database");
  }
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(bounded);
  if (!connection.ok() && metrics) metrics->connect_failures.Increment();
  return connection;
}

void Pool::State::GiveUpPlace() {
  absl::MutexLock lock(&mutex);
  --open;
  freed.Signal();
}

void Pool::State::CloseIdle() {
  std::vector<IdleConnection> closing;
  {
    absl::MutexLock lock(&mutex);
    closing.swap(idle);
    open -= static_cast<int>(closing.size());
    freed.SignalAll();
  }
  if (metrics) metrics->idle.Decrement(static_cast<double>(closing.size()));
}

void Pool::State::Return(std::unique_ptr<Connection> connection) {
  if (metrics) metrics->in_use.Decrement();
  if (connection->broken()) {
    connection.reset();
    GiveUpPlace();
    // What broke one has most likely broken the others, which nobody has used since, or they lead to a server
    // that is no longer the primary.
    CloseIdle();
    return;
  }
  if (metrics) metrics->idle.Increment();
  absl::MutexLock lock(&mutex);
  idle.push_back({std::move(connection), absl::Now()});
  freed.Signal();
}

Pool::Lease::Lease(Pool* pool, std::unique_ptr<Connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

Pool::Lease::~Lease() {
  if (connection_ != nullptr) pool_->state_->Return(std::move(connection_));
}

Pool::Pool(ConnectionOptions options, int size, metrics::Registry* metrics)
    : state_(std::make_unique<State>(std::move(options), std::max(size, 1), metrics)) {}

Pool::~Pool() { state_->CloseIdle(); }

absl::StatusOr<Pool::Lease> Pool::Acquire(absl::Time deadline) {
  const absl::Time begin = absl::Now();
  absl::Time idle_since;
  absl::StatusOr<std::unique_ptr<Connection>> connection = state_->TakePlace(deadline, idle_since);
  if (connection.ok() && *connection != nullptr && begin - idle_since > kCheckAfterIdle &&
      !(*connection)->ExecuteText("DO 0").ok()) {
    connection->reset();
    state_->CloseIdle();
  }
  if (connection.ok() && *connection == nullptr) {
    connection = state_->Connect(deadline);
    if (!connection.ok()) state_->GiveUpPlace();
  }
  if (state_->metrics) state_->metrics->wait.Observe(absl::ToDoubleSeconds(absl::Now() - begin));
  OVERSIGHT_RETURN_IF_ERROR(connection.status());
  if (state_->metrics) state_->metrics->in_use.Increment();
  return Lease(this, *std::move(connection));
}

int Pool::size() const { return state_->size; }
const ConnectionOptions& Pool::options() const { return state_->options; }

}  // namespace oversight::mysql
