#include "services/workforce/resources/registry.h"

#include <memory>

#include "common/resource/plain_kind.h"
#include "oversight/workforce/v1/accountability.pb.h"
#include "oversight/workforce/v1/capacity.pb.h"
#include "oversight/workforce/v1/development.pb.h"
#include "oversight/workforce/v1/governance.pb.h"
#include "services/workforce/questions/questions.h"
#include "services/workforce/resources/kinds.h"
#include "services/workforce/resources/supervision_verbs.h"

namespace oversight::workforce {
namespace {

using resource::PlainKind;

void AddGovernance(resource::Registry& registry) {
  registry.Add(PlainKind<v1::Lead>("authority_lead"));
  registry.Add(PlainKind<v1::HealthCheck>("health_check"));
  registry.Add(PlainKind<v1::SupervisionSurvey>("supervision_survey"));
  registry.Add(PlainKind<v1::TeamManager>("team_manager"));
  registry.Add(PlainKind<v1::TeamReview>("team_review"));
}

void AddDevelopment(resource::Registry& registry) {
  registry.Add(PlainKind<v1::ProfessionalRegistration>("professional_registration"));
  registry.Add(PlainKind<v1::InductionProgramme>("induction_programme"));
  registry.Add(PlainKind<v1::Probation>("probation"));
  registry.Add(PlainKind<v1::TrainingRecord>("training_record"));
  registry.Add(CapabilityAssessmentKind());
  registry.Add(PlainKind<v1::DirectObservation>("direct_observation"));
  registry.Add(PlainKind<v1::YearlyReview>("yearly_review"));
  registry.Add(PlainKind<v1::DevelopmentPlan>("development_plan"));
}

void AddAccountability(resource::Registry& registry) {
  registry.Add(PlainKind<v1::SupervisionStatement>("supervision_statement"));
  registry.Add(PlainKind<v1::ResponsibilityAgreement>("responsibility_agreement"));
  registry.Add(PlainKind<v1::RecordingAccess>("recording_access"));
  registry.Add(PlainKind<v1::FitnessConcern>("fitness_concern"));
}

}  // namespace

service::ServiceDefinition Definition() {
  service::ServiceDefinition definition;
  definition.name = "workforce";
  definition.rpc_service = "oversight.workforce.v1.WorkforceService";
  auto kinds = std::make_shared<Kinds>();
  resource::Registry& registry = definition.kinds;
  kinds->authority = &registry.Add(AuthorityKind());
  kinds->team = &registry.Add(TeamKind(kinds));
  kinds->role = &registry.Add(PlainKind<v1::Role>("role"));
  kinds->worker = &registry.Add(WorkerKind());
  kinds->post = &registry.Add(PostKind(kinds));
  kinds->asye_programme = &registry.Add(AsyeProgrammeKind(kinds));
  kinds->student_placement = &registry.Add(StudentPlacementKind(kinds));
  kinds->supervisor_link = &registry.Add(SupervisorLinkKind(kinds));
  kinds->absence = &registry.Add(AbsenceKind());
  AddGovernance(registry);
  AddDevelopment(registry);
  kinds->capacity = &registry.Add(PlainKind<v1::Capacity>("capacity"));
  kinds->capacity_reduction = &registry.Add(PlainKind<v1::CapacityReduction>("capacity_reduction"));
  registry.Add(PlainKind<v1::OverCapacityPlan>("over_capacity_plan"));
  AddAccountability(registry);
  definition.custom_methods = [kinds](resource::StandardMethods& standard, rpc::Methods& methods) {
    RegisterQuestions(standard.writer().environment(), kinds, methods);
    RegisterSupervisionVerbs(standard, methods, kinds);
  };
  return definition;
}

}  // namespace oversight::workforce
