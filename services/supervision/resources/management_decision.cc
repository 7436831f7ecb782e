#include "common/resource/columns.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {
namespace {

// Made on some day, and filed once it was made.
void ValidateManagementDecision(const resource::Message& message, std::vector<FieldViolation>& violations) {
  CheckInstants(message, violations);
  const auto made = resource::DayOf(message, "made_date");
  const auto filed = resource::DayOf(message, "filed_date");
  if (!made) violations.push_back({"made_date", "is required, unless made_time is given"});
  if (made && filed && *filed < *made) violations.push_back({"filed_date", "must not be before made_date"});
}

}  // namespace

resource::Kind ManagementDecisionKind() {
  resource::Kind kind;
  kind.prototype = &v1::ManagementDecision::default_instance();
  kind.table = "management_decision";
  kind.index_columns = {resource::TextColumn("case", "case_name"), resource::TextColumn("made_by"),
                        resource::DateColumn("made_date")};
  kind.normalise = FillDays;
  kind.validate = ValidateManagementDecision;
  return kind;
}

}  // namespace oversight::supervision
