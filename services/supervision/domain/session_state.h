#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace oversight::supervision {

enum class SessionState { kNone, kScheduled, kHeld, kCancelled, kMissed };

enum class SessionAction {
  kSchedule,
  // HoldSession.
  kHold,
  // CancelSession.
  kCancel,
  // MissSession.
  kMiss,
  // Changes what is recorded of the session, its day among it, and leaves the state as it is.
  kCorrect,
};

// The state after an action; nothing when the action is illegal in that state. Imports are not bound by it: a
// session of the past comes as held or cancelled.
std::optional<SessionState> Next(SessionState state, SessionAction action);

// `SCHEDULED` and so on, as in the API; `NONE` for a session that does not exist.
absl::string_view NameOf(SessionState state);

}  // namespace oversight::supervision
