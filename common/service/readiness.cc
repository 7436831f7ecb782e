#include "common/service/readiness.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/migrate/migrate.h"
#include "common/mysql/connection.h"
#include "common/resource/request_log.h"
#include "common/status/error.h"

namespace oversight::service {
namespace {

constexpr absl::Duration kWhileServing = absl::Seconds(2);
constexpr absl::Duration kWhileNotServing = absl::Milliseconds(250);
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kHouseKeeping = absl::Hours(1);

}  // namespace

Readiness::Readiness(mysql::Pool* pool, const Clock* clock, int accepted_schema_version,
                     std::function<bool(bool)> tell)
    : pool_(pool), clock_(clock), schema_version_(accepted_schema_version), tell_(std::move(tell)) {}

Readiness::~Readiness() { Stop(); }

void Readiness::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Readiness::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Readiness::Check() {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(absl::Now() + kPatience));
  OVERSIGHT_RETURN_IF_ERROR(mysql::CheckDurabilitySettings(*connection));
  return migrate::CheckSchemaVersion(*connection, schema_version_, schema_version_ + 1);
}

void Readiness::KeepHouse() {
  auto connection = pool_->Acquire(absl::Now() + kPatience);
  if (!connection.ok()) return;
  // In small steps, so that no caller waits behind it.
  for (auto purged = resource::PurgeRequests(**connection, clock_->Now()); purged.ok() && *purged > 0;) {
    purged = resource::PurgeRequests(**connection, clock_->Now());
  }
}

void Readiness::Run() {
  bool serving = false;
  std::string last_problem;
  absl::Time next_house_keeping = absl::Now();
  while (true) {
    const absl::Status status = Check();
    if (status.ok()) {
      last_problem.clear();
      was_ready_.store(true, std::memory_order_release);
    } else if (last_problem != status.message()) {
      last_problem = std::string(status.message());
      log::Error("not ready to serve", {{"reason", ReasonOf(status)}, {"problem", status.message()}});
    }
    const bool served = std::exchange(serving, tell_(status.ok()));
    if (serving && !served) log::Info("ready to serve");
    if (status.ok() && absl::Now() >= next_house_keeping) {
      KeepHouse();
      next_house_keeping = absl::Now() + kHouseKeeping;
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), serving ? kWhileServing : kWhileNotServing))
      return;
  }
}

absl::Status Readiness::NotReady() const {
  return Error(
             absl::StatusCode::kUnavailable, "NOT_READY",
             "the service is not ready yet: its database is away, unsafe or not migrated; its log says which")
      .RetryAfter(absl::Seconds(1));
}

rpc::Methods Readiness::Guard(const rpc::Methods& methods) const {
  rpc::Methods guarded;
  for (const auto* service : methods.services()) guarded.AddService(service->full_name());
  for (const auto& [name, handler] : methods.handlers()) {
    const std::string& service = handler.descriptor->service()->full_name();
    const std::string& method = handler.descriptor->name();
    if (handler.unary) {
      const auto guard = [this, next = handler.unary](auto& call, const auto& request, auto& response) {
        return was_ready() ? next(call, request, response) : NotReady();
      };
      handler.bulk ? guarded.Bulk(service, method, guard) : guarded.Unary(service, method, guard);
    } else if (handler.stream) {
      guarded.Stream(service, method,
                     [this, next = handler.stream](auto& call, const auto& request, auto& writer) {
                       return was_ready() ? next(call, request, writer) : NotReady();
                     });
    } else if (handler.feed) {
      guarded.Feed(service, method, [this, next = handler.feed](auto& call, const auto& request, auto feed) {
        return was_ready() ? next(call, request, std::move(feed)) : NotReady();
      });
    }
  }
  return guarded;
}

}  // namespace oversight::service
