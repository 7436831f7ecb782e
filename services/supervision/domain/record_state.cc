#include "services/supervision/domain/record_state.h"

#include "services/supervision/domain/transition.h"

namespace oversight::supervision {
namespace {

constexpr Transition<RecordState, RecordAction> kRecordTransitions[] = {
    {RecordState::kNone, RecordAction::kStart, RecordState::kDraft},
    {RecordState::kDraft, RecordAction::kWrite, RecordState::kDraft},
    {RecordState::kDraft, RecordAction::kSend, RecordState::kSent},
    {RecordState::kDraft, RecordAction::kAnnotate, RecordState::kDraft},
    {RecordState::kSent, RecordAction::kRequestAmendment, RecordState::kAmendmentRequested},
    {RecordState::kSent, RecordAction::kSign, RecordState::kSigned},
    {RecordState::kSent, RecordAction::kAnnotate, RecordState::kSent},
    {RecordState::kAmendmentRequested, RecordAction::kWrite, RecordState::kDraft},
    {RecordState::kAmendmentRequested, RecordAction::kAnnotate, RecordState::kAmendmentRequested},
    {RecordState::kSigned, RecordAction::kAnnotate, RecordState::kSigned},
};

}  // namespace

std::optional<RecordState> Next(RecordState state, RecordAction action) {
  return NextBy<RecordState, RecordAction>(kRecordTransitions, state, action);
}

absl::string_view NameOf(RecordState state) {
  switch (state) {
    case RecordState::kDraft:
      return "DRAFT";
    case RecordState::kSent:
      return "SENT";
    case RecordState::kAmendmentRequested:
      return "AMENDMENT_REQUESTED";
    case RecordState::kSigned:
      return "SIGNED";
    case RecordState::kNone:
      break;
  }
  return "NONE";
}

}  // namespace oversight::supervision
