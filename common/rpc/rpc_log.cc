#include "common/rpc/rpc_log.h"

#include "common/log/log.h"

namespace oversight::rpc {
namespace {

constexpr absl::Duration kSlow = absl::Seconds(1);

}  // namespace

void LogCall(const EndedCall& call) {
  // Writing a line costs as much as a small read: quick successes, which the metrics count, are for debugging
  // only.
  const bool ordinary = call.code == absl::StatusCode::kOk && call.duration < kSlow;
  const log::Severity severity = ordinary ? log::Severity::kDebug : log::Severity::kInfo;
  if (!log::Process().Logs(severity)) return;
  log::Process().Write(severity, "call",
                       {{"method", call.method},
                        {"request_id", call.request_id},
                        {"actor", log::Hashed(call.actor)},
                        {"code", absl::StatusCodeToString(call.code)},
                        {"reason", call.reason},
                        {"duration_seconds", call.duration}});
}

void LogInternalError(const EndedCall& call, const absl::Status& status) {
  log::Error("call failed inside",
             {{"method", call.method}, {"request_id", call.request_id}, {"error", status}});
}

}  // namespace oversight::rpc
