#include "services/supervision/domain/case_discussion.h"
#include "common/resource/columns.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/session_facts.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

CaseDiscussion FactsOf(const Message& message) {
  return {static_cast<const v1::CaseDiscussion&>(message).case_()};
}

// FAILED_PRECONDITION (SESSION_CANCELLED) in a cancelled session; ALREADY_EXISTS (CASE_ALREADY_DISCUSSED)
// when the session has a discussion of this case.
absl::Status Decide(const Kinds& kinds, WriteContext& context, const Key& key, const Message& after) {
  const Kind& kind = *kinds.case_discussion;
  const std::optional<Key> session_key = kinds.session->pattern->Match(kind.pattern->FormatParent(key));
  if (session_key) {
    OVERSIGHT_ASSIGN_OR_RETURN(const Message* session, context.Find(*kinds.session, *session_key));
    if (session != nullptr && !CanHaveDiscussions(StateOf(static_cast<const v1::Session&>(*session)))) {
      return Error(
          absl::StatusCode::kFailedPrecondition, "SESSION_CANCELLED",
          "the session was not held: nothing was discussed in it; name the session that took its place");
    }
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const auto siblings, context.Siblings(kind, key));
  for (const WriteContext::Item& sibling : siblings) {
    if (sibling.key == key || !Clash(FactsOf(after), FactsOf(*sibling.state))) continue;
    return Error(absl::StatusCode::kAlreadyExists, "CASE_ALREADY_DISCUSSED",
                 "this session has a discussion of this case already; update that one")
        .With("conflicting_resource", kind.pattern->Format(sibling.key));
  }
  return absl::OkStatus();
}

}  // namespace

resource::Kind CaseDiscussionKind(KindsPtr kinds) {
  Kind kind;
  kind.prototype = &v1::CaseDiscussion::default_instance();
  kind.table = "case_discussion";
  kind.index_columns = {resource::TextColumn("case", "case_name")};
  kind.normalise = FillDays;
  kind.validate = CheckInstants;
  kind.decide = [kinds](WriteContext& context, const Key& key, const Message*, const Message& after) {
    return Decide(*kinds, context, key, after);
  };
  return kind;
}

}  // namespace oversight::supervision
