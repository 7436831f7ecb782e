#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/time/working_days.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/judgement/finding_store.h"
#include "services/compliance/judgement/ledger_source.h"

namespace oversight::compliance {

// The past as it was known: a judge that knows what was known when the last judgement stored by some moment
// was made, no more and no less, with the policies of that time. Made by reading the ledgers again up to the
// points on which that judgement rests, so what it says of the day then judged is what was stored.
//
// A replay takes as long as the ledgers are. At most two run at once. One that does not end within the
// deadline is kept, and the next question for the same moment, or a later one, goes on with it; so do the
// pages of one answer. Of subjects whose data was erased since, nothing is said. Thread-safe.
class Replays {
 public:
  // What it is given must outlive it.
  struct Options {
    const std::vector<engine::Policy>* policies = nullptr;
    const WorkingDays* working_days = nullptr;
    mysql::Pool* pool = nullptr;
    LedgerSource* ledgers = nullptr;
    int most_at_once = 2;
    int most_kept = 2;
  };
  explicit Replays(Options options) : options_(options) {}

  // Errors: NOT_FOUND (NOTHING_KNOWN_THEN), FAILED_PRECONDITION (HISTORY_LOST) when a ledger was restored
  // since, RESOURCE_EXHAUSTED (TOO_MANY_REPLAYS), DEADLINE_EXCEEDED (REPLAY_UNFINISHED) with the metadata
  // `entries_read` and `entries_to_read`, UNAVAILABLE when a service is away.
  absl::Status Ask(
      const std::string& authority, absl::Time moment, absl::Time deadline,
      absl::FunctionRef<absl::Status(const AuthorityJudge&, const std::vector<std::string>& tokens)>
          question);
  // Data was erased by law: what is kept is dropped, and what is at work now is not kept.
  void Drop();

 private:
  struct Replay {
    std::unique_ptr<AuthorityJudge> judge;
    std::shared_ptr<const std::vector<engine::Policy>> policies;
    // How far each ledger has been read: revision and token.
    std::map<std::string, ledger::v1::Token> reached;
    // Of `life_` when it began.
    int life = 0;
  };
  std::unique_ptr<Replay> TakeKept(const std::string& authority, const std::vector<ledger::v1::Token>& to);
  void Keep(std::unique_ptr<Replay> replay);
  absl::Status Advance(Replay& replay, const std::vector<ledger::v1::Token>& to, absl::Time deadline);
  absl::Status AdvanceLedger(Replay& replay, const ledger::v1::Token& to, absl::Time deadline);
  absl::StatusOr<std::shared_ptr<const std::vector<engine::Policy>>> PoliciesOf(mysql::Connection& connection,
                                                                                const JudgementThen& then);
  absl::Status AskAdmitted(
      const std::string& authority, absl::Time moment, absl::Time deadline,
      absl::FunctionRef<absl::Status(const AuthorityJudge&, const std::vector<std::string>& tokens)>
          question);

  const Options options_;
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int life_ ABSL_GUARDED_BY(mutex_) = 0;
  // The latest used last.
  std::deque<std::unique_ptr<Replay>> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace oversight::compliance
