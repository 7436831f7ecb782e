#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/access/grants.h"
#include "common/access/role_table.h"
#include "common/access/workforce_view.h"
#include "common/rpc/principal.h"
#include "common/rpc/watched_file.h"
#include "common/time/clock.h"

namespace oversight::access {

struct AccessOptions {
  // Text files: RoleTable and Grants (roles.proto). Without a grants file nobody but the first administrator
  // may do anything.
  std::string roles_file;
  std::string grants_file;
  // The `sub` of a token that holds the role `administrator` in its authorities, for as long as it is set;
  // empty for none.
  std::string first_administrator;
  // Roles of workers are not granted by what workforce said longer ago than this.
  absl::Duration max_view_age = absl::Minutes(5);
};

// The table of roles built in: roles.txtpb.
extern const char kRoleTable[];

// What a caller is in one authority, now.
struct Standing {
  // Ids of the roles that hold, for the access log.
  std::set<std::string> roles;
  // Those in which one of them allows the method.
  Scopes scopes;
  // The worker that the caller is, a full name; empty when it is none or workforce is not known.
  std::string worker;
  // A role that would allow the method cannot be judged, since what is known of workforce is missing or too
  // old.
  bool undecided = false;
};

// Says what callers are, by the table of roles, the grants (read again when their file changes) and the view
// of workforce. Keeps no decision. Thread-safe.
class Standings {
 public:
  // FAILED_PRECONDITION or INVALID_ARGUMENT when a file is unfit. `view` may be null: then no role of workers
  // holds.
  static absl::StatusOr<std::unique_ptr<Standings>> Open(AccessOptions options, const WorkforceView* view,
                                                         const Clock* clock);

  // Ids of the authorities for which the caller works; `*` for any.
  std::vector<std::string> AuthoritiesOf(const rpc::Principal& caller);
  // `scopes` are those of each role for the method, as ScopesByRole gives them.
  Standing In(const rpc::Principal& caller, absl::string_view authority,
              const std::map<std::string, Scopes>& scopes);

  // The scopes of a method in each role that may call it at all.
  std::map<std::string, Scopes> ScopesByRole(absl::string_view short_method) const;
  const RoleTable& table() const { return *table_; }
  const WorkforceView* view() const { return view_; }

 private:
  Standings(AccessOptions options, std::shared_ptr<const RoleTable> table, const WorkforceView* view,
            const Clock* clock);
  absl::Status TakeGrants(const std::string& text);
  std::shared_ptr<const Grants> CurrentGrants();
  std::set<std::string> GrantedRoles(const rpc::Principal& caller, absl::string_view authority);

  const AccessOptions options_;
  const std::shared_ptr<const RoleTable> table_;
  const WorkforceView* const view_;
  const Clock* const clock_;
  rpc::WatchedFile grants_file_;
  absl::Mutex mutex_;
  std::shared_ptr<const Grants> grants_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace oversight::access
