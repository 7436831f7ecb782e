#pragma once

#include <string>
#include <vector>

#include "common/status/violation.h"
#include "common/time/civil_day.h"

namespace oversight::caseload {

enum class MeetingState { kNone, kScheduled, kHeld, kCancelled };

// A meeting about a case, as far as others of the case have to do with it.
struct Meeting {
  // Compared only.
  int kind = 0;
  MeetingState state = MeetingState::kNone;
  CivilDay day;
  // Among the held meetings of its kind; 0 when not known.
  int sequence_number = 0;
  // Empty when nobody is named.
  std::string chair;
};

// Names `chair` where a held meeting has none, `sequence_number` where one that was not held has one.
void Check(const Meeting& meeting, std::vector<FieldViolation>& violations);
// Names `date` where a meeting was held after `today`.
void CheckAsOf(const Meeting& meeting, CivilDay today, std::vector<FieldViolation>& violations);

// Whether a meeting may go from one state to another: a new one (kNone) starts in any state, a scheduled one
// is held or cancelled, and what was held or cancelled stays so.
bool MayBecome(MeetingState from, MeetingState to);

// Whether two meetings of one case cannot both be true: held ones of a kind with the same number, or numbered
// against the order of their days.
bool Clash(const Meeting& a, const Meeting& b);

}  // namespace oversight::caseload
