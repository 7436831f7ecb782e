#include "services/workforce/domain/employment.h"

namespace oversight::workforce {

void Check(const Employment& employment, std::vector<FieldViolation>& violations) {
  if (employment.start && employment.end && *employment.end < *employment.start) {
    violations.push_back({"employment_end_date", "must not be before employment_start_date"});
  }
}

void Check(const Absence& absence, std::vector<FieldViolation>& violations) {
  if (absence.last && *absence.last < absence.first) {
    violations.push_back(
        {"last_date", "must not be before first_date; an absence of one day has the same day in both"});
  }
}

}  // namespace oversight::workforce
