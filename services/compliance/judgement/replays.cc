#include "services/compliance/judgement/replays.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/status/error.h"
#include "services/compliance/judgement/apply_entry.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance {
namespace {

using ledger::v1::Token;

// How often the deadline is looked at.
constexpr int64_t kEntriesBetweenLooks = 256;
// What is left to answer the question once the ledgers have been read.
constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(100);

absl::Status HistoryLost() {
  return Error(absl::StatusCode::kFailedPrecondition, "HISTORY_LOST",
               "a ledger was restored since then, and what was known at that moment is no longer on record; "
               "ListFindingChanges still tells what was stored");
}

absl::Status NothingKnown() {
  return Error(absl::StatusCode::kNotFound, "NOTHING_KNOWN_THEN",
               "no judgement of this authority had been stored by that moment; ask for a later one");
}

absl::Status Unfinished(int64_t read, int64_t to_read) {
  return Error(absl::StatusCode::kDeadlineExceeded, "REPLAY_UNFINISHED",
               absl::StrCat("the ledgers were not read again within the deadline (", read, " of ", to_read,
                            " entries); ask again, it goes on from there"))
      .With("entries_read", absl::StrCat(read))
      .With("entries_to_read", absl::StrCat(to_read))
      .RetryAfter(absl::Milliseconds(100));
}

}  // namespace

absl::Status Replays::Ask(
    const std::string& authority, absl::Time moment, absl::Time deadline,
    absl::FunctionRef<absl::Status(const AuthorityJudge&, const std::vector<std::string>&)> question) {
  {
    absl::MutexLock lock(&mutex_);
    if (running_ >= options_.most_at_once) {
      return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_REPLAYS",
                   "others are asking for the past as it was known; try again shortly")
          .RetryAfter(absl::Seconds(1));
    }
    ++running_;
  }
  absl::Status status = AskAdmitted(authority, moment, deadline, question);
  absl::MutexLock lock(&mutex_);
  --running_;
  return status;
}

absl::Status Replays::AskAdmitted(
    const std::string& authority, absl::Time moment, absl::Time deadline,
    absl::FunctionRef<absl::Status(const AuthorityJudge&, const std::vector<std::string>&)> question) {
  std::optional<JudgementThen> then;
  std::shared_ptr<const std::vector<engine::Policy>> policies;
  {
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, options_.pool->Acquire(deadline));
    OVERSIGHT_ASSIGN_OR_RETURN(then, ReadJudgementBy(*connection, authority, moment));
    if (!then.has_value()) return NothingKnown();
    OVERSIGHT_ASSIGN_OR_RETURN(policies, PoliciesOf(*connection, *then));
  }
  std::vector<Token> to;
  for (const std::string& text : then->tokens) {
    OVERSIGHT_ASSIGN_OR_RETURN(Token token, ledger::DecodeToken(text));
    to.push_back(std::move(token));
  }
  std::unique_ptr<Replay> replay = TakeKept(authority, to);
  absl::Status status = Advance(*replay, to, deadline - kTimeToAnswer);
  if (status.ok()) {
    replay->judge->SetPolicies(policies.get());
    replay->judge->Prepare();
    replay->policies = std::move(policies);
    status = question(*replay->judge, then->tokens);
  }
  if (ReasonOf(status) != "HISTORY_LOST") Keep(std::move(replay));
  return status;
}

std::unique_ptr<Replays::Replay> Replays::TakeKept(const std::string& authority,
                                                   const std::vector<Token>& to) {
  const auto fits = [&](const std::unique_ptr<Replay>& kept) {
    if (kept->judge->authority() != authority) return false;
    return std::all_of(kept->reached.begin(), kept->reached.end(), [&](const auto& reached) {
      return std::any_of(to.begin(), to.end(), [&](const Token& token) {
        return token.ledger() == reached.first && token.revision() >= reached.second.revision();
      });
    });
  };
  absl::MutexLock lock(&mutex_);
  const auto found = std::find_if(kept_.rbegin(), kept_.rend(), fits);
  if (found != kept_.rend()) {
    std::unique_ptr<Replay> replay = std::move(*found);
    kept_.erase(std::prev(found.base()));
    return replay;
  }
  auto replay = std::make_unique<Replay>();
  replay->life = life_;
  replay->judge = std::make_unique<AuthorityJudge>(authority, options_.policies, options_.working_days);
  return replay;
}

void Replays::Drop() {
  absl::MutexLock lock(&mutex_);
  kept_.clear();
  ++life_;
}

void Replays::Keep(std::unique_ptr<Replay> replay) {
  absl::MutexLock lock(&mutex_);
  if (replay->life != life_) return;
  kept_.push_back(std::move(replay));
  while (kept_.size() > static_cast<size_t>(options_.most_kept)) kept_.pop_front();
}

absl::Status Replays::Advance(Replay& replay, const std::vector<Token>& to, absl::Time deadline) {
  absl::Status status;
  for (const Token& token : to) {
    status = AdvanceLedger(replay, token, deadline);
    if (!status.ok()) break;
  }
  if (status.code() != absl::StatusCode::kDeadlineExceeded) return status;
  int64_t read = 0;
  int64_t to_read = 0;
  for (const Token& token : to) {
    const auto reached = replay.reached.find(token.ledger());
    if (reached != replay.reached.end()) read += reached->second.revision();
    to_read += token.revision();
  }
  return Unfinished(read, to_read);
}

absl::Status Replays::AdvanceLedger(Replay& replay, const Token& to, absl::Time deadline) {
  Token reached;
  if (const auto found = replay.reached.find(to.ledger()); found != replay.reached.end())
    reached = found->second;
  absl::Status taken;
  const auto take = [&](const ledger::v1::Entry& entry) {
    // What cannot be read was left out then, too.
    static_cast<void>(ApplyEntry(*replay.judge, to.ledger(), entry));
    absl::StatusOr<Token> token = ledger::DecodeToken(entry.token());
    if (!token.ok()) {
      taken = token.status();
      return false;
    }
    reached = *std::move(token);
    replay.reached[to.ledger()] = reached;
    if (entry.revision() % kEntriesBetweenLooks == 0 && absl::Now() >= deadline) {
      taken = absl::DeadlineExceededError("the ledger was not read in time");
      return false;
    }
    return entry.revision() < to.revision();
  };
  if (reached.revision() < to.revision()) {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the ledger was not read in time");
    const absl::Status read = options_.ledgers->Read(
        to.ledger(), replay.judge->authority(),
        reached.revision() == 0 ? std::string() : ledger::EncodeToken(reached), deadline, take);
    const std::string reason = ReasonOf(read);
    if (reason == "LEDGER_ENDS" || reason == "LEDGER_DIVERGED") return HistoryLost();
    OVERSIGHT_RETURN_IF_ERROR(read);
    OVERSIGHT_RETURN_IF_ERROR(taken);
  }
  // The chained hash tells whether this is the history on which that judgement rested, also after a restore.
  return reached.hash() == to.hash() ? absl::OkStatus() : HistoryLost();
}

absl::StatusOr<std::shared_ptr<const std::vector<engine::Policy>>> Replays::PoliciesOf(
    mysql::Connection& connection, const JudgementThen& then) {
  // Before the policies were stored with each judgement they were those of today.
  if (then.policies.empty()) {
    return std::shared_ptr<const std::vector<engine::Policy>>(options_.policies, [](const auto*) {});
  }
  auto policies = std::make_shared<std::vector<engine::Policy>>();
  for (const std::string& stored : then.policies) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(stored, absl::MaxSplits(' ', 1));
    int version = 0;
    if (!absl::SimpleAtoi(parts.second, &version)) continue;
    const auto known = std::find_if(
        options_.policies->begin(), options_.policies->end(),
        [&](const engine::Policy& policy) { return policy.id == parts.first && policy.version == version; });
    if (known != options_.policies->end()) {
      policies->push_back(*known);
      continue;
    }
    OVERSIGHT_ASSIGN_OR_RETURN(const std::string text, ReadPolicyText(connection, parts.first, version));
    policy::LintResult read = policy::Lint(text);
    if (!read.loaded.has_value()) {
      return Error(absl::StatusCode::kFailedPrecondition, "HISTORY_LOST",
                   absl::StrCat("version ", version, " of the policy ", parts.first,
                                " can no longer be read, and nothing can be judged by it"));
    }
    policies->push_back(std::move(read.loaded->policy));
  }
  return std::shared_ptr<const std::vector<engine::Policy>>(std::move(policies));
}

}  // namespace oversight::compliance
