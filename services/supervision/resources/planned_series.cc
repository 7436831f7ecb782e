#include "common/resource/columns.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/series_facts.h"

namespace oversight::supervision {
namespace {

void ValidatePlannedSeries(const resource::Message& message, std::vector<FieldViolation>& violations) {
  const auto& series = static_cast<const v1::PlannedSeries&>(message);
  if (series.supervisor() == series.supervisee()) {
    violations.push_back({"supervisor", "must be another worker than supervisee"});
  }
  Check(SeriesRequestOf(series), violations);
}

}  // namespace

SeriesRequest SeriesRequestOf(const v1::PlannedSeries& series) {
  SeriesRequest request;
  request.start = resource::DayOf(series, "start_date").value_or(CivilDay::Min());
  request.end = resource::DayOf(series, "end_date").value_or(CivilDay::Max());
  for (const auto& frequency : series.frequencies()) {
    request.frequencies.push_back(
        {.start = resource::DayOf(frequency, "start_date").value_or(CivilDay::Min()),
         .days = frequency.every_days(),
         .months = frequency.every_months()});
  }
  return request;
}

resource::Kind PlannedSeriesKind() {
  resource::Kind kind;
  kind.prototype = &v1::PlannedSeries::default_instance();
  kind.table = "planned_series";
  kind.index_columns = {resource::TextColumn("supervisee"), resource::TextColumn("supervisor")};
  kind.validate = ValidatePlannedSeries;
  return kind;
}

}  // namespace oversight::supervision
