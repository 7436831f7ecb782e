#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/access/role_table.h"
#include "common/rpc/principal.h"
#include "oversight/access/v1/roles.pb.h"

namespace oversight::access {

// The roles of this installation's callers, checked against the table. Immutable.
class Grants {
 public:
  // Parses protobuf text. INVALID_ARGUMENT names the fault: syntax with its line, a role that the table does
  // not have, a role of services granted to a group, a role of workers granted to a service, a service
  // without authorities, `*` for an authority.
  static absl::StatusOr<std::shared_ptr<const Grants>> Parse(absl::string_view text, const RoleTable& table);

  // The ids of the roles that were granted to the caller in the authority; whether it is in post is not asked
  // here.
  std::set<std::string> RolesOf(const rpc::Principal& caller, absl::string_view authority) const;

  // Ids of the authorities for which the caller works: of its token, or of its grant for a service. `*` of a
  // token stays, and counts only for roles that allow it.
  std::vector<std::string> AuthoritiesOf(const rpc::Principal& caller) const;

 private:
  pb::Grants grants_;
};

}  // namespace oversight::access
