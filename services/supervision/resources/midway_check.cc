#include "common/resource/columns.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {
namespace {

// Between two reviews, of which the earlier comes first.
void ValidateMidwayCheck(const resource::Message& message, std::vector<FieldViolation>& violations) {
  CheckInstants(message, violations);
  const auto previous = resource::DayOf(message, "previous_review_date");
  const auto next = resource::DayOf(message, "next_review_date");
  if (previous && next && *next <= *previous) {
    violations.push_back({"next_review_date", "must be after previous_review_date"});
  }
}

}  // namespace

resource::Kind MidwayCheckKind() {
  resource::Kind kind;
  kind.prototype = &v1::MidwayCheck::default_instance();
  kind.table = "midway_check";
  kind.index_columns = {resource::TextColumn("case", "case_name"),
                        resource::DateColumn("previous_review_date")};
  kind.normalise = FillDays;
  kind.validate = ValidateMidwayCheck;
  return kind;
}

}  // namespace oversight::supervision
