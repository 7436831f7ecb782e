#include "services/supervision/resources/registry.h"

#include <memory>

#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/session_verbs.h"

namespace oversight::supervision {

service::ServiceDefinition Definition() {
  service::ServiceDefinition definition;
  definition.name = "supervision";
  definition.rpc_service = "oversight.supervision.v1.SupervisionService";
  definition.references = {"workforce", "caseload"};
  auto kinds = std::make_shared<Kinds>();
  kinds->session = &definition.kinds.Add(SessionKind(kinds));
  kinds->case_discussion = &definition.kinds.Add(CaseDiscussionKind(kinds));
  definition.custom_methods = [kinds](resource::StandardMethods& standard, rpc::Methods& methods) {
    RegisterSessionVerbs(standard, methods, kinds);
  };
  return definition;
}

}  // namespace oversight::supervision
