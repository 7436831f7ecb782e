#include "services/workforce/domain/learning.h"

#include "absl/strings/str_cat.h"

namespace oversight::workforce {

void Check(const AsyeProgramme& programme, std::vector<FieldViolation>& violations) {
  if (programme.planned_end && *programme.planned_end < programme.start) {
    violations.push_back({"planned_end_date", "must not be before start_date"});
  }
  if (programme.completed && *programme.completed < programme.start) {
    violations.push_back({"completed_date", "must not be before start_date"});
  }
  CivilDay earliest = programme.start;
  for (size_t i = 0; i < programme.pauses.size(); ++i) {
    if (programme.pauses[i].start < earliest) {
      violations.push_back(
          {absl::StrCat("pauses[", i, "].start_date"),
           "must not be before the programme's start, nor before the pause ahead of it has ended; "
           "list the pauses in the order of time"});
    }
    earliest = programme.pauses[i].end;
  }
}

bool Clash(const AsyeProgramme& a, const AsyeProgramme& b) { return a.period().Overlaps(b.period()); }

bool Clash(const StudentPlacement& a, const StudentPlacement& b) { return a.period.Overlaps(b.period); }

}  // namespace oversight::workforce
