#include "services/supervision/domain/session_state.h"

#include "services/supervision/domain/transition.h"

namespace oversight::supervision {
namespace {

constexpr Transition<SessionState, SessionAction> kSessionTransitions[] = {
    {SessionState::kNone, SessionAction::kSchedule, SessionState::kScheduled},
    {SessionState::kScheduled, SessionAction::kHold, SessionState::kHeld},
    {SessionState::kScheduled, SessionAction::kCancel, SessionState::kCancelled},
    {SessionState::kScheduled, SessionAction::kMiss, SessionState::kMissed},
    {SessionState::kScheduled, SessionAction::kCorrect, SessionState::kScheduled},
    {SessionState::kHeld, SessionAction::kCorrect, SessionState::kHeld},
    {SessionState::kCancelled, SessionAction::kCorrect, SessionState::kCancelled},
    {SessionState::kMissed, SessionAction::kCorrect, SessionState::kMissed},
};

}  // namespace

std::optional<SessionState> Next(SessionState state, SessionAction action) {
  return NextBy<SessionState, SessionAction>(kSessionTransitions, state, action);
}

absl::string_view NameOf(SessionState state) {
  switch (state) {
    case SessionState::kScheduled:
      return "SCHEDULED";
    case SessionState::kHeld:
      return "HELD";
    case SessionState::kCancelled:
      return "CANCELLED";
    case SessionState::kMissed:
      return "MISSED";
    case SessionState::kNone:
      break;
  }
  return "NONE";
}

}  // namespace oversight::supervision
