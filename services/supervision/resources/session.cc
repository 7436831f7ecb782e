#include "absl/strings/str_cat.h"
#include "common/resource/columns.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/session_facts.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

// A session without a state is scheduled; one without a day is held on that of its start. One that is first
// scheduled is planned for its day.
void NormaliseSession(Message& message) {
  auto& session = static_cast<v1::Session&>(message);
  if (session.state() == v1::Session::STATE_UNSPECIFIED) session.set_state(v1::Session::STATE_SCHEDULED);
  FillDays(session);
  if (!session.has_date()) {
    if (const std::optional<CivilDay> day = DayOfSession(FactsOf(session))) SetDay(session, "date", *day);
  }
  if (session.state() == v1::Session::STATE_SCHEDULED && !session.has_planned_date() && session.has_date()) {
    *session.mutable_planned_date() = session.date();
  }
}

void ValidateSession(const Message& message, std::vector<FieldViolation>& violations) {
  const auto& session = static_cast<const v1::Session&>(message);
  CheckInstants(session, violations);
  if (!violations.empty()) return;
  // A day that does not exist is reported by the annotations; nothing can be said of it here.
  if (session.has_date() && !resource::DayOf(session, "date")) return;
  Check(FactsOf(session), violations);
}

// What was recorded in a session cannot stay there when it turns out not to have been held.
absl::Status RefuseDiscussions(const Kinds& kinds, WriteContext& context, const Key& key) {
  const Key any_discussion = {key.authority, absl::StrCat("sessions/", key.id), ""};
  OVERSIGHT_ASSIGN_OR_RETURN(const auto discussions,
                             context.Siblings(*kinds.case_discussion, any_discussion));
  if (discussions.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "SESSION_HAS_DISCUSSIONS",
               "case discussions are recorded in this session; delete them before it is cancelled or missed")
      .With("discussions", absl::StrCat(discussions.size()));
}

// Outside imports a session starts as SCHEDULED, and only HoldSession, CancelSession and MissSession, which
// look up the transition themselves, move it on.
absl::Status CheckTransition(const WriteContext& context, const v1::Session* before,
                             const v1::Session& after) {
  if (context.importing() || context.by_verb()) return absl::OkStatus();
  const SessionState from = before == nullptr ? SessionState::kNone : StateOf(*before);
  const auto action = before == nullptr ? SessionAction::kSchedule : SessionAction::kCorrect;
  if (Next(from, action) == StateOf(after)) return absl::OkStatus();
  return IllegalTransition(
      from, before == nullptr
                ? "a new session is SCHEDULED; hold, cancel or miss it afterwards, or import it"
                : "an update cannot change the state; use HoldSession, CancelSession or MissSession");
}

absl::Status Decide(const Kinds& kinds, WriteContext& context, const Key& key, const v1::Session* before,
                    const v1::Session& after) {
  OVERSIGHT_RETURN_IF_ERROR(CheckTransition(context, before, after));
  if (!context.importing()) {
    std::vector<FieldViolation> violations;
    CheckAsOf(FactsOf(after), context.today(), violations);
    // The verbs have these fields in their requests; Create and Update have them in their session.
    for (FieldViolation& violation : violations) {
      if (!context.by_verb()) violation.field.insert(0, "session.");
    }
    OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  }
  const bool newly_not_held = before != nullptr && !NotHeld(StateOf(*before)) && NotHeld(StateOf(after));
  return newly_not_held ? RefuseDiscussions(kinds, context, key) : absl::OkStatus();
}

}  // namespace

resource::Kind SessionKind(KindsPtr kinds) {
  Kind kind;
  kind.prototype = &v1::Session::default_instance();
  kind.table = "supervision_session";
  kind.index_columns = {resource::TextColumn("supervisee"), resource::TextColumn("supervisor"),
                        resource::DateColumn("date", "session_date"),
                        resource::EnumColumn("state", "session_state")};
  kind.normalise = NormaliseSession;
  kind.validate = ValidateSession;
  kind.decide = [kinds](WriteContext& context, const Key& key, const Message* before, const Message& after) {
    return Decide(*kinds, context, key, static_cast<const v1::Session*>(before),
                  static_cast<const v1::Session&>(after));
  };
  return kind;
}

}  // namespace oversight::supervision
