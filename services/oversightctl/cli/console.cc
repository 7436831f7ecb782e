#include "services/oversightctl/cli/console.h"

#include <nlohmann/json.hpp>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/utf8.h"

namespace oversight::ctl {
namespace {

ExitCode CodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kRefused;
    default:
      return kServiceFailed;
  }
}

}  // namespace

absl::Status FromRpcStatus(const google::rpc::Status& proto) {
  absl::Status status(static_cast<absl::StatusCode>(proto.code()), proto.message());
  for (const auto& detail : proto.details()) status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return status;
}

std::vector<std::string> ViolationTexts(const absl::Status& status) {
  std::vector<std::string> texts;
  for (const FieldViolation& violation : ViolationsOf(status)) {
    texts.push_back(absl::StrCat(violation.field, ": ", violation.description));
  }
  return texts;
}

ExitCode ReportError(const Console& console, absl::string_view what, const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  const std::string code = absl::StatusCodeToString(status.code());
  if (console.json) {
    nlohmann::ordered_json error = {
        {"code", code}, {"reason", reason}, {"message", ValidUtf8(status.message())}};
    error["fields"] = ViolationTexts(status);
    *console.err << nlohmann::ordered_json{{"error", error}}.dump() << "\n";
    return CodeOf(status);
  }
  *console.err << "oversightctl: " << what << ": " << status.message() << " (" << code;
  if (!reason.empty() && reason != code) *console.err << ", " << reason;
  *console.err << ")\n";
  for (const std::string& text : ViolationTexts(status)) *console.err << "  " << text << "\n";
  return CodeOf(status);
}

std::string Thousands(int64_t number) {
  const std::string digits = absl::StrCat(number);
  const size_t first = number < 0 ? 1 : 0;
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

}  // namespace oversight::ctl
