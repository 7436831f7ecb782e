#include "common/resource/plain_kind.h"
#include "oversight/caseload/v1/risk.pb.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

resource::Kind StricterFrequencyAgreementKind() {
  auto kind = resource::PlainKind<v1::StricterFrequencyAgreement>("stricter_frequency_agreement");
  kind.validate = [](const resource::Message& message, std::vector<FieldViolation>& violations) {
    const auto& agreement = static_cast<const v1::StricterFrequencyAgreement&>(message);
    if (agreement.interval_days() == 0 && agreement.interval_months() == 0) {
      violations.push_back({"interval_days", "set this or interval_months: how often the case is discussed"});
    }
  };
  return kind;
}

}  // namespace oversight::caseload
