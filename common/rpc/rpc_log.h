#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace oversight::rpc {

// A call that has ended, for the access log.
struct EndedCall {
  absl::string_view method;
  absl::string_view request_id;
  // Logged as a keyed hash only.
  absl::string_view actor;
  absl::StatusCode code = absl::StatusCode::kOk;
  // Of the error, UPPER_SNAKE_CASE; empty when it went well.
  absl::string_view reason;
  absl::Duration duration;
};

// One line: no request, no reply, no names. Quick successes are logged at level debug, all else at info.
void LogCall(const EndedCall& call);

// The full text of an error that the caller sees only as INTERNAL.
void LogInternalError(const EndedCall& call, const absl::Status& status);

}  // namespace oversight::rpc
