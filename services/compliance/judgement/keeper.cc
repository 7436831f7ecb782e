#include "services/compliance/judgement/keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/log/log.h"
#include "common/resource/kind.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "services/compliance/facts/fact_reader.h"

namespace oversight::compliance {
namespace {

constexpr size_t kMostArrived = 64;
constexpr int kMostAppliedAtOnce = 5000;
constexpr int kMostWaitingQuestions = 8;
constexpr absl::Duration kTick = absl::Milliseconds(200);

std::string AuthorityIdOf(const std::string& name) { return std::string(resource::AuthorityOf(name)); }

absl::Time TimeOf(const ledger::v1::Entry& entry) {
  return absl::FromUnixSeconds(entry.time().seconds()) + absl::Nanoseconds(entry.time().nanos());
}

absl::Status NotCaughtUp(absl::StatusCode code, absl::string_view what) {
  return Error(code, "NOT_CAUGHT_UP", absl::StrCat(what, "; try again")).RetryAfter(absl::Seconds(1));
}

}  // namespace

Keeper::Keeper(Options options) : options_(std::move(options)), history_(options_.database, options_.clock) {}

Keeper::~Keeper() { Stop(); }

bool Keeper::Take(LedgerMessage message) {
  absl::MutexLock lock(&arrived_mutex_);
  const auto room = [this]() ABSL_SHARED_LOCKS_REQUIRED(arrived_mutex_) {
    return stopping_ || arrived_.size() < kMostArrived;
  };
  arrived_mutex_.Await(absl::Condition(&room));
  if (stopping_) return false;
  arrived_.push_back(std::move(message));
  return true;
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
    int applied = ApplyWaiting();
    JudgeAll();
    // What could not be applied at once is applied before more is taken.
    while (applied == kMostAppliedAtOnce) {
      applied = ApplyWaiting();
      JudgeAll();
    }
  }
}

bool Keeper::AwaitWork() {
  absl::MutexLock lock(&arrived_mutex_);
  const auto work = [this]() ABSL_SHARED_LOCKS_REQUIRED(arrived_mutex_) { return stopping_ || !arrived_.empty(); };
  arrived_mutex_.AwaitWithTimeout(absl::Condition(&work), kTick);
  return !stopping_;
}

void Keeper::MoveArrived() {
  std::deque<LedgerMessage> messages;
  {
    absl::MutexLock lock(&arrived_mutex_);
    messages.swap(arrived_);
  }
  for (LedgerMessage& message : messages) {
    if (message.diverged) {
      StartOver();
      continue;
    }
    std::deque<ledger::v1::Entry>& queue = waiting_[message.ledger];
    for (ledger::v1::Entry& entry : *message.content.mutable_entries()) queue.push_back(std::move(entry));
    // Heads come when everything before them has been sent.
    if (message.content.entries().empty()) heads_seen_.insert(message.ledger);
  }
  for (const auto& [ledger, queue] : waiting_) options_.metrics->SetWaiting(ledger, queue.size());
}

void Keeper::StartOver() {
  log::Warning("a ledger was restored; all facts are read anew");
  waiting_.clear();
  heads_seen_.clear();
  all_judged_ = false;
  absl::MutexLock lock(&state_mutex_);
  authorities_.clear();
  applied_.Clear();
  judged_.Clear();
  serving_ = false;
}

bool Keeper::DependenciesMet(const ledger::v1::Entry& entry) const {
  for (const std::string& text : entry.depends_on()) {
    const auto token = ledger::DecodeToken(text);
    if (!token.ok()) continue;
    // A ledger that is not followed holds nothing up.
    if (std::find(options_.ledgers.begin(), options_.ledgers.end(), token->ledger()) == options_.ledgers.end()) continue;
    if (!applied_.Covers(*token)) return false;
  }
  return true;
}

int Keeper::ApplyWaiting() {
  int applied = 0;
  absl::MutexLock lock(&state_mutex_);
  for (bool progress = true; progress && applied < kMostAppliedAtOnce;) {
    progress = false;
    for (auto& [ledger, queue] : waiting_) {
      while (!queue.empty() && applied < kMostAppliedAtOnce && DependenciesMet(queue.front())) {
        Apply(ledger, queue.front());
        queue.pop_front();
        ++applied;
        progress = true;
      }
    }
  }
  return applied;
}

Keeper::Held& Keeper::HeldOf(const std::string& authority) {
  Held& held = authorities_[authority];
  if (held.judge == nullptr) {
    held.judge = std::make_unique<AuthorityJudge>(authority, options_.policies, options_.working_days);
  }
  return held;
}

void Keeper::ApplyAssignment(AuthorityJudge& judge, const ledger::v1::Entry& entry) {
  v1::PolicyAssignment assignment;
  const bool gone = entry.change() == ledger::v1::CHANGE_DELETED || entry.change() == ledger::v1::CHANGE_ERASED;
  if (gone || !entry.resource().UnpackTo(&assignment)) {
    judge.RemoveAssignment(entry.resource_name());
    return;
  }
  const std::string policy = assignment.policy().substr(assignment.policy().find('/') + 1);
  judge.SetAssignment(entry.resource_name(), policy,
                      {resource::DayOf(assignment, "start_date").value_or(CivilDay::Max()),
                       resource::DayOf(assignment, "end_date").value_or(CivilDay::Max())});
}

void Keeper::Apply(const std::string& ledger, const ledger::v1::Entry& entry) {
  const std::string authority = AuthorityIdOf(entry.authority());
  Held& held = HeldOf(authority);
  AuthorityJudge& judge = *held.judge;
  if (entry.erased()) {
    // Its payload is gone by law; a tombstone further on says what to forget.
  } else if (ledger == "compliance") {
    ApplyAssignment(judge, entry);
  } else if (entry.change() == ledger::v1::CHANGE_ERASED) {
    judge.Touch(EraseResource(judge.facts(), entry.resource_name()));
    held.erased_subjects.push_back(RelativeName(entry.resource_name()));
  } else if (entry.change() == ledger::v1::CHANGE_DELETED) {
    judge.Touch(RemoveResource(judge.facts(), entry.resource_name()));
  } else if (auto dirty = PutResource(judge.facts(), entry.resource_name(), entry.resource()); dirty.ok()) {
    judge.Touch(*dirty);
  } else {
    log::Error("a ledger entry cannot be read", {{"ledger", ledger}, {"revision", entry.revision()}, {"problem", dirty.status()}});
  }
  const auto token = ledger::DecodeToken(entry.token());
  applied_.Advance(ledger, authority,
                   {entry.revision(), token.ok() ? token->incarnation() : std::string(), entry.token()});
  options_.metrics->Applied(ledger, options_.clock->Now() - TimeOf(entry));
}

bool Keeper::CaughtUp() const {
  return std::all_of(options_.ledgers.begin(), options_.ledgers.end(),
                     [this](const std::string& ledger) { return heads_seen_.contains(ledger); });
}

bool Keeper::JudgeOne(Held& held, CivilDay day, bool record) {
  std::vector<FindingChange> changes;
  std::vector<std::string> tokens;
  {
    absl::MutexLock lock(&state_mutex_);
    changes = held.judge->Judge(day);
    tokens = applied_.Tokens(held.judge->authority());
  }
  if (!record) return true;
  // Only this thread changes the judge, so it may be read without the lock while the database is written.
  const absl::Status status = history_.Record(*held.judge, day, changes, tokens, held.erased_subjects);
  held.unrecorded = !status.ok();
  if (status.ok()) {
    held.erased_subjects.clear();
  } else {
    log::Warning("the history of findings could not be stored; trying again", {{"reason", ReasonOf(status)}});
  }
  return status.ok();
}

bool Keeper::JudgeMissedDays(Held& held, CivilDay today) {
  const auto last = history_.LastJudgedDay(held.judge->authority());
  if (!last.ok()) return false;
  if (!last->has_value() || **last >= today) {
    held.rolled_since_start = true;
    return true;
  }
  // First what was written while this process was away, on the last day judged; then each missed midnight.
  for (CivilDay day = **last; day < today; ++day) {
    if (!JudgeOne(held, day, /*record=*/true)) return false;
  }
  held.rolled_since_start = true;
  return true;
}

void Keeper::JudgeAll() {
  std::vector<Held*> to_judge;
  const CivilDay today = Today();
  {
    absl::MutexLock lock(&state_mutex_);
    if (!CaughtUp()) return;
    for (auto& [id, held] : authorities_) {
      if (held.judge->HasWork(today) || held.unrecorded) to_judge.push_back(&held);
    }
  }
  const bool writer = history_.IsWriter();
  for (Held* held : to_judge) {
    if (writer) {
      if (!held->rolled_since_start && !JudgeMissedDays(*held, today)) {
        JudgeOne(*held, std::max(today, held->judge->judged_day()), /*record=*/false);
        held->unrecorded = true;
        continue;
      }
      for (CivilDay day = held->judge->judged_day() + 1; held->judge->judged_day() != CivilDay::Min() && day < today; ++day) {
        JudgeOne(*held, day, /*record=*/true);
      }
      JudgeOne(*held, today, /*record=*/true);
    } else {
      JudgeOne(*held, today, /*record=*/false);
      held->rolled_since_start = false;
    }
    options_.metrics->Update(*held->judge, today, writer);
  }
  absl::MutexLock lock(&state_mutex_);
  judged_ = applied_;
  serving_ = true;
}

absl::Status Keeper::Ask(const std::string& authority, const std::vector<std::string>& after_tokens,
                         absl::Time deadline,
                         absl::FunctionRef<absl::Status(const AuthorityJudge&, const LedgerPositions&)> question) {
  std::vector<ledger::v1::Token> tokens;
  for (const std::string& text : after_tokens) {
    OVERSIGHT_ASSIGN_OR_RETURN(ledger::v1::Token token, ledger::DecodeToken(text));
    tokens.push_back(std::move(token));
  }
  const auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(state_mutex_) {
    return serving_ && std::all_of(tokens.begin(), tokens.end(),
                                   [this](const auto& token) ABSL_SHARED_LOCKS_REQUIRED(state_mutex_) { return judged_.Covers(token); });
  };
  state_mutex_.Lock();
  if (!tokens.empty() && !reached()) {
    // A waiting question holds a thread of the pool, so only a few may wait.
    if (asking_ >= kMostWaitingQuestions) {
      state_mutex_.Unlock();
      return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_WAITING",
                   "too many questions are waiting for their tokens; try again shortly")
          .RetryAfter(absl::Milliseconds(200));
    }
    ++asking_;
    state_mutex_.AwaitWithDeadline(absl::Condition(&reached), deadline - absl::Milliseconds(20));
    --asking_;
    if (!reached()) {
      state_mutex_.Unlock();
      return NotCaughtUp(absl::StatusCode::kDeadlineExceeded, "compliance has not reached your tokens within the deadline");
    }
  }
  state_mutex_.Unlock();
  absl::ReaderMutexLock lock(&state_mutex_);
  if (!serving_) {
    return NotCaughtUp(absl::StatusCode::kUnavailable, "compliance is still reading the ledgers of the other services");
  }
  const auto held = authorities_.find(authority);
  if (held == authorities_.end()) {
    return Error(absl::StatusCode::kNotFound, "AUTHORITY_UNKNOWN",
                 "nothing is known of this authority; check its name, or import its records first");
  }
  return question(*held->second.judge, judged_);
}

}  // namespace oversight::compliance
