#include "services/supervision/domain/session_state.h"

namespace oversight::supervision {
namespace {

struct Transition {
  SessionState state;
  SessionAction action;
  SessionState next;
};

constexpr Transition kTransitions[] = {
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
  for (const Transition& transition : kTransitions) {
    if (transition.state == state && transition.action == action) return transition.next;
  }
  return std::nullopt;
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
