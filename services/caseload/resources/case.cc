#include "common/resource/dated.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/domain/case_history.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

resource::Kind CaseKind() {
  resource::Kind kind;
  kind.prototype = &v1::Case::default_instance();
  kind.table = "case_record";
  kind.validate = [](const resource::Message& message, std::vector<FieldViolation>& violations) {
    std::vector<Period> periods;
    for (const auto& period : static_cast<const v1::Case&>(message).open_periods()) {
      // Without a start nothing can be said of the order; that it is required is said already.
      if (!resource::DayOf(period, "start_date")) return;
      periods.push_back(resource::PeriodOf(period));
    }
    CheckOpenPeriods(periods, violations);
  };
  return kind;
}

}  // namespace oversight::caseload
