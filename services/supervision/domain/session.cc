#include "services/supervision/domain/session.h"

namespace oversight::supervision {

std::optional<CivilDay> DayOfSession(const Session& session) {
  if (session.date) return session.date;
  if (session.start) return CivilDay::Of(*session.start);
  return std::nullopt;
}

bool NotHeld(SessionState state) {
  return state == SessionState::kCancelled || state == SessionState::kMissed;
}

void Check(const Session& session, std::vector<FieldViolation>& violations) {
  if (!DayOfSession(session)) {
    violations.push_back({"date", "is required, unless start_time is given"});
  } else if (session.date && session.start && CivilDay::Of(*session.start) != *session.date) {
    violations.push_back(
        {"date", "must be the day of start_time in Europe/London; set both, or only start_time"});
  }
  if (!session.supervisor.empty() && session.supervisor == session.supervisee) {
    violations.push_back({"supervisor", "must be another worker than supervisee"});
  }
  if (session.start && session.end && *session.end < *session.start) {
    violations.push_back({"end_time", "must not be before start_time"});
  }
  if (!session.continues.empty() && session.continues == session.name) {
    violations.push_back({"continues", "must be another session"});
  }
  if (!NotHeld(session.state)) {
    if (!session.cancellation_reason.empty()) {
      violations.push_back(
          {"cancellation_reason", "must be empty unless the session is cancelled or missed"});
    }
    if (!session.replacement.empty()) {
      violations.push_back({"replacement", "must be empty unless the session is cancelled or missed"});
    }
  } else if (!session.replacement.empty() && session.replacement == session.name) {
    violations.push_back({"replacement", "must be another session than the one not held"});
  }
}

void CheckAsOf(const Session& session, CivilDay today, std::vector<FieldViolation>& violations) {
  const std::optional<CivilDay> day = DayOfSession(session);
  if (session.state == SessionState::kHeld && day && *day > today) {
    violations.push_back({"date", "must not be in the future: the session is recorded as held"});
  }
  if (session.state == SessionState::kMissed && day && *day > today) {
    violations.push_back({"date", "must not be in the future: the session is recorded as missed; cancel it"});
  }
  if (session.state == SessionState::kCancelled && session.cancellation_reason.empty()) {
    violations.push_back({"cancellation_reason", "is required of a cancelled session"});
  }
}

}  // namespace oversight::supervision
