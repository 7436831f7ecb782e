#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/domain/employment.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

resource::Kind WorkerKind() {
  resource::Kind kind;
  kind.prototype = &v1::Worker::default_instance();
  kind.table = "worker";
  kind.validate = [](const resource::Message& worker, std::vector<FieldViolation>& violations) {
    Check(Employment{resource::DayOf(worker, "employment_start_date"),
                     resource::DayOf(worker, "employment_end_date")},
          violations);
  };
  return kind;
}

}  // namespace oversight::workforce
