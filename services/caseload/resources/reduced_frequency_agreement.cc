#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/domain/reduced_frequency.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

resource::Kind ReducedFrequencyAgreementKind() {
  resource::Kind kind;
  kind.prototype = &v1::ReducedFrequencyAgreement::default_instance();
  kind.table = "reduced_frequency_agreement";
  kind.validate = [](const resource::Message& agreement, std::vector<FieldViolation>& violations) {
    const std::optional<CivilDay> agreed = resource::DayOf(agreement, "agreed_date");
    const std::optional<CivilDay> start = resource::DayOf(agreement, "start_date");
    if (agreed && start) Check(ReducedFrequencyAgreement{*agreed, *start}, violations);
  };
  return kind;
}

}  // namespace oversight::caseload
