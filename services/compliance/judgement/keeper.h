#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/ledger/follower.h"
#include "common/time/clock.h"
#include "common/time/working_days.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/judgement/history_writer.h"
#include "services/compliance/judgement/judgement_metrics.h"
#include "services/compliance/judgement/ledger_positions.h"

namespace oversight::compliance {

// Keeps the judgement of all authorities up to date: takes what the ledgers tell, each entry after those it
// depends on, judges what that or the passing of midnight touches, and has the changes stored. One thread
// does all of it; questions read beside it.
class Keeper {
 public:
  struct Options {
    const std::vector<engine::Policy>* policies = nullptr;
    const WorkingDays* working_days = nullptr;
    const Clock* clock = nullptr;
    JudgementMetrics* metrics = nullptr;
    mysql::ConnectionOptions database;
    // The ledgers that it must have caught up with before it judges.
    std::vector<std::string> ledgers;
    // Called when a tombstone has come: whoever else holds data must drop it.
    std::function<void(const std::string& authority)> on_erased = [](const std::string&) {};
  };
  explicit Keeper(Options options);
  ~Keeper();

  // A judge that knows nothing yet, and how to begin with one that knows all that ledgers told of its
  // authority up to these points, by ledger; before anything else is told of it. From any thread.
  std::unique_ptr<AuthorityJudge> NewJudge(const std::string& authority) const;
  void Begin(std::unique_ptr<AuthorityJudge> judge,
             const std::map<std::string, LedgerPositions::Position>& reached);
  // Logs and counts what of a ledger cannot be read, and is left out. From any thread.
  void ReportUnreadable(const std::string& ledger, int64_t revision, absl::string_view problem);

  // Where followers put what they read. Blocks while too much is waiting; false once stopped.
  bool Take(ledger::LedgerMessage message);
  void Start();
  void Stop();

  // Lets who asks wait: gives what is to be called when it may ask again (rpc::WaitAside).
  using WaitAside = absl::FunctionRef<absl::StatusOr<std::function<void()>>()>;
  // Calls `question` with the judge of an authority and the ledger points on which it rests. The judge does
  // not change meanwhile. Where not all that `after_tokens` stand for has been judged, `wait_aside` is asked
  // instead, and told once it has, at the latest at the deadline; the result is then of no meaning. Errors:
  // NOT_FOUND (AUTHORITY_UNKNOWN), UNAVAILABLE (NOT_CAUGHT_UP) before the ledgers have been read after a
  // start, DEADLINE_EXCEEDED (NOT_CAUGHT_UP) when the tokens are not reached in time, and those of
  // `wait_aside`.
  absl::Status Ask(const std::string& authority, const std::vector<std::string>& after_tokens,
                   absl::Time deadline, WaitAside wait_aside,
                   absl::FunctionRef<absl::Status(const AuthorityJudge&, const LedgerPositions&)> question);

  // Whether questions are answered: all ledgers have been read, and judged.
  bool serving() const;

  struct Standing {
    // This process writes the history, and has read all ledgers.
    bool writer = false;
    LedgerPositions positions;
  };
  Standing standing() const;

 private:
  struct Held {
    std::unique_ptr<AuthorityJudge> judge;
    std::vector<std::string> erased_subjects;
    // What is stored may differ from the last judgement: after a start, while another process writes, or
    // after a failure.
    bool unrecorded = true;
    bool told_waiting = false;
  };

  // Who waits for tokens.
  struct Waiter {
    std::vector<ledger::v1::Token> tokens;
    absl::Time until;
    std::function<void()> tell;
  };

  void Run();
  // Waits until there is something to do; false when it is time to stop.
  bool AwaitWork();
  void MoveArrived();
  bool HasArrived() const;
  // Applies waiting entries as far as their dependencies allow. Returns how many.
  int ApplyWaiting();
  bool DependenciesMet(const ledger::v1::Entry& entry) const ABSL_SHARED_LOCKS_REQUIRED(state_mutex_);
  void Apply(const std::string& ledger, const ledger::v1::Entry& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_mutex_);
  void JudgeAll();
  std::vector<FindingChange> Judge(Held& held, CivilDay day);
  void TellJudged(Held& held, const std::vector<FindingChange>& changes);
  // After a start everything is to be judged, of several authorities at a time. Nobody asks yet, so that
  // takes no lock. What it changes counts for nothing, as all will be compared with what is stored.
  void JudgeBeforeServing(CivilDay today);
  // Judges until today, and stores that as far as it can.
  void Record(Held& held, CivilDay today);
  // Judges and stores each day from the last one stored until today. False when some day could not be stored.
  bool RecordUntil(Held& held, CivilDay today);
  bool RecordDay(Held& held, CivilDay day);
  // The first day that is to be judged and stored now; nothing when storing must wait.
  std::optional<CivilDay> FirstDayToRecord(Held& held, CivilDay today);
  // A ledger tells another history than before: what it told is forgotten, and read anew.
  void StartOver(const std::string& ledger);
  bool Judged(const std::vector<ledger::v1::Token>& tokens) const ABSL_SHARED_LOCKS_REQUIRED(state_mutex_);
  // Tells those who wait for what has been judged by now.
  void TellWaiters();
  bool CaughtUp() const ABSL_SHARED_LOCKS_REQUIRED(state_mutex_);
  Held& HeldOf(const std::string& authority) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_mutex_);
  CivilDay Today() const { return CivilDay::Of(options_.clock->Now()); }

  const Options options_;
  HistoryWriter history_;

  mutable absl::Mutex arrived_mutex_;
  std::deque<ledger::LedgerMessage> arrived_ ABSL_GUARDED_BY(arrived_mutex_);
  bool stopping_ ABSL_GUARDED_BY(arrived_mutex_) = false;

  // Of the keeping thread alone. Entries by ledger and authority: those of one authority are told in their
  // order, but in each ledger another authority may come first, so none waits behind those of another.
  using Waiting = std::map<std::string, std::deque<ledger::v1::Entry>>;
  std::map<std::string, Waiting> waiting_;
  std::set<std::string> heads_seen_;

  mutable absl::Mutex state_mutex_;
  std::map<std::string, Held> authorities_ ABSL_GUARDED_BY(state_mutex_);
  LedgerPositions applied_ ABSL_GUARDED_BY(state_mutex_);
  LedgerPositions judged_ ABSL_GUARDED_BY(state_mutex_);
  bool serving_ ABSL_GUARDED_BY(state_mutex_) = false;
  bool writer_ ABSL_GUARDED_BY(state_mutex_) = false;
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(state_mutex_);
  std::thread thread_;
};

}  // namespace oversight::compliance
