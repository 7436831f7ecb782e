#include <set>
#include <string>

#include "common/resource/columns.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

// FAILED_PRECONDITION (TEAM_CYCLE) when a team would be a part of itself.
absl::Status Decide(const Kind& team_kind, WriteContext& context, const Key& key, const v1::Team& after) {
  std::set<Key> seen;
  std::string parent_name = after.parent_team();
  while (!parent_name.empty()) {
    const std::optional<Key> parent = team_kind.pattern->Match(parent_name);
    if (!parent || !seen.insert(*parent).second) break;
    if (*parent == key) {
      return Error(absl::StatusCode::kFailedPrecondition, "TEAM_CYCLE",
                   "a team cannot be a part of itself; choose a parent_team that is not below this team");
    }
    OVERSIGHT_ASSIGN_OR_RETURN(const Message* state, context.Find(team_kind, *parent));
    parent_name = state == nullptr ? "" : static_cast<const v1::Team*>(state)->parent_team();
  }
  return absl::OkStatus();
}

}  // namespace

resource::Kind TeamKind(KindsPtr kinds) {
  Kind kind;
  kind.prototype = &v1::Team::default_instance();
  kind.table = "team";
  kind.index_columns = {resource::TextColumn("parent_team")};
  // The rule looks at all teams above.
  kind.lock_authority = true;
  kind.decide = [kinds](WriteContext& context, const Key& key, const Message*, const Message& after) {
    return Decide(*kinds->team, context, key, static_cast<const v1::Team&>(after));
  };
  return kind;
}

}  // namespace oversight::workforce
