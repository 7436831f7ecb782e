#include "services/caseload/domain/allocation.h"
#include "common/resource/columns.h"
#include "common/resource/dated.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {
namespace {

Allocation FactsOf(const v1::Allocation& allocation) {
  return {allocation.role() == v1::ALLOCATION_ROLE_KEYWORKER, resource::PeriodOf(allocation)};
}

}  // namespace

resource::Kind AllocationKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::Allocation::default_instance();
  kind.table = "allocation";
  kind.index_columns = {resource::TextColumn("worker"), resource::EnumColumn("role"),
                        resource::DateColumn("start_date"), resource::DateColumn("end_date")};
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) {
    return resource::RefuseClash<v1::Allocation, Allocation>(
        context, *kinds->allocation, key, after, FactsOf, Clash,
        "a case has one keyworker at a time; end the allocation before, or give the role coworker");
  };
  return kind;
}

}  // namespace oversight::caseload
