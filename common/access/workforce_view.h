#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/access/belonging.h"
#include "common/access/role_table.h"
#include "common/rpc/principal.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::access {

// What workforce's ledger says of who works where, under whom and when they are away, held in memory by each
// service, so that no call waits for workforce. Dated: asked as of a day. Thread-safe. Names of workers and
// teams are full resource names.
class WorkforceView {
 public:
  WorkforceView();
  ~WorkforceView();

  // Takes what a watch of workforce's ledger over all authorities sends, in order; `now` is when it arrived.
  void Apply(const ledger::v1::WatchResponse& message, absl::Time now);
  // Forgets everything: the ledger's history has changed.
  void Clear();

  // UNAVAILABLE (NOT_CAUGHT_UP) until all that was in the ledger has been applied.
  absl::Status CheckCaughtUp() const;
  // True once it has, as long as the ledger was heard of within
  // `max_age`.
  bool Fresh(absl::Time now, absl::Duration max_age) const;
  // When the ledger was last heard of; the infinite past before it was caught up with.
  absl::Time heard() const;

  // The worker with this external id of the system `identity`; empty when there is none, or more than one.
  std::string WorkerWithIdentity(absl::string_view authority, absl::string_view identity) const;
  // The worker that the caller is in this authority (its id): whom the token's claim names, who need not
  // exist, else whose identity is its subject. Empty for none, and for services.
  std::string WorkerOf(const rpc::Principal& caller, absl::string_view authority) const;
  // Whether there is such a worker, who is not deleted.
  bool Knows(absl::string_view worker) const;
  // The worker who stands for this one: another when it was found to be a duplicate and merged.
  std::string StandsFor(const std::string& worker) const;
  // Who leads the line of this worker on that day: the line managers and those who stand in for them.
  std::vector<std::string> LineManagersOf(const std::string& worker, CivilDay day) const;
  // The days on which the worker is away: from the first up to, but not on, the day after the last.
  std::vector<Period> AbsencesOf(const std::string& worker) const;

  enum class Employment { kUnknown, kInPost, kLeft };
  // Unknown: no such worker, or one without any post up to the day. Left: no post in force on the day.
  Employment EmploymentOf(absl::string_view worker, CivilDay day) const;

  // Whom the worker may see by these scopes on the day (Scope in roles.proto); always the worker, who need
  // not exist.
  Reach ReachOf(const std::string& worker, const Scopes& scopes, CivilDay day) const;

 private:
  struct AuthorityView;
  AuthorityView& At(absl::string_view authority) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const AuthorityView* Find(absl::string_view authority) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void ApplyEntry(const ledger::v1::Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  // By id.
  std::map<std::string, std::unique_ptr<AuthorityView>, std::less<>> authorities_ ABSL_GUARDED_BY(mutex_);
  bool caught_up_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time heard_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace oversight::access
