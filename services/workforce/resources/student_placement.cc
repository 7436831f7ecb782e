#include "common/resource/dated.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/domain/learning.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

StudentPlacement FactsOf(const v1::StudentPlacement& placement) { return {resource::PeriodOf(placement)}; }

}  // namespace

resource::Kind StudentPlacementKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::StudentPlacement::default_instance();
  kind.table = "student_placement";
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) {
    return resource::RefuseClash<v1::StudentPlacement, StudentPlacement>(
        context, *kinds->student_placement, key, after, FactsOf, Clash,
        "two placements of a student cannot overlap; end the one before the other starts");
  };
  return kind;
}

}  // namespace oversight::workforce
