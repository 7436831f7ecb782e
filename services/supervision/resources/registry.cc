#include "services/supervision/resources/registry.h"

#include <memory>

#include "services/supervision/resources/agreement_verbs.h"
#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/session_verbs.h"

namespace oversight::supervision {

service::ServiceDefinition Definition() {
  service::ServiceDefinition definition;
  definition.name = "supervision";
  definition.rpc_service = "oversight.supervision.v1.SupervisionService";
  definition.references = {"workforce", "caseload"};
  auto kinds = std::make_shared<Kinds>();
  kinds->agreement = &definition.kinds.Add(AgreementKind());
  kinds->planned_series = &definition.kinds.Add(PlannedSeriesKind());
  kinds->session = &definition.kinds.Add(SessionKind(kinds));
  kinds->case_discussion = &definition.kinds.Add(CaseDiscussionKind(kinds));
  kinds->session_record = &definition.kinds.Add(SessionRecordKind());
  definition.kinds.Add(ActionKind());
  definition.kinds.Add(ManagementDecisionKind());
  definition.kinds.Add(MidwayCheckKind());
  kinds->disclosure = &definition.kinds.Add(DisclosureKind(kinds));
  definition.kinds.Add(QualityAuditKind());
  definition.kinds.Add(SurveyResultKind());
  definition.custom_methods = [kinds](resource::StandardMethods& standard, rpc::Methods& methods) {
    RegisterAgreementVerbs(standard, methods, kinds);
    RegisterSessionVerbs(standard, methods, kinds);
  };
  return definition;
}

}  // namespace oversight::supervision
