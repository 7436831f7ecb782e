#include "common/resource/columns.h"
#include "common/status/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/supervision/resources/agreement_facts.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

void NormaliseAgreement(Message& message) {
  auto& agreement = static_cast<v1::Agreement&>(message);
  if (agreement.state() == v1::Agreement::STATE_ENDED) return;
  agreement.set_state(ToProto(StateOfSignatures(FactsOf(agreement))));
}

void ValidateAgreement(const Message& message, std::vector<FieldViolation>& violations) {
  Check(FactsOf(static_cast<const v1::Agreement&>(message)), violations);
}

// Whether anything differs that was agreed and signed, beyond the other names and the end.
bool Revised(const v1::Agreement& before, const v1::Agreement& after) {
  google::protobuf::util::MessageDifferencer differencer;
  for (const char* field : {"external_ids", "end_date", "state"}) {
    differencer.IgnoreField(v1::Agreement::descriptor()->FindFieldByName(field));
  }
  return !differencer.Compare(before, after);
}

// Outside imports an agreement starts unsigned, and only SignAgreement and EndAgreement move it on.
absl::Status CheckTransition(const v1::Agreement* before, const v1::Agreement& after) {
  const AgreementState from = before == nullptr ? AgreementState::kNone : StateOf(*before);
  const AgreementAction action = before == nullptr         ? AgreementAction::kDraw
                                 : Revised(*before, after) ? AgreementAction::kRevise
                                                           : AgreementAction::kAnnotate;
  const std::optional<AgreementState> next = Next(from, action);
  if (next && *next == StateOf(after)) return absl::OkStatus();
  if (before == nullptr || (next && *next == from)) {
    return IllegalTransition(from,
                             "a new agreement is unsigned; use SignAgreement and EndAgreement, or import it");
  }
  return IllegalTransition(from,
                           "what somebody has signed does not change: end it and draw up another agreement");
}

absl::Status Decide(WriteContext& context, const v1::Agreement* before, const v1::Agreement& after) {
  if (context.importing()) return absl::OkStatus();
  if (!context.by_verb()) OVERSIGHT_RETURN_IF_ERROR(CheckTransition(before, after));
  std::vector<FieldViolation> violations;
  CheckAsOf(FactsOf(after), context.today(), violations);
  for (FieldViolation& violation : violations) {
    if (context.by_verb()) violation.field = "signed_date";
  }
  return InvalidFields(violations);
}

}  // namespace

AgreementState StateOf(const v1::Agreement& agreement) {
  switch (agreement.state()) {
    case v1::Agreement::STATE_DRAFT:
      return AgreementState::kDraft;
    case v1::Agreement::STATE_SIGNED_BY_SUPERVISEE:
      return AgreementState::kSignedBySupervisee;
    case v1::Agreement::STATE_SIGNED_BY_SUPERVISOR:
      return AgreementState::kSignedBySupervisor;
    case v1::Agreement::STATE_IN_FORCE:
      return AgreementState::kInForce;
    case v1::Agreement::STATE_ENDED:
      return AgreementState::kEnded;
    default:
      return AgreementState::kNone;
  }
}

v1::Agreement::State ToProto(AgreementState state) {
  switch (state) {
    case AgreementState::kDraft:
      return v1::Agreement::STATE_DRAFT;
    case AgreementState::kSignedBySupervisee:
      return v1::Agreement::STATE_SIGNED_BY_SUPERVISEE;
    case AgreementState::kSignedBySupervisor:
      return v1::Agreement::STATE_SIGNED_BY_SUPERVISOR;
    case AgreementState::kInForce:
      return v1::Agreement::STATE_IN_FORCE;
    case AgreementState::kEnded:
      return v1::Agreement::STATE_ENDED;
    case AgreementState::kNone:
      break;
  }
  return v1::Agreement::STATE_UNSPECIFIED;
}

Agreement FactsOf(const v1::Agreement& agreement) {
  return {.supervisee = agreement.supervisee(),
          .supervisor = agreement.supervisor(),
          .state = StateOf(agreement),
          .supervisee_signed = resource::DayOf(agreement, "supervisee_signed_date"),
          .supervisor_signed = resource::DayOf(agreement, "supervisor_signed_date"),
          .agreed_days = agreement.agreed_days(),
          .agreed_months = agreement.agreed_months()};
}

absl::Status IllegalTransition(AgreementState state, absl::string_view advice) {
  return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION", advice)
      .With("state", NameOf(state));
}

resource::Kind AgreementKind() {
  Kind kind;
  kind.prototype = &v1::Agreement::default_instance();
  kind.table = "agreement";
  kind.index_columns = {resource::TextColumn("supervisee"), resource::TextColumn("supervisor"),
                        resource::DateColumn("start_date"), resource::DateColumn("end_date")};
  kind.normalise = NormaliseAgreement;
  kind.validate = ValidateAgreement;
  kind.decide = [](WriteContext& context, const Key&, const Message* before, const Message& after) {
    return Decide(context, static_cast<const v1::Agreement*>(before),
                  static_cast<const v1::Agreement&>(after));
  };
  return kind;
}

}  // namespace oversight::supervision
