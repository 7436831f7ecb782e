#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/status/violation.h"
#include "common/time/civil_day.h"
#include "services/supervision/domain/session_state.h"

namespace oversight::supervision {

// What the rules look at in a session. Names are compared only.
struct Session {
  std::string name;
  std::string supervisee;
  std::string supervisor;
  SessionState state = SessionState::kScheduled;
  // The day in Europe/London on which it is, or was, held.
  std::optional<CivilDay> date;
  // When it began and ended, where known.
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;
  std::string cancellation_reason;
  // The session that takes its place.
  std::string replacement;
  // The session of which it is a further part.
  std::string continues;
};

// A session that did not take place, and so can have a reason and a replacement.
bool NotHeld(SessionState state);

// The day of a session whose record tells only when it began.
std::optional<CivilDay> DayOfSession(const Session& session);

// What every record of a session must satisfy, history included: it has a day, which is that of its start in
// Europe/London; it does not end before it begins; two people; and only one that was not held has a reason
// and a replacement, which is another session.
void Check(const Session& session, std::vector<FieldViolation>& violations);

// What holds only for what is recorded as it happens: nothing was held or missed in the future, and whoever
// cancels says why. History may lack the reason; that is for the policy to judge.
void CheckAsOf(const Session& session, CivilDay today, std::vector<FieldViolation>& violations);

}  // namespace oversight::supervision
