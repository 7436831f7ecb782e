#include "services/caseload/resources/registry.h"

#include <memory>

#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

service::ServiceDefinition Definition() {
  service::ServiceDefinition definition;
  definition.name = "caseload";
  definition.rpc_service = "oversight.caseload.v1.CaseloadService";
  definition.references = {"workforce"};
  auto kinds = std::make_shared<Kinds>();
  resource::Registry& registry = definition.kinds;
  registry.Add(CaseKind());
  kinds->status_period = &registry.Add(StatusPeriodKind(kinds));
  kinds->placement = &registry.Add(PlacementKind(kinds));
  registry.Add(ReducedFrequencyAgreementKind());
  kinds->allocation = &registry.Add(AllocationKind(kinds));
  return definition;
}

}  // namespace oversight::caseload
