#include "services/supervision/resources/session_facts.h"

#include "common/resource/kind.h"
#include "common/status/error.h"
#include "services/supervision/resources/instants.h"

namespace oversight::supervision {

SessionState StateOf(const v1::Session& session) {
  switch (session.state()) {
    case v1::Session::STATE_SCHEDULED:
      return SessionState::kScheduled;
    case v1::Session::STATE_HELD:
      return SessionState::kHeld;
    case v1::Session::STATE_CANCELLED:
      return SessionState::kCancelled;
    case v1::Session::STATE_MISSED:
      return SessionState::kMissed;
    default:
      return SessionState::kNone;
  }
}

Session FactsOf(const v1::Session& session) {
  return {.name = session.name(),
          .supervisee = session.supervisee(),
          .supervisor = session.supervisor(),
          .state = StateOf(session),
          .date = resource::DayOf(session, "date"),
          .start = InstantOf(session, "start_time"),
          .end = InstantOf(session, "end_time"),
          .cancellation_reason = session.cancellation_reason(),
          .replacement = session.replacement(),
          .continues = session.continues()};
}

absl::Status IllegalTransition(SessionState state, absl::string_view advice) {
  return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION", advice)
      .With("state", NameOf(state));
}

}  // namespace oversight::supervision
