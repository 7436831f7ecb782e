#include "services/caseload/domain/reduced_frequency.h"

namespace oversight::caseload {

void Check(const ReducedFrequencyAgreement& agreement, std::vector<FieldViolation>& violations) {
  if (agreement.start < agreement.agreed) {
    violations.push_back(
        {"agreed_date",
         "must not be after start_date: a reduced frequency holds only from its agreement on"});
  }
}

}  // namespace oversight::caseload
