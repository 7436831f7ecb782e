#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/ledger/follower.h"
#include "common/rpc/principal.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"

namespace oversight::supervision {

// The system of the external id that says who a worker is when calling: its `id` is the verified actor,
// `user:8c1f`.
inline constexpr char kIdentitySystem[] = "identity";

// What this service must know of workforce's workers: who they are when they call, who leads them, when they
// are away. Kept in memory from workforce's ledger, so that no call waits for workforce. Thread-safe.
class People {
 public:
  // Takes what workforce's ledger tells (ledger::LedgerFollower).
  void Take(const ledger::LedgerMessage& message);

  // UNAVAILABLE (NOT_CAUGHT_UP) until all of the ledger has been read after a start.
  absl::Status CheckCaughtUp() const;

  // The name of the worker that the caller is in this authority (its id), as in common/access: whom the
  // token's claim names, else whose external id of the system `identity` is its subject. Empty when none,
  // when two claim to be, and for services.
  std::string WorkerOf(absl::string_view authority, const rpc::Principal& caller) const;
  // The worker who stands for this one: another when it was found to be a duplicate and merged.
  std::string StandsFor(const std::string& worker) const;
  // Who leads the line of this worker on that day: the line managers and those who stand in for them.
  std::vector<std::string> LineManagersOf(const std::string& worker, CivilDay day) const;
  // The days on which the worker is away: from the first up to, but not on, the day after the last.
  std::vector<Period> AbsencesOf(const std::string& worker) const;

 private:
  struct Link {
    std::string supervisor;
    Period period;
  };
  void Apply(const ledger::pb::Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  bool caught_up_ ABSL_GUARDED_BY(mutex_) = false;
  // Workers that are not deleted.
  std::set<std::string> known_ ABSL_GUARDED_BY(mutex_);
  // By resource name; what lies beneath a worker stands together.
  std::map<std::string, std::set<std::string>> identities_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Link> links_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Period> absences_ ABSL_GUARDED_BY(mutex_);
  // Duplicates and those who stand for them.
  std::map<std::string, std::string> merged_into_ ABSL_GUARDED_BY(mutex_);
  // The workers of an identity.
  std::map<std::string, std::set<std::string>> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace oversight::supervision
