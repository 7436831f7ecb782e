#include "common/resource/columns.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/domain/employment.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

resource::Kind AbsenceKind() {
  resource::Kind kind;
  kind.prototype = &v1::Absence::default_instance();
  kind.table = "absence";
  kind.index_columns = {resource::DateColumn("first_date"), resource::DateColumn("last_date")};
  kind.validate = [](const resource::Message& absence, std::vector<FieldViolation>& violations) {
    const std::optional<CivilDay> first = resource::DayOf(absence, "first_date");
    if (first) Check(Absence{*first, resource::DayOf(absence, "last_date")}, violations);
  };
  return kind;
}

}  // namespace oversight::workforce
