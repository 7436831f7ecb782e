#include "services/caseload/resources/registry.h"

#include <memory>

#include "common/resource/plain_kind.h"
#include "oversight/caseload/v1/care.pb.h"
#include "oversight/caseload/v1/casework.pb.h"
#include "oversight/caseload/v1/risk.pb.h"
#include "services/caseload/peers/connect.h"
#include "services/caseload/questions/questions.h"
#include "services/caseload/resources/kinds.h"
#include "services/caseload/verbs/verbs.h"

namespace oversight::caseload {
namespace {

using resource::PlainKind;

void AddCasework(resource::Registry& registry, const std::shared_ptr<Kinds>& kinds) {
  registry.Add(PlainKind<v1::Visit>("visit"));
  kinds->meeting = &registry.Add(MeetingKind(kinds));
  registry.Add(PlainKind<v1::Review>("review"));
  registry.Add(PlainKind<v1::Assessment>("assessment"));
  registry.Add(PlainKind<v1::Plan>("child_plan"));
  registry.Add(PlainKind<v1::Matter>("matter"));
  registry.Add(PlainKind<v1::AbsenceGapNote>("absence_gap_note"));
}

}  // namespace

service::ServiceDefinition Definition(PeersPtr peers) {
  service::ServiceDefinition definition;
  definition.name = "caseload";
  definition.rpc_service = "oversight.caseload.v1.CaseloadService";
  definition.references = {"workforce"};
  auto kinds = std::make_shared<Kinds>();
  resource::Registry& registry = definition.kinds;
  kinds->case_record = &registry.Add(CaseKind());
  registry.Add(PlainKind<v1::CareSetting>("care_setting"));
  registry.Add(PlainKind<v1::StaffLink>("staff_link"));
  kinds->status_period = &registry.Add(StatusPeriodKind(kinds));
  kinds->placement = &registry.Add(PlacementKind(kinds));
  kinds->reduced_frequency_agreement = &registry.Add(ReducedFrequencyAgreementKind());
  kinds->risk_assessment = &registry.Add(PlainKind<v1::RiskAssessment>("risk_assessment"));
  kinds->stricter_frequency_agreement = &registry.Add(StricterFrequencyAgreementKind());
  kinds->allocation = &registry.Add(AllocationKind(kinds, peers));
  AddCasework(registry, kinds);
  kinds->workload_scheme = &registry.Add(WorkloadSchemeKind());
  definition.custom_methods = [kinds, peers](resource::StandardMethods& standard, rpc::Methods& methods) {
    RegisterQuestions(standard.writer().environment(), kinds, peers, methods);
    RegisterVerbs(standard, methods, kinds);
  };
  definition.declare_settings = DeclarePeerSettings;
  definition.make_extension = [peers](const service::Runtime& runtime) {
    return ConnectPeers(runtime, peers);
  };
  return definition;
}

}  // namespace oversight::caseload
