#include "common/rpc/server_call.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/rpc_log.h"
#include "common/rpc/wire.h"
#include "common/status/error.h"

namespace oversight::rpc {
namespace {

constexpr char kRequestIdKey[] = "oversight-request-id";
constexpr size_t kLongestRequestId = 64;

bool IsRequestId(absl::string_view id) {
  return !id.empty() && id.size() <= kLongestRequestId && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

std::string NewRequestId() {
  thread_local absl::BitGen generator;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(generator), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(generator), absl::kZeroPad16));
}

std::string RequestIdOf(const Metadata& metadata) {
  const auto header = metadata.find(kRequestIdKey);
  if (header != metadata.end()) {
    const absl::string_view id(header->second.data(), header->second.size());
    if (IsRequestId(id)) return std::string(id);
  }
  return NewRequestId();
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  return deadline == std::chrono::system_clock::time_point::max() ? absl::InfiniteFuture()
                                                                  : absl::FromChrono(deadline);
}

// gRPC ends the process when it is handed metadata that cannot be sent.
bool CanBeSent(absl::string_view key, absl::string_view value) {
  const bool key_fits =
      !key.empty() && !absl::StartsWith(key, "grpc-") && std::all_of(key.begin(), key.end(), [](char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_' || c == '.';
      });
  return key_fits &&
         (absl::EndsWith(key, "-bin") || std::all_of(value.begin(), value.end(), absl::ascii_isprint));
}

bool IsFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

ServerCall::ServerCall(ServedMethod& method, grpc::CallbackServerContext* context, absl::Duration longest)
    : method_(method),
      context_(context),
      received_(absl::Now()),
      deadline_(std::min(DeadlineOf(*context), received_ + longest)),
      request_id_(RequestIdOf(context->client_metadata())) {
  context_->AddTrailingMetadata(kRequestIdKey, request_id_);
}

bool ServerCall::cancelled() const { return context_->IsCancelled() || absl::Now() >= deadline_; }

void ServerCall::AddTrailer(absl::string_view key, absl::string_view value) {
  if (CanBeSent(key, value)) context_->AddTrailingMetadata(std::string(key), std::string(value));
}

absl::Status ServerCall::Authenticate() {
  const Authenticator& authenticator = method_.parts.authenticator;
  const auto peer = authenticator.wants_peer() ? context_->auth_context() : nullptr;
  OVERSIGHT_ASSIGN_OR_RETURN(principal_, authenticator.Authenticate(context_->client_metadata(), peer.get()));
  absl::Status within = method_.parts.caller_limits.Take(principal_, received_);
  if (!within.ok()) method_.parts.metrics.limited.Increment();
  return within;
}

absl::Status ServerCall::Receive(const grpc::ByteBuffer& bytes, Message* request) {
  OVERSIGHT_RETURN_IF_ERROR(Authenticate());
  return Read(bytes, request);
}

absl::Status ServerCall::Read(const grpc::ByteBuffer& bytes, Message* request) const {
  if (ParseBytes(bytes, request)) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
               absl::StrCat("the request's bytes are no valid ", request->GetDescriptor()->full_name()));
}

absl::string_view ServerCall::LaneOf(const Message& request, std::string* scratch) const {
  // A caller of one authority waits in that one's lane, whatever it asks for: it cannot fill another's.
  const bool of_one = principal_.authorities.size() == 1 && principal_.authorities.front() != "*";
  if (!of_one) return method_.authority.Of(request, scratch);
  *scratch = absl::StrCat("authorities/", principal_.authorities.front());
  return *scratch;
}

absl::Status ServerCall::Admit(FairPool& pool, const Message& request, FairPool::Task* task) {
  std::string scratch;
  return AdmitTo(pool, LaneOf(request, &scratch), task);
}

absl::Status ServerCall::AdmitTo(FairPool& pool, absl::string_view lane, FairPool::Task* task) {
  if (pool.Admit(lane, task)) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "OVERLOADED",
               "too many calls are waiting: try again later")
      .RetryAfter(absl::Milliseconds(500));
}

absl::Status ServerCall::StillWanted() const {
  if (absl::Now() >= deadline_) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                 "the deadline passed; nothing was done");
  }
  if (context_->IsCancelled()) {
    return Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller has gone; nothing was done");
  }
  return absl::OkStatus();
}

absl::Status ServerCall::Thrown(absl::string_view type) {
  return Error(absl::StatusCode::kInternal, "INTERNAL_ERROR", absl::StrCat("the handler threw: ", type));
}

void ServerCall::Account(const absl::Status& status) {
  const absl::Duration duration = absl::Now() - received_;
  method_.metrics.Count(status.code());
  method_.metrics.Observe(duration);
  const std::string reason = status.ok() ? std::string() : ReasonOf(status);
  const EndedCall ended{method_.path, request_id_, principal_.actor, status.code(), reason, duration};
  if (IsFault(status.code())) LogInternalError(ended, status);
  LogCall(ended);
}

}  // namespace oversight::rpc
