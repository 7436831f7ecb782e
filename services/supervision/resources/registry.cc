#include "services/supervision/resources/registry.h"

#include <memory>

#include "services/supervision/extension.h"
#include "services/supervision/planning/calendar_export.h"
#include "services/supervision/planning/plan_series.h"
#include "services/supervision/resources/agreement_verbs.h"
#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/session_verbs.h"

namespace oversight::supervision {

service::ServiceDefinition Definition(std::shared_ptr<Surroundings> surroundings) {
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
  const auto records = std::make_shared<RecordKeeper>(kinds, surroundings);
  definition.custom_methods = [=](resource::StandardMethods& standard, rpc::Methods& methods) {
    RegisterAgreementVerbs(standard, methods, kinds);
    RegisterSessionVerbs(standard, methods, kinds);
    records->Register(standard, methods);
    RegisterPlanSeries(standard, methods, kinds, surroundings);
    RegisterCalendarExport(standard, methods);
  };
  definition.follows_workforce = true;
  definition.declare_settings = DeclareSupervisionSettings;
  definition.make_extension = [surroundings](const service::Runtime& runtime) {
    return MakeSupervision(runtime, surroundings);
  };
  return definition;
}

}  // namespace oversight::supervision
