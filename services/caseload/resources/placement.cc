#include "common/resource/dated.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/domain/case_history.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {
namespace {

Placement FactsOf(const v1::Placement& placement) {
  return {placement.respite(), resource::PeriodOf(placement)};
}

}  // namespace

resource::Kind PlacementKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::Placement::default_instance();
  kind.table = "placement";
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) {
    return resource::RefuseClash<v1::Placement, Placement>(
        context, *kinds->placement, key, after, FactsOf, Clash,
        "two placements of a child can overlap only when one is respite; end the one before the other "
        "starts");
  };
  return kind;
}

}  // namespace oversight::caseload
