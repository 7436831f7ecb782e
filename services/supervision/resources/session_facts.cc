#include "services/supervision/resources/session_facts.h"

#include <string>

#include "absl/time/time.h"
#include "common/resource/kind.h"
#include "common/status/error.h"

namespace oversight::supervision {

SessionState StateOf(const v1::Session& session) {
  switch (session.state()) {
    case v1::Session::STATE_SCHEDULED:
      return SessionState::kScheduled;
    case v1::Session::STATE_HELD:
      return SessionState::kHeld;
    case v1::Session::STATE_CANCELLED:
      return SessionState::kCancelled;
    default:
      return SessionState::kNone;
  }
}

bool HasValidStart(const v1::Session& session) {
  constexpr int64_t kYear1 = -62135596800;
  constexpr int64_t kYear9999 = 253402300799;
  const auto& start = session.start_time();
  return session.has_start_time() && start.seconds() >= kYear1 && start.seconds() <= kYear9999 &&
         start.nanos() >= 0 && start.nanos() <= 999999999;
}

Session FactsOf(const v1::Session& session) {
  Session facts = {.name = session.name(),
                   .supervisee = session.supervisee(),
                   .supervisor = session.supervisor(),
                   .state = StateOf(session),
                   .date = resource::DayOf(session, "date"),
                   .start = std::nullopt,
                   .cancellation_reason = session.cancellation_reason(),
                   .replacement = session.replacement()};
  if (HasValidStart(session)) {
    facts.start = absl::FromUnixSeconds(session.start_time().seconds()) +
                  absl::Nanoseconds(session.start_time().nanos());
  }
  return facts;
}

absl::Status IllegalTransition(SessionState state, absl::string_view advice) {
  return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION", advice)
      .With("state", NameOf(state));
}

}  // namespace oversight::supervision
