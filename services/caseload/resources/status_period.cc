#include "common/resource/dated.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/domain/case_history.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {
namespace {

StatusPeriod FactsOf(const v1::StatusPeriod& period) { return {period.status(), resource::PeriodOf(period)}; }

}  // namespace

resource::Kind StatusPeriodKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::StatusPeriod::default_instance();
  kind.table = "status_period";
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) {
    return resource::RefuseClash<v1::StatusPeriod, StatusPeriod>(
        context, *kinds->status_period, key, after, FactsOf, Clash,
        "two periods of the same status cannot overlap; end the one before the other starts");
  };
  return kind;
}

}  // namespace oversight::caseload
