#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace oversight::resource {

// Access to request fields by the names that the AIPs give them. A text or flag that a request does not have
// is empty.
inline std::string TextOf(const google::protobuf::Message& message, const std::string& field_name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(field_name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

inline bool FlagOf(const google::protobuf::Message& message, const std::string& field_name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(field_name);
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

// The field must exist.
inline const google::protobuf::Message& ChildOf(const google::protobuf::Message& message,
                                                const std::string& field_name) {
  return message.GetReflection()->GetMessage(message, message.GetDescriptor()->FindFieldByName(field_name));
}

// INVALID_FIELDS when a request's `request_id` is too long (AIP-155).
inline absl::Status CheckRequestId(const std::string& request_id) {
  constexpr size_t kLongestRequestId = 255;
  if (request_id.size() <= kLongestRequestId) return absl::OkStatus();
  return InvalidFields({{"request_id", "at most 255 bytes; a UUID is best"}});
}

}  // namespace oversight::resource
