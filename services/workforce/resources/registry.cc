#include "services/workforce/resources/registry.h"

#include <memory>

#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

service::ServiceDefinition Definition() {
  service::ServiceDefinition definition;
  definition.name = "workforce";
  definition.rpc_service = "oversight.workforce.v1.WorkforceService";
  auto kinds = std::make_shared<Kinds>();
  resource::Registry& registry = definition.kinds;
  registry.Add(AuthorityKind());
  kinds->team = &registry.Add(TeamKind(kinds));
  kinds->worker = &registry.Add(WorkerKind());
  kinds->post = &registry.Add(PostKind(kinds));
  kinds->asye_programme = &registry.Add(AsyeProgrammeKind(kinds));
  kinds->student_placement = &registry.Add(StudentPlacementKind(kinds));
  kinds->supervisor_link = &registry.Add(SupervisorLinkKind(kinds));
  registry.Add(AbsenceKind());
  return definition;
}

}  // namespace oversight::workforce
