#include "common/access/standing.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace oversight::access {
namespace {

constexpr char kAdministrator[] = "administrator";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::FailedPreconditionError(absl::StrCat("roles: ", path, " cannot be read"));
  return text.str();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Standings>> Standings::Open(AccessOptions options, const WorkforceView* view,
                                                           const Clock* clock) {
  std::string text = kRoleTable;
  if (!options.roles_file.empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(text, ReadFile(options.roles_file));
  }
  OVERSIGHT_ASSIGN_OR_RETURN(std::shared_ptr<const RoleTable> table, RoleTable::Parse(text));
  if (!options.first_administrator.empty() && table->Find(kAdministrator) == nullptr) {
    return absl::InvalidArgumentError("roles: there is no `administrator` for the first one to be");
  }
  std::unique_ptr<Standings> standings(new Standings(std::move(options), std::move(table), view, clock));
  if (standings->options_.grants_file.empty()) {
    OVERSIGHT_RETURN_IF_ERROR(standings->TakeGrants(""));
  } else {
    OVERSIGHT_RETURN_IF_ERROR(standings->grants_file_.Load());
  }
  return standings;
}

Standings::Standings(AccessOptions options, std::shared_ptr<const RoleTable> table, const WorkforceView* view,
                     const Clock* clock)
    : options_(std::move(options)),
      table_(std::move(table)),
      view_(view),
      clock_(clock),
      grants_file_("grants", options_.grants_file, [this](const auto& text) { return TakeGrants(text); }) {}

absl::Status Standings::TakeGrants(const std::string& text) {
  OVERSIGHT_ASSIGN_OR_RETURN(std::shared_ptr<const Grants> grants, Grants::Parse(text, *table_));
  absl::MutexLock lock(&mutex_);
  grants_ = std::move(grants);
  return absl::OkStatus();
}

std::shared_ptr<const Grants> Standings::CurrentGrants() {
  if (!options_.grants_file.empty()) grants_file_.ReloadIfChanged(clock_->Now());
  absl::MutexLock lock(&mutex_);
  return grants_;
}

std::vector<std::string> Standings::AuthoritiesOf(const rpc::Principal& caller) {
  return CurrentGrants()->AuthoritiesOf(caller);
}

std::set<std::string> Standings::GrantedRoles(const rpc::Principal& caller, absl::string_view authority) {
  const std::shared_ptr<const Grants> grants = CurrentGrants();
  const std::vector<std::string> authorities = grants->AuthoritiesOf(caller);
  const bool named =
      authority != "*" && std::find(authorities.begin(), authorities.end(), authority) != authorities.end();
  const bool any = std::find(authorities.begin(), authorities.end(), "*") != authorities.end();
  if (!named && !any) return {};
  std::set<std::string> roles = grants->RolesOf(caller, authority);
  if (caller.kind == rpc::Principal::Kind::kUser && !options_.first_administrator.empty() &&
      caller.subject == options_.first_administrator) {
    roles.insert(kAdministrator);
  }
  if (named) return roles;
  std::erase_if(roles, [this](const std::string& id) {
    return table_->Find(id)->holder() != pb::HOLDER_ANYBODY_OF_ANY_AUTHORITY;
  });
  return roles;
}

Standing Standings::In(const rpc::Principal& caller, absl::string_view authority,
                       const std::map<std::string, Scopes>& scopes) {
  Standing standing;
  const std::set<std::string> granted = GrantedRoles(caller, authority);
  if (granted.empty()) return standing;
  const absl::Time now = clock_->Now();
  const bool fresh = view_ != nullptr && view_->Fresh(now, options_.max_view_age);
  auto employment = WorkforceView::Employment::kUnknown;
  if (fresh) {
    standing.worker = view_->WorkerOf(caller, authority);
    if (!standing.worker.empty()) employment = view_->EmploymentOf(standing.worker, CivilDay::Of(now));
  }
  // Whoever has left the authority has lost every role there.
  if (employment == WorkforceView::Employment::kLeft) return standing;
  for (const std::string& id : granted) {
    const auto in_role = scopes.find(id);
    const bool of_worker = table_->Find(id)->holder() == pb::HOLDER_WORKER_IN_POST;
    if (of_worker && !fresh) {
      standing.undecided = standing.undecided || in_role != scopes.end();
    } else if (!of_worker || employment == WorkforceView::Employment::kInPost) {
      standing.roles.insert(id);
      if (in_role != scopes.end()) standing.scopes |= in_role->second;
    }
  }
  return standing;
}

std::map<std::string, Scopes> Standings::ScopesByRole(absl::string_view short_method) const {
  std::map<std::string, Scopes> by_role;
  for (const pb::Role* role : table_->roles()) {
    const Scopes scopes = RoleTable::ScopesOf(*role, short_method);
    if (scopes.any()) by_role.emplace(role->id(), scopes);
  }
  return by_role;
}

}  // namespace oversight::access
