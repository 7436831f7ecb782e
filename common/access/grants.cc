#include "common/access/grants.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace oversight::access {
namespace {

absl::Status GrantFault(absl::string_view who, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("grants: `", who, "`: ", what));
}

absl::Status CheckRoles(const RoleTable& table, const std::string& who,
                        const google::protobuf::RepeatedPtrField<std::string>& roles, bool service) {
  if (who.empty()) return GrantFault(who, "a grant without name");
  if (roles.empty()) return GrantFault(who, "a grant without role");
  for (const std::string& id : roles) {
    const pb::Role* role = table.Find(id);
    if (role == nullptr) return GrantFault(who, absl::StrCat("there is no role `", id, "`"));
    if (role->holder() == (service ? pb::HOLDER_WORKER_IN_POST : pb::HOLDER_SERVICE)) {
      return GrantFault(who,
                        absl::StrCat("role `", id, "` is for ", service ? "workers" : "services", " only"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAuthorities(const std::string& who,
                              const google::protobuf::RepeatedPtrField<std::string>& authorities) {
  for (const std::string& authority : authorities) {
    if (authority.empty() || authority.find_first_of("*/") != std::string::npos) {
      return GrantFault(who, "an authority is given by its id, as `sampleshire`, each one by itself");
    }
  }
  return absl::OkStatus();
}

template <typename Texts>
bool Contains(const Texts& texts, absl::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Grants>> Grants::Parse(absl::string_view text, const RoleTable& table) {
  auto grants = std::make_shared<Grants>();
  OVERSIGHT_RETURN_IF_ERROR(ParseText("grants", text, &grants->grants_));
  for (const pb::GroupGrant& grant : grants->grants_.group()) {
    OVERSIGHT_RETURN_IF_ERROR(CheckRoles(table, grant.group(), grant.role(), /*service=*/false));
    OVERSIGHT_RETURN_IF_ERROR(CheckAuthorities(grant.group(), grant.authority()));
  }
  for (const pb::ServiceGrant& grant : grants->grants_.service()) {
    OVERSIGHT_RETURN_IF_ERROR(CheckRoles(table, grant.name(), grant.role(), /*service=*/true));
    if (grant.authority().empty())
      return GrantFault(grant.name(), "list the authorities that the service works for");
    OVERSIGHT_RETURN_IF_ERROR(CheckAuthorities(grant.name(), grant.authority()));
  }
  return grants;
}

std::set<std::string> Grants::RolesOf(const rpc::Principal& caller, absl::string_view authority) const {
  std::set<std::string> roles;
  if (caller.kind == rpc::Principal::Kind::kService) {
    for (const pb::ServiceGrant& grant : grants_.service()) {
      if (grant.name() == caller.subject && Contains(grant.authority(), authority)) {
        roles.insert(grant.role().begin(), grant.role().end());
      }
    }
    return roles;
  }
  for (const pb::GroupGrant& grant : grants_.group()) {
    const bool here = grant.authority().empty() || Contains(grant.authority(), authority);
    if (here && Contains(caller.groups, grant.group()))
      roles.insert(grant.role().begin(), grant.role().end());
  }
  return roles;
}

std::vector<std::string> Grants::AuthoritiesOf(const rpc::Principal& caller) const {
  if (caller.kind != rpc::Principal::Kind::kService) return caller.authorities;
  std::set<std::string> authorities;
  for (const pb::ServiceGrant& grant : grants_.service()) {
    if (grant.name() == caller.subject)
      authorities.insert(grant.authority().begin(), grant.authority().end());
  }
  return {authorities.begin(), authorities.end()};
}

}  // namespace oversight::access
