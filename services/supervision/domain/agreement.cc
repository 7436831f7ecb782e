#include "services/supervision/domain/agreement.h"

#include "services/supervision/domain/transition.h"

namespace oversight::supervision {
namespace {

constexpr Transition<AgreementState, AgreementAction> kAgreementTransitions[] = {
    {AgreementState::kNone, AgreementAction::kDraw, AgreementState::kDraft},
    {AgreementState::kDraft, AgreementAction::kSuperviseeSigns, AgreementState::kSignedBySupervisee},
    {AgreementState::kDraft, AgreementAction::kSupervisorSigns, AgreementState::kSignedBySupervisor},
    {AgreementState::kDraft, AgreementAction::kEnd, AgreementState::kEnded},
    {AgreementState::kDraft, AgreementAction::kRevise, AgreementState::kDraft},
    {AgreementState::kDraft, AgreementAction::kAnnotate, AgreementState::kDraft},
    {AgreementState::kSignedBySupervisee, AgreementAction::kSupervisorSigns, AgreementState::kInForce},
    {AgreementState::kSignedBySupervisee, AgreementAction::kEnd, AgreementState::kEnded},
    {AgreementState::kSignedBySupervisee, AgreementAction::kAnnotate, AgreementState::kSignedBySupervisee},
    {AgreementState::kSignedBySupervisor, AgreementAction::kSuperviseeSigns, AgreementState::kInForce},
    {AgreementState::kSignedBySupervisor, AgreementAction::kEnd, AgreementState::kEnded},
    {AgreementState::kSignedBySupervisor, AgreementAction::kAnnotate, AgreementState::kSignedBySupervisor},
    {AgreementState::kInForce, AgreementAction::kEnd, AgreementState::kEnded},
    {AgreementState::kInForce, AgreementAction::kAnnotate, AgreementState::kInForce},
    {AgreementState::kEnded, AgreementAction::kAnnotate, AgreementState::kEnded},
};

}  // namespace

std::optional<AgreementState> Next(AgreementState state, AgreementAction action) {
  return NextBy<AgreementState, AgreementAction>(kAgreementTransitions, state, action);
}

absl::string_view NameOf(AgreementState state) {
  switch (state) {
    case AgreementState::kDraft:
      return "DRAFT";
    case AgreementState::kSignedBySupervisee:
      return "SIGNED_BY_SUPERVISEE";
    case AgreementState::kSignedBySupervisor:
      return "SIGNED_BY_SUPERVISOR";
    case AgreementState::kInForce:
      return "IN_FORCE";
    case AgreementState::kEnded:
      return "ENDED";
    case AgreementState::kNone:
      break;
  }
  return "NONE";
}

AgreementState StateOfSignatures(const Agreement& agreement) {
  if (agreement.supervisee_signed && agreement.supervisor_signed) return AgreementState::kInForce;
  if (agreement.supervisee_signed) return AgreementState::kSignedBySupervisee;
  if (agreement.supervisor_signed) return AgreementState::kSignedBySupervisor;
  return AgreementState::kDraft;
}

void Check(const Agreement& agreement, std::vector<FieldViolation>& violations) {
  if (!agreement.supervisor.empty() && agreement.supervisor == agreement.supervisee) {
    violations.push_back({"supervisor", "must be another worker than supervisee"});
  }
  if (agreement.agreed_days > 0 && agreement.agreed_months > 0) {
    violations.push_back({"agreed_months", "must be 0 where agreed_days is given; set one of the two"});
  }
}

void CheckAsOf(const Agreement& agreement, CivilDay today, std::vector<FieldViolation>& violations) {
  if (agreement.supervisee_signed && *agreement.supervisee_signed > today) {
    violations.push_back({"supervisee_signed_date", "must not be in the future"});
  }
  if (agreement.supervisor_signed && *agreement.supervisor_signed > today) {
    violations.push_back({"supervisor_signed_date", "must not be in the future"});
  }
}

}  // namespace oversight::supervision
