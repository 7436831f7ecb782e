#include "services/workforce/domain/learning.h"

namespace oversight::workforce {

void Check(const AsyeProgramme& programme, std::vector<FieldViolation>& violations) {
  if (programme.planned_end && *programme.planned_end < programme.start) {
    violations.push_back({"planned_end_date", "must not be before start_date"});
  }
  if (programme.completed && *programme.completed < programme.start) {
    violations.push_back({"completed_date", "must not be before start_date"});
  }
}

bool Clash(const AsyeProgramme& a, const AsyeProgramme& b) { return a.period().Overlaps(b.period()); }

bool Clash(const StudentPlacement& a, const StudentPlacement& b) { return a.period.Overlaps(b.period); }

}  // namespace oversight::workforce
