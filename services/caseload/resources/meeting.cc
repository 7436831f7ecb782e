#include "services/caseload/domain/meeting.h"
#include "common/resource/dated.h"
#include "common/resource/plain_kind.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/caseload/v1/casework.pb.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {
namespace {

using resource::Key;
using resource::Message;
using resource::WriteContext;

MeetingState StateOf(const v1::Meeting& meeting) {
  switch (meeting.state()) {
    case v1::Meeting::STATE_SCHEDULED:
      return MeetingState::kScheduled;
    case v1::Meeting::STATE_HELD:
      return MeetingState::kHeld;
    case v1::Meeting::STATE_CANCELLED:
      return MeetingState::kCancelled;
    default:
      return MeetingState::kNone;
  }
}

Meeting FactsOf(const v1::Meeting& meeting) {
  return {meeting.kind(), StateOf(meeting), resource::DayOf(meeting, "date").value_or(CivilDay::Min()),
          meeting.sequence_number(), meeting.chair()};
}

// What was held or cancelled stays so, and nothing was held in the future. Imports bring history as it was.
absl::Status CheckChange(const WriteContext& context, const v1::Meeting* before, const v1::Meeting& after) {
  if (context.importing()) return absl::OkStatus();
  const MeetingState from = before == nullptr ? MeetingState::kNone : StateOf(*before);
  if (!MayBecome(from, StateOf(after))) {
    return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                 "a meeting that was held or cancelled stays so; void it if it was entered in error")
        .With("state", v1::Meeting::State_Name(before->state()));
  }
  std::vector<FieldViolation> violations;
  CheckAsOf(FactsOf(after), context.today(), violations);
  for (FieldViolation& violation : violations) violation.field.insert(0, "meeting.");
  return InvalidFields(violations);
}

absl::Status Decide(const Kinds& kinds, WriteContext& context, const Key& key, const v1::Meeting* before,
                    const v1::Meeting& after) {
  OVERSIGHT_RETURN_IF_ERROR(CheckChange(context, before, after));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto siblings, context.Siblings(*kinds.meeting, key));
  for (const WriteContext::Item& sibling : siblings) {
    if (sibling.key == key) continue;
    if (!Clash(FactsOf(after), FactsOf(static_cast<const v1::Meeting&>(*sibling.state)))) continue;
    return Error(absl::StatusCode::kFailedPrecondition, "MEETING_NUMBER_CONFLICT",
                 "another meeting of this kind has this number, or their numbers contradict their days")
        .With("conflicting_resource", kinds.meeting->pattern->Format(sibling.key));
  }
  return absl::OkStatus();
}

}  // namespace

resource::Kind MeetingKind(KindsPtr kinds) {
  resource::Kind kind = resource::PlainKind<v1::Meeting>("meeting");
  kind.validate = [](const Message& meeting, std::vector<FieldViolation>& violations) {
    Check(FactsOf(static_cast<const v1::Meeting&>(meeting)), violations);
  };
  kind.decide = [kinds](WriteContext& context, const Key& key, const Message* before, const Message& after) {
    return Decide(*kinds, context, key, static_cast<const v1::Meeting*>(before),
                  static_cast<const v1::Meeting&>(after));
  };
  return kind;
}

}  // namespace oversight::caseload
