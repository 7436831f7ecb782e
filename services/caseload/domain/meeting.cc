#include "services/caseload/domain/meeting.h"

namespace oversight::caseload {

void Check(const Meeting& meeting, std::vector<FieldViolation>& violations) {
  const bool held = meeting.state == MeetingState::kHeld;
  if (held && meeting.chair.empty()) violations.push_back({"chair", "is required once the meeting was held"});
  if (!held && meeting.sequence_number > 0) {
    violations.push_back({"sequence_number", "only meetings that were held are numbered"});
  }
}

void CheckAsOf(const Meeting& meeting, CivilDay today, std::vector<FieldViolation>& violations) {
  if (meeting.state == MeetingState::kHeld && today < meeting.day) {
    violations.push_back({"date", "lies in the future: nothing was held then"});
  }
}

bool MayBecome(MeetingState from, MeetingState to) {
  return to != MeetingState::kNone &&
         (from == to || from == MeetingState::kNone || from == MeetingState::kScheduled);
}

bool Clash(const Meeting& a, const Meeting& b) {
  const auto numbered = [](const Meeting& meeting) {
    return meeting.state == MeetingState::kHeld && meeting.sequence_number > 0;
  };
  if (a.kind != b.kind || !numbered(a) || !numbered(b)) return false;
  if (a.sequence_number == b.sequence_number) return true;
  return a.sequence_number < b.sequence_number ? b.day < a.day : a.day < b.day;
}

}  // namespace oversight::caseload
