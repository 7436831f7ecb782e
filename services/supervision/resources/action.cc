#include "common/resource/columns.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Message;
using resource::WriteContext;

// An open action has come to nothing yet.
void ValidateAction(const Message& message, std::vector<FieldViolation>& violations) {
  const auto& action = static_cast<const v1::Action&>(message);
  CheckInstants(action, violations);
  if (action.outcome() != v1::Action::OUTCOME_UNSPECIFIED) return;
  if (action.has_outcome_date())
    violations.push_back({"outcome_date", "must be empty while there is no outcome"});
  if (!action.reason().empty()) violations.push_back({"reason", "must be empty while there is no outcome"});
}

// Done, or the reason noted. History may lack it; that is for the policy to judge.
absl::Status Decide(WriteContext& context, const v1::Action& action) {
  if (context.importing() || action.outcome() != v1::Action::OUTCOME_NOT_DONE || !action.reason().empty()) {
    return absl::OkStatus();
  }
  return InvalidFields({{"action.reason", "is required of an action that was not done: say why"}});
}

}  // namespace

resource::Kind ActionKind() {
  resource::Kind kind;
  kind.prototype = &v1::Action::default_instance();
  kind.table = "session_action";
  kind.index_columns = {resource::TextColumn("case", "case_name"), resource::TextColumn("owner"),
                        resource::DateColumn("due_date")};
  kind.normalise = FillDays;
  kind.validate = ValidateAction;
  kind.decide = [](WriteContext& context, const Key&, const Message*, const Message& after) {
    return Decide(context, static_cast<const v1::Action&>(after));
  };
  return kind;
}

}  // namespace oversight::supervision
