#include "services/caseload/domain/allocation.h"
#include "common/resource/columns.h"
#include "common/resource/dated.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/resources/allocation_consent.h"
#include "services/caseload/resources/kinds.h"
#include "services/caseload/resources/vocabulary.h"

namespace oversight::caseload {
namespace {

Allocation FactsOf(const v1::Allocation& allocation) {
  return {RoleOf(allocation.role()), resource::PeriodOf(allocation)};
}

// FAILED_PRECONDITION (CASE_NOT_OPEN) when a new allocation starts on a day on which the case is not open.
// History may hold such allocations.
absl::Status CheckOpen(const Kinds& kinds, resource::WriteContext& context, const resource::Key& key,
                       const v1::Allocation& allocation) {
  const auto case_key = kinds.case_record->pattern->Match(kinds.allocation->pattern->FormatParent(key));
  if (context.importing() || !case_key) return absl::OkStatus();
  OVERSIGHT_ASSIGN_OR_RETURN(const resource::Message* found, context.Find(*kinds.case_record, *case_key));
  if (found == nullptr) return absl::OkStatus();  // the parent is checked as every parent is
  const CivilDay start = resource::PeriodOf(allocation).start;
  for (const auto& period : static_cast<const v1::Case*>(found)->open_periods()) {
    if (resource::PeriodOf(period).Contains(start)) return absl::OkStatus();
  }
  return Error(
      absl::StatusCode::kFailedPrecondition, "CASE_NOT_OPEN",
      "the case is not open on the first day of the allocation; open or reopen it, or choose another day");
}

}  // namespace

resource::Kind AllocationKind(KindsPtr kinds, PeersPtr peers) {
  resource::Kind kind;
  kind.prototype = &v1::Allocation::default_instance();
  kind.table = "allocation";
  kind.index_columns = {resource::TextColumn("worker"), resource::EnumColumn("role"),
                        resource::DateColumn("start_date"), resource::DateColumn("end_date")};
  kind.consult = AskCompliance(std::move(peers));
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key,
                        const resource::Message* before, const resource::Message& after) -> absl::Status {
    if (before == nullptr) {
      OVERSIGHT_RETURN_IF_ERROR(CheckOpen(*kinds, context, key, static_cast<const v1::Allocation&>(after)));
    }
    return resource::RefuseClash<v1::Allocation, Allocation>(
        context, *kinds->allocation, key, after, FactsOf, Clash,
        "a case has one keyworker at a time; end the allocation before, or give the role coworker");
  };
  return kind;
}

}  // namespace oversight::caseload
