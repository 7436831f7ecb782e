#include "services/compliance/resources/registry.h"

#include <memory>

#include "services/compliance/judgement/extension.h"
#include "services/compliance/resources/policy_assignment.h"
#include "services/compliance/resources/waiver.h"

namespace oversight::compliance {

service::ServiceDefinition Definition() {
  service::ServiceDefinition definition;
  definition.name = "compliance";
  definition.rpc_service = "oversight.compliance.v1.ComplianceService";
  definition.references = {"workforce", "caseload", "supervision"};
  auto library = std::make_shared<PolicyLibrary>();
  auto self = std::make_shared<const resource::Kind*>(nullptr);
  *self = &definition.kinds.Add(PolicyAssignmentKind(library, self));
  definition.kinds.Add(WaiverKind(library));
  definition.declare_settings = DeclareComplianceSettings;
  definition.make_extension = [library](const service::Runtime& runtime) {
    return MakeCompliance(runtime, library);
  };
  return definition;
}

}  // namespace oversight::compliance
