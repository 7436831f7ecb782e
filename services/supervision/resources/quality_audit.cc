#include "common/resource/columns.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {

resource::Kind QualityAuditKind() {
  resource::Kind kind;
  kind.prototype = &v1::QualityAudit::default_instance();
  kind.table = "quality_audit";
  kind.index_columns = {resource::DateColumn("audited_date"), resource::TextColumn("auditor")};
  kind.normalise = FillDays;
  kind.validate = CheckInstants;
  return kind;
}

}  // namespace oversight::supervision
