#include "services/supervision/resources/agreement_verbs.h"

#include "common/status/error.h"
#include "services/supervision/resources/agreement_facts.h"

namespace oversight::supervision {

absl::Status Sign(const v1::SignAgreementRequest& request, v1::Agreement& agreement) {
  const bool supervisee = request.party() == v1::SignAgreementRequest::PARTY_SUPERVISEE;
  std::vector<FieldViolation> violations;
  if (!supervisee && request.party() != v1::SignAgreementRequest::PARTY_SUPERVISOR) {
    violations.push_back({"party", "must be PARTY_SUPERVISEE or PARTY_SUPERVISOR: who signs"});
  }
  if (!resource::DayOf(request, "signed_date")) {
    violations.push_back({"signed_date", "is required, and must be a date that exists"});
  }
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  const auto action = supervisee ? AgreementAction::kSuperviseeSigns : AgreementAction::kSupervisorSigns;
  const std::optional<AgreementState> next = Next(StateOf(agreement), action);
  if (!next) {
    return IllegalTransition(StateOf(agreement),
                             "each signs once, before the agreement ends; draw up another agreement");
  }
  agreement.set_state(ToProto(*next));
  *(supervisee ? agreement.mutable_supervisee_signed_date() : agreement.mutable_supervisor_signed_date()) =
      request.signed_date();
  return absl::OkStatus();
}

absl::Status End(const v1::EndAgreementRequest& request, v1::Agreement& agreement) {
  if (!resource::DayOf(request, "end_date")) {
    return InvalidFields({{"end_date", "is required, and must be a date that exists"}});
  }
  const std::optional<AgreementState> next = Next(StateOf(agreement), AgreementAction::kEnd);
  if (!next)
    return IllegalTransition(StateOf(agreement), "it has ended; correct its end with UpdateAgreement");
  agreement.set_state(ToProto(*next));
  *agreement.mutable_end_date() = request.end_date();
  return absl::OkStatus();
}

void RegisterAgreementVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds) {
  using resource::Message;
  methods.Unary<v1::SignAgreementRequest, v1::Agreement>(
      kSupervisionService, "SignAgreement",
      [&standard, kinds](rpc::Call& call, const v1::SignAgreementRequest& request, v1::Agreement& response) {
        return standard.Mutate(
            call, *kinds->agreement, request.name(), request.etag(), request.request_id(), request,
            [&](Message& state) { return Sign(request, static_cast<v1::Agreement&>(state)); }, response);
      });
  methods.Unary<v1::EndAgreementRequest, v1::Agreement>(
      kSupervisionService, "EndAgreement",
      [&standard, kinds](rpc::Call& call, const v1::EndAgreementRequest& request, v1::Agreement& response) {
        return standard.Mutate(
            call, *kinds->agreement, request.name(), request.etag(), request.request_id(), request,
            [&](Message& state) { return End(request, static_cast<v1::Agreement&>(state)); }, response);
      });
}

}  // namespace oversight::supervision
