#include "services/caseload/domain/case_history.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace oversight::caseload {

void CheckOpenPeriods(absl::Span<const Period> periods, std::vector<FieldViolation>& violations) {
  for (size_t i = 1; i < periods.size(); ++i) {
    const std::string path = absl::StrCat("open_periods[", i, "].start_date");
    if (periods[i - 1].Open()) {
      violations.push_back({path, "comes after a period without an end; only the last may be open"});
    } else if (periods[i].start < periods[i - 1].end) {
      violations.push_back(
          {path,
           "must not be before the end of the period before it; list the periods in the order of time"});
    }
  }
}

bool Clash(const StatusPeriod& a, const StatusPeriod& b) {
  return a.status == b.status && a.period.Overlaps(b.period);
}

bool Clash(const Placement& a, const Placement& b) {
  return !a.respite && !b.respite && a.period.Overlaps(b.period);
}

}  // namespace oversight::caseload
