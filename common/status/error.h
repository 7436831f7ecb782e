#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/status/macros.h"
#include "common/status/violation.h"

namespace oversight {

// Builds the only kind of error that leaves a service: an absl::Status with exactly one ErrorInfo (domain
// `oversight`) and, where they apply, BadRequest and RetryInfo, kept as status payloads under their
// `type.googleapis.com/google.rpc.*` URLs.
//
//   return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", "no such worker: ...")
//       .With("resource_type", "Worker");
class Error {
 public:
  // `reason` is UPPER_SNAKE_CASE; `message` says in English what was wrong and what to do.
  Error(absl::StatusCode code, absl::string_view reason, absl::string_view message);
  // Adds metadata to the ErrorInfo; the last value of a key stands. Never personal data.
  Error& With(absl::string_view key, absl::string_view value);
  Error& Field(absl::string_view path, absl::string_view description);
  Error& Fields(const std::vector<FieldViolation>& violations);
  Error& RetryAfter(absl::Duration delay);
  operator absl::Status() const;  // NOLINT: meant to be returned as a status

 private:
  absl::StatusCode code_;
  std::string reason_;
  std::string message_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::vector<FieldViolation> violations_;
  absl::Duration retry_after_ = absl::ZeroDuration();
};

// INVALID_ARGUMENT, reason INVALID_FIELDS, naming every violation at once. OK when there are none.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);

// The same error with one more metadata value.
absl::Status WithMetadata(const absl::Status& status, absl::string_view key, absl::string_view value);
// The same error where it is about one part of the request, `requests[3]`: so says its metadata `part`, its
// fields lie behind it, and so does the message.
absl::Status InPart(const absl::Status& status, absl::string_view part);

// The reason of the status's ErrorInfo, or empty when it bears none.
std::string ReasonOf(const absl::Status& status);
// Metadata value of the status's ErrorInfo, or empty.
std::string MetadataOf(const absl::Status& status, absl::string_view key);
// The field violations of its BadRequest.
std::vector<FieldViolation> ViolationsOf(const absl::Status& status);
// The delay its RetryInfo asks for; zero when it has none.
absl::Duration RetryDelayOf(const absl::Status& status);

}  // namespace oversight
