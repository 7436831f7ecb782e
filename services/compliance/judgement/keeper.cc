#include "services/compliance/judgement/keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/log/log.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/apply_entry.h"
#include "services/compliance/judgement/in_parallel.h"

namespace oversight::compliance {
namespace {

constexpr size_t kMostArrived = 64;
constexpr int kMostAppliedAtOnce = 5000;
constexpr absl::Duration kTick = absl::Milliseconds(200);

std::string AuthorityIdOf(const std::string& name) { return std::string(resource::AuthorityOf(name)); }

absl::Time TimeOf(const ledger::v1::Entry& entry) {
  return absl::FromUnixSeconds(entry.time().seconds()) + absl::Nanoseconds(entry.time().nanos());
}

// Those of the texts that are tokens.
std::vector<ledger::v1::Token> Decoded(const std::vector<std::string>& texts) {
  std::vector<ledger::v1::Token> tokens;
  for (const std::string& text : texts) {
    if (auto token = ledger::DecodeToken(text); token.ok()) tokens.push_back(*std::move(token));
  }
  return tokens;
}

absl::Status NotCaughtUp(absl::StatusCode code, absl::string_view what) {
  return Error(code, "NOT_CAUGHT_UP", absl::StrCat(what, "; try again")).RetryAfter(absl::Seconds(1));
}

}  // namespace

Keeper::Keeper(Options options) : options_(std::move(options)), history_(options_.database, options_.clock) {}

Keeper::~Keeper() { Stop(); }

bool Keeper::Take(ledger::LedgerMessage message) {
  absl::MutexLock lock(&arrived_mutex_);
  const auto room = [this]() ABSL_SHARED_LOCKS_REQUIRED(arrived_mutex_) {
    return stopping_ || arrived_.size() < kMostArrived;
  };
  arrived_mutex_.Await(absl::Condition(&room));
  if (stopping_) return false;
  arrived_.push_back(std::move(message));
  return true;
}

std::unique_ptr<AuthorityJudge> Keeper::NewJudge(const std::string& authority) const {
  return std::make_unique<AuthorityJudge>(authority, options_.policies, options_.working_days);
}

void Keeper::Begin(std::unique_ptr<AuthorityJudge> judge,
                   const std::map<std::string, LedgerPositions::Position>& reached) {
  absl::MutexLock lock(&state_mutex_);
  const std::string& authority = judge->authority();
  for (const auto& [ledger, position] : reached) applied_.Advance(ledger, authority, position);
  authorities_[authority].judge = std::move(judge);
}

void Keeper::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Keeper::Stop() {
  {
    absl::MutexLock lock(&arrived_mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Keeper::Run() {
  while (AwaitWork()) {
    MoveArrived();
    // All that can be applied is, before anything is judged: after a start, half of the facts would be judged
    // as if they were all, and told as changes.
    while (ApplyWaiting() == kMostAppliedAtOnce) {
    }
    JudgeAll();
  }
}

bool Keeper::AwaitWork() {
  absl::MutexLock lock(&arrived_mutex_);
  const auto work = [this]()
                        ABSL_SHARED_LOCKS_REQUIRED(arrived_mutex_) { return stopping_ || !arrived_.empty(); };
  arrived_mutex_.AwaitWithTimeout(absl::Condition(&work), kTick);
  return !stopping_;
}

void Keeper::MoveArrived() {
  std::deque<ledger::LedgerMessage> messages;
  {
    absl::MutexLock lock(&arrived_mutex_);
    messages.swap(arrived_);
  }
  for (ledger::LedgerMessage& message : messages) {
    if (message.diverged) {
      StartOver(message.ledger);
      continue;
    }
    Waiting& waiting = waiting_[message.ledger];
    for (ledger::v1::Entry& entry : *message.content.mutable_entries()) {
      waiting[entry.authority()].push_back(std::move(entry));
    }
    // Heads come when everything before them has been sent.
    if (message.content.entries().empty()) heads_seen_.insert(message.ledger);
  }
  for (const auto& [ledger, waiting] : waiting_) {
    size_t entries = 0;
    for (const auto& [authority, queue] : waiting) entries += queue.size();
    options_.metrics->SetWaiting(ledger, entries);
  }
}

void Keeper::StartOver(const std::string& ledger) {
  log::Warning("a ledger was restored; what it told is read anew", {{"ledger", ledger}});
  waiting_[ledger].clear();
  heads_seen_.erase(ledger);
  absl::MutexLock lock(&state_mutex_);
  for (auto& [id, held] : authorities_) {
    ForgetLedger(*held.judge, ledger);
  }
  applied_.Forget(ledger);
  judged_.Forget(ledger);
  serving_ = false;
}

bool Keeper::DependenciesMet(const ledger::v1::Entry& entry) const {
  for (const std::string& text : entry.depends_on()) {
    const auto token = ledger::DecodeToken(text);
    if (!token.ok()) continue;
    // A ledger that is not followed holds nothing up.
    if (std::find(options_.ledgers.begin(), options_.ledgers.end(), token->ledger()) ==
        options_.ledgers.end())
      continue;
    if (!applied_.Covers(*token)) return false;
  }
  return true;
}

int Keeper::ApplyWaiting() {
  int applied = 0;
  absl::MutexLock lock(&state_mutex_);
  for (bool progress = true; progress && applied < kMostAppliedAtOnce;) {
    progress = false;
    for (auto& [ledger, waiting] : waiting_) {
      for (auto& [authority, queue] : waiting) {
        while (!queue.empty() && applied < kMostAppliedAtOnce && DependenciesMet(queue.front())) {
          Apply(ledger, queue.front());
          queue.pop_front();
          ++applied;
          progress = true;
        }
      }
      std::erase_if(waiting, [](const auto& of_authority) { return of_authority.second.empty(); });
    }
  }
  return applied;
}

Keeper::Held& Keeper::HeldOf(const std::string& authority) {
  Held& held = authorities_[authority];
  if (held.judge == nullptr) held.judge = NewJudge(authority);
  return held;
}

void Keeper::ReportUnreadable(const std::string& ledger, int64_t revision, absl::string_view problem) {
  log::Error("a ledger entry cannot be read and is left out; verify that ledger",
             {{"ledger", ledger}, {"revision", revision}, {"problem", problem}});
  options_.metrics->Unreadable(ledger);
}

void Keeper::Apply(const std::string& ledger, const ledger::v1::Entry& entry) {
  const std::string authority = AuthorityIdOf(entry.authority());
  Held& held = HeldOf(authority);
  if (const absl::Status status = ApplyEntry(*held.judge, ledger, entry); !status.ok()) {
    ReportUnreadable(ledger, entry.revision(), status.message());
  }
  if (entry.change() == ledger::v1::CHANGE_ERASED && !entry.erased()) {
    held.erased_subjects.push_back(RelativeName(entry.resource_name()));
    options_.on_erased(authority);
  }
  const auto token = ledger::DecodeToken(entry.token());
  applied_.Advance(ledger, authority,
                   {entry.revision(), token.ok() ? token->incarnation() : std::string(), entry.token()});
  // What is read anew after a start was committed long ago and says nothing about the delay.
  if (heads_seen_.contains(ledger)) options_.metrics->Applied(ledger, options_.clock->Now() - TimeOf(entry));
}

bool Keeper::CaughtUp() const {
  return std::all_of(options_.ledgers.begin(), options_.ledgers.end(),
                     [this](const std::string& ledger) { return heads_seen_.contains(ledger); });
}

std::vector<FindingChange> Keeper::Judge(Held& held, CivilDay day) {
  std::vector<FindingChange> changes;
  {
    absl::MutexLock lock(&state_mutex_);
    changes = held.judge->Judge(day);
  }
  TellJudged(held, changes);
  return changes;
}

void Keeper::TellJudged(Held& held, const std::vector<FindingChange>& changes) {
  options_.metrics->Judged(*held.judge, changes);
  for (const std::string& unfit : held.judge->TakeUnfitOverrides()) {
    log::Error("an assignment's own number fits no rule of the policy any more; the policy's own holds",
               {{"override", unfit}});
  }
}

void Keeper::JudgeBeforeServing(CivilDay today) {
  std::vector<Held*> unjudged;
  for (auto& [id, held] : authorities_) {
    if (held.unrecorded && held.judge->HasWork(today)) unjudged.push_back(&held);
  }
  InParallel(unjudged.size(), [&](size_t i) { unjudged[i]->judge->Judge(today); });
  for (Held* held : unjudged) TellJudged(*held, {});
}

bool Keeper::RecordDay(Held& held, CivilDay day) {
  const std::vector<FindingChange> changes = Judge(held, day);
  // Only this thread changes the judge and the positions, so they may be read without the lock while the
  // database is written.
  const absl::Status status = history_.Record(*held.judge, day, changes,
                                              applied_.Tokens(held.judge->authority()), held.erased_subjects);
  held.unrecorded = !status.ok();
  if (status.ok()) {
    held.erased_subjects.clear();
  } else {
    log::Warning("the history of findings could not be stored; trying again", {{"reason", ReasonOf(status)}});
  }
  return status.ok();
}

std::optional<CivilDay> Keeper::FirstDayToRecord(Held& held, CivilDay today) {
  if (!held.unrecorded) return std::min(today, held.judge->judged_day() + 1);
  const absl::StatusOr<const JudgementState*> last = history_.Last(held.judge->authority());
  if (!last.ok()) return std::nullopt;
  // The process that wrote last may have known more than this one knows yet; its changes are not taken back.
  if (!applied_.HasReached(Decoded((*last)->tokens))) {
    if (!held.told_waiting) log::Info("the history of findings waits for the ledgers on which it rests");
    held.told_waiting = true;
    return std::nullopt;
  }
  held.told_waiting = false;
  // First what was written while nobody judged, on the last day judged; then each missed midnight.
  return std::min(today, (*last)->judged_day.value_or(today));
}

bool Keeper::RecordUntil(Held& held, CivilDay today) {
  std::optional<CivilDay> day = FirstDayToRecord(held, today);
  if (!day.has_value()) return false;
  for (; *day <= today; ++*day) {
    if (!RecordDay(held, *day)) return false;
  }
  return true;
}

void Keeper::Record(Held& held, CivilDay today) {
  if (held.unrecorded || held.judge->HasWork(today)) held.unrecorded = !RecordUntil(held, today);
  // Questions are answered whether or not the history can be stored.
  if (held.judge->HasWork(today)) Judge(held, today);
}

void Keeper::JudgeAll() {
  const CivilDay today = Today();
  // The authorities are this thread's to change, so it reads them without the lock.
  if (!CaughtUp()) return;
  const bool writer = history_.IsWriter();
  if (!serving_) JudgeBeforeServing(today);
  for (auto& [id, held] : authorities_) {
    if (!writer) held.unrecorded = true;
    if (!held.unrecorded) {
      Record(held, today);
    } else if (held.judge->HasWork(today)) {
      Judge(held, today);
    }
  }
  {
    absl::MutexLock lock(&state_mutex_);
    judged_ = applied_;
    serving_ = true;
    writer_ = writer;
  }
  TellWaiters();
  bool compared = false;
  for (auto& [id, held] : authorities_) {
    if (writer && held.unrecorded) {
      // Comparing all that is stored takes long: what has arrived meanwhile comes first.
      if (compared && HasArrived()) continue;
      Record(held, today);
      compared = true;
    }
    options_.metrics->Refresh(*held.judge, today, writer, [this] { return HasArrived(); });
  }
}

bool Keeper::HasArrived() const {
  absl::MutexLock lock(&arrived_mutex_);
  return stopping_ || !arrived_.empty();
}

bool Keeper::serving() const {
  absl::ReaderMutexLock lock(&state_mutex_);
  return serving_;
}

Keeper::Standing Keeper::standing() const {
  absl::ReaderMutexLock lock(&state_mutex_);
  return {.writer = serving_ && writer_, .positions = judged_};
}

bool Keeper::Judged(const std::vector<ledger::v1::Token>& tokens) const {
  return serving_ && std::all_of(tokens.begin(), tokens.end(),
                                 [this](const auto& token) ABSL_SHARED_LOCKS_REQUIRED(state_mutex_) {
                                   return judged_.Covers(token);
                                 });
}

void Keeper::TellWaiters() {
  std::vector<Waiter> told;
  {
    absl::MutexLock lock(&state_mutex_);
    const absl::Time now = absl::Now();
    const auto first = std::partition(waiters_.begin(), waiters_.end(),
                                      [&](const Waiter& waiter) ABSL_SHARED_LOCKS_REQUIRED(state_mutex_) {
                                        return !Judged(waiter.tokens) && now < waiter.until;
                                      });
    told.assign(std::make_move_iterator(first), std::make_move_iterator(waiters_.end()));
    waiters_.erase(first, waiters_.end());
  }
  for (const Waiter& waiter : told) waiter.tell();
}

absl::Status Keeper::Ask(
    const std::string& authority, const std::vector<std::string>& after_tokens, absl::Time deadline,
    WaitAside wait_aside,
    absl::FunctionRef<absl::Status(const AuthorityJudge&, const LedgerPositions&)> question) {
  std::vector<ledger::v1::Token> tokens;
  for (const std::string& text : after_tokens) {
    OVERSIGHT_ASSIGN_OR_RETURN(ledger::v1::Token token, ledger::DecodeToken(text));
    tokens.push_back(std::move(token));
  }
  if (!tokens.empty()) {
    absl::MutexLock lock(&state_mutex_);
    if (!Judged(tokens)) {
      absl::StatusOr<std::function<void()>> tell = wait_aside();
      if (absl::IsDeadlineExceeded(tell.status())) {
        return NotCaughtUp(absl::StatusCode::kDeadlineExceeded,
                           "compliance has not reached your tokens within the deadline");
      }
      OVERSIGHT_RETURN_IF_ERROR(tell.status());
      waiters_.push_back({std::move(tokens), deadline, *std::move(tell)});
      return absl::UnavailableError("waiting");
    }
  }
  absl::ReaderMutexLock lock(&state_mutex_);
  if (!serving_) {
    return NotCaughtUp(absl::StatusCode::kUnavailable,
                       "compliance is still reading the ledgers of the other services");
  }
  const auto held = authorities_.find(authority);
  if (held == authorities_.end()) {
    return Error(absl::StatusCode::kNotFound, "AUTHORITY_UNKNOWN",
                 "nothing is known of this authority; check its name, or import its records first");
  }
  return question(*held->second.judge, judged_);
}

}  // namespace oversight::compliance
