#include "common/rpc/peer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"

namespace oversight::rpc {
namespace {

// A caller with a long deadline should hear soon that the other service is away.
constexpr absl::Duration kLongestWait = absl::Seconds(5);

// Whether an error says nothing of the question but that it was not answered.
bool IsUnreachable(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status AskPeer(Client* peer, const Call& call, const PeerQuestion& question,
                     const google::protobuf::Message& request, google::protobuf::Message* response) {
  const CallOptions options{.deadline = std::min(call.deadline(), absl::Now() + kLongestWait),
                            .request_id = call.request_id()};
  const absl::Status status = peer == nullptr
                                  ? absl::UnavailableError("")
                                  : peer->Unary(question.method, request, response, options, nullptr);
  if (status.ok() || !IsUnreachable(status)) return status;
  return Error(absl::StatusCode::kUnavailable, question.reason,
               absl::StrCat("the ", question.service, " service could not be asked (",
                            absl::StatusCodeToString(status.code()), "); ", question.advice))
      .With("service", question.service)
      .RetryAfter(absl::Seconds(1));
}

}  // namespace oversight::rpc
