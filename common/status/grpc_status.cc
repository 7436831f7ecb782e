#include "common/status/grpc_status.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace oversight {
namespace {

// grpc-message is percent-encoded (up to three times as long) and the details repeat it in base 64; together
// with the other trailers they stay below 8 KiB.
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailsBytes = 3072;
constexpr char kDetailPrefix[] = "type.googleapis.com/google.rpc.";
constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";

bool Hidden(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown;
}

std::string PublicMessage(const absl::Status& status) {
  if (Hidden(status.code())) return "internal error; the service's log has the details";
  return std::string(CutUtf8(ValidUtf8(status.message()), kMaxMessageBytes));
}

// The status with its ErrorInfo, whatever it had before.
absl::Status WithErrorInfo(const absl::Status& status) {
  if (!ReasonOf(status).empty()) return status;
  const bool internal = status.code() == absl::StatusCode::kInternal;
  const std::string reason = internal ? "INTERNAL_ERROR" : absl::StatusCodeToString(status.code());
  absl::Status complete = Error(status.code(), reason, status.message());
  status.ForEachPayload([&complete](absl::string_view url, const absl::Cord& payload) {
    if (url != kErrorInfo) complete.SetPayload(url, payload);
  });
  return complete;
}

google::rpc::Status Details(const absl::Status& status) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(PublicMessage(status));
  status.ForEachPayload([&details](absl::string_view url, const absl::Cord& payload) {
    // Payloads of other kinds are for this process only.
    if (!absl::StartsWith(url, kDetailPrefix)) return;
    auto* detail = details.add_details();
    detail->set_type_url(std::string(url));
    detail->set_value(std::string(payload));
  });
  return details;
}

// The same error with as many of its violations as fit, or without metadata when even none fit.
google::rpc::Status Shortened(const absl::Status& status) {
  Error shorter(status.code(), ReasonOf(status), status.message());
  shorter.RetryAfter(RetryDelayOf(status));
  const std::vector<FieldViolation> violations = ViolationsOf(status);
  google::rpc::ErrorInfo info;
  if (const auto payload = status.GetPayload(kErrorInfo)) info.ParseFromString(std::string(*payload));
  if (info.ByteSizeLong() > kMaxDetailsBytes / 3) {
    shorter.With("metadata_omitted", absl::StrCat(info.metadata_size()));
  } else {
    for (const auto& [key, value] : info.metadata()) shorter.With(key, value);
  }
  // A violation costs its text and some bytes of framing; some room is left for the count of those left out.
  size_t room = kMaxDetailsBytes - std::min<size_t>(kMaxDetailsBytes, Details(shorter).ByteSizeLong() + 64);
  size_t kept = 0;
  for (; kept < violations.size(); ++kept) {
    const size_t size = violations[kept].field.size() + violations[kept].description.size() + 16;
    if (size > room) break;
    room -= size;
    shorter.Field(violations[kept].field, violations[kept].description);
  }
  if (kept < violations.size()) shorter.With("violations_omitted", absl::StrCat(violations.size() - kept));
  return Details(shorter);
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::Status complete = WithErrorInfo(status);
  google::rpc::Status details = Details(complete);
  if (details.ByteSizeLong() > kMaxDetailsBytes) details = Shortened(complete);
  return grpc::Status(static_cast<grpc::StatusCode>(details.code()), details.message(),
                      details.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const auto& detail : details.details())
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return result;
}

}  // namespace oversight
