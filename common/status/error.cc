#include "common/status/error.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/utf8.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/rpc/error_details.pb.h"

namespace oversight {
namespace {

constexpr char kDomain[] = "oversight";

template <typename Message>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Message::descriptor()->full_name());
}

// Deterministic, so that equal errors are equal statuses in spite of the metadata map.
template <typename Message>
void SetPayload(const Message& message, absl::Status& status) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  status.SetPayload(TypeUrl<Message>(), absl::Cord(std::move(bytes)));
}

template <typename Message>
std::optional<Message> PayloadOf(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const auto payload = status.GetPayload(TypeUrl<Message>());
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

}  // namespace

Error::Error(absl::StatusCode code, absl::string_view reason, absl::string_view message)
    : code_(code), reason_(reason), message_(message) {}

Error& Error::With(absl::string_view key, absl::string_view value) {
  metadata_.emplace_back(key, value);
  return *this;
}

Error& Error::Field(absl::string_view path, absl::string_view description) {
  violations_.push_back({std::string(path), std::string(description)});
  return *this;
}

Error& Error::Fields(const std::vector<FieldViolation>& violations) {
  violations_.insert(violations_.end(), violations.begin(), violations.end());
  return *this;
}

Error& Error::RetryAfter(absl::Duration delay) {
  retry_after_ = delay;
  return *this;
}

Error::operator absl::Status() const {
  absl::Status status(code_, ValidUtf8(message_));
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(ValidUtf8(reason_));
  for (const auto& [key, value] : metadata_) (*info.mutable_metadata())[ValidUtf8(key)] = ValidUtf8(value);
  SetPayload(info, status);
  if (!violations_.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : violations_) {
      auto* field = bad_request.add_field_violations();
      field->set_field(ValidUtf8(violation.field));
      field->set_description(ValidUtf8(violation.description));
    }
    SetPayload(bad_request, status);
  }
  if (retry_after_ > absl::ZeroDuration()) {
    google::rpc::RetryInfo retry;
    absl::Duration rest;
    retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(retry_after_, absl::Seconds(1), &rest));
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
    SetPayload(retry, status);
  }
  return status;
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  if (violations.empty()) return absl::OkStatus();
  const std::string list =
      absl::StrJoin(violations, "; ", [](std::string* out, const FieldViolation& violation) {
        absl::StrAppend(out, violation.field, ": ", violation.description);
      });
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", list).Fields(violations);
}

absl::Status WithMetadata(const absl::Status& status, absl::string_view key, absl::string_view value) {
  absl::Status changed = status;
  auto info = PayloadOf<google::rpc::ErrorInfo>(status).value_or(google::rpc::ErrorInfo());
  (*info.mutable_metadata())[ValidUtf8(key)] = ValidUtf8(value);
  SetPayload(info, changed);
  return changed;
}

absl::Status InPart(const absl::Status& status, absl::string_view part) {
  if (status.ok()) return status;
  absl::Status changed(status.code(), absl::StrCat(part, ": ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { changed.SetPayload(url, payload); });
  if (auto bad_request = PayloadOf<google::rpc::BadRequest>(status)) {
    for (auto& violation : *bad_request->mutable_field_violations()) {
      violation.set_field(absl::StrCat(part, ".", violation.field()));
    }
    SetPayload(*bad_request, changed);
  }
  return WithMetadata(changed, "part", part);
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = PayloadOf<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

std::string MetadataOf(const absl::Status& status, absl::string_view key) {
  const auto info = PayloadOf<google::rpc::ErrorInfo>(status);
  if (!info) return "";
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

std::vector<FieldViolation> ViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  if (const auto bad_request = PayloadOf<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      violations.push_back({violation.field(), violation.description()});
    }
  }
  return violations;
}

absl::Duration RetryDelayOf(const absl::Status& status) {
  const auto retry = PayloadOf<google::rpc::RetryInfo>(status);
  if (!retry) return absl::ZeroDuration();
  return absl::Seconds(retry->retry_delay().seconds()) + absl::Nanoseconds(retry->retry_delay().nanos());
}

}  // namespace oversight
