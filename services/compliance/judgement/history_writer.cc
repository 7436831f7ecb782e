#include "services/compliance/judgement/history_writer.h"

#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"
#include "services/compliance/judgement/evaluator_version.h"

namespace oversight::compliance {
namespace {

constexpr char kLock[] = "SELECT GET_LOCK(CONCAT('oversight-judgement-', DATABASE()), 0)";
constexpr char kStillLocked[] =
    "SELECT IS_USED_LOCK(CONCAT('oversight-judgement-', DATABASE())) = CONNECTION_ID()";

constexpr absl::Duration kReconnectPause = absl::Seconds(1);

absl::StatusOr<bool> Ask(mysql::Connection& connection, absl::string_view sql) {
  bool yes = false;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(sql, {}, [&](const mysql::Row& row) {
    yes = !row.IsNull(0) && row.Int64(0) == 1;
    return absl::OkStatus();
  }));
  return yes;
}

StoredFinding ToStored(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                       const engine::Finding& finding) {
  return {.rule = rule.rule().id,
          .subject = std::string(judge.facts().Name(subject)),
          .instance = finding.base,
          .status = finding.status,
          .row = finding.row < 0 ? "" : rule.rule().rows[static_cast<size_t>(finding.row)].id,
          .due = finding.due,
          .policy_version = rule.PolicyOn(judge.judged_day()).VersionText()};
}

bool SameStored(const StoredFinding& a, const StoredFinding& b) {
  return a.instance == b.instance && a.status == b.status && a.row == b.row && a.due == b.due;
}

StoredChange Appeared(std::optional<engine::Status> from, StoredFinding to) {
  StoredChange change{.from = from,
                      .rule = to.rule,
                      .subject = to.subject,
                      .instance = to.instance,
                      .policy_version = to.policy_version};
  change.to = std::move(to);
  return change;
}

StoredChange WentAway(const StoredFinding& from) {
  return {.from = from.status,
          .rule = from.rule,
          .subject = from.subject,
          .instance = from.instance,
          .policy_version = from.policy_version};
}

std::vector<StoredChange> ToStored(const AuthorityJudge& judge, const std::vector<FindingChange>& changes) {
  std::vector<StoredChange> stored;
  for (const FindingChange& change : changes) {
    // Erased by law: what is stored of it goes by its name, which nobody here knows any more.
    if (change.subject.kind != engine::SubjectKind::kAuthority && judge.facts().Name(change.subject).empty())
      continue;
    std::optional<StoredFinding> before;
    if (change.before.has_value()) before = ToStored(judge, *change.rule, change.subject, *change.before);
    if (!change.after.has_value()) {
      stored.push_back(WentAway(*before));
      continue;
    }
    StoredFinding after = ToStored(judge, *change.rule, change.subject, *change.after);
    if (before.has_value() && SameStored(*before, after)) continue;
    stored.push_back(
        Appeared(before.has_value() ? std::optional(before->status) : std::nullopt, std::move(after)));
  }
  return stored;
}

// Everything that differs between what is stored and what the judge holds.
std::vector<StoredChange> Compare(const AuthorityJudge& judge, CivilDay day, const JudgementState& stored) {
  std::vector<StoredChange> changes;
  std::set<std::pair<std::string, std::string>> present;
  judge.ForEachFinding(
      day, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
        StoredFinding now = ToStored(judge, rule, subject, finding);
        present.emplace(now.rule, now.subject);
        const auto before = stored.findings.find({now.rule, now.subject});
        if (before == stored.findings.end()) {
          changes.push_back(Appeared(std::nullopt, std::move(now)));
        } else if (!SameStored(before->second, now)) {
          changes.push_back(Appeared(before->second.status, std::move(now)));
        }
      });
  for (const auto& [key, finding] : stored.findings) {
    if (!present.contains(key)) changes.push_back(WentAway(finding));
  }
  return changes;
}

// In full: StrCat would round it.
std::string ShortestText(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

// Policies, then of those that judge with the authority's own numbers on the day each number.
std::vector<std::string> PoliciesOf(const AuthorityJudge& judge, CivilDay day) {
  std::vector<std::string> policies;
  for (const engine::Policy& policy : judge.policies()) {
    policies.push_back(absl::StrCat(policy.id, " ", policy.version));
  }
  std::set<const engine::Policy*> told;
  for (const AssignedRule& rule : judge.rules()) {
    const engine::Policy& policy = rule.PolicyOn(day);
    if (!told.insert(&policy).second) continue;
    for (const engine::Override& override : policy.overrides) {
      policies.push_back(absl::StrCat(policy.id, " ", policy.VersionText(), " ", override.rule, " ",
                                      override.field, " ", ShortestText(override.value)));
    }
  }
  return policies;
}

}  // namespace

HistoryWriter::HistoryWriter(mysql::ConnectionOptions database, const Clock* clock)
    : database_(std::move(database)), clock_(clock) {}

bool HistoryWriter::IsWriter() {
  if (locked_ && !connection_->broken()) {
    // A connection that was ended elsewhere has lost the lock without a word.
    const absl::StatusOr<bool> still_locked = Ask(*connection_, kStillLocked);
    if (still_locked.ok() && *still_locked) return true;
  }
  states_.clear();
  locked_ = false;
  if (connection_ == nullptr || connection_->broken()) {
    if (absl::Now() < next_attempt_) return false;
    auto connection = mysql::Connection::Open(database_);
    if (!connection.ok()) {
      next_attempt_ = absl::Now() + kReconnectPause;
      return false;
    }
    connection_ = *std::move(connection);
  }
  const absl::StatusOr<bool> locked = Ask(*connection_, kLock);
  if (!locked.ok() || !*locked) return false;
  const absl::StatusOr<uint64_t> epoch = TakeLease(*connection_, clock_->Now());
  if (!epoch.ok()) {
    // Without its connection it has no lock either.
    connection_ = nullptr;
    return false;
  }
  lease_epoch_ = *epoch;
  locked_ = true;
  return true;
}

absl::StatusOr<const JudgementState*> HistoryWriter::Last(const std::string& authority) {
  return StateOf(authority);
}

absl::StatusOr<JudgementState*> HistoryWriter::StateOf(const std::string& authority) {
  if (!locked_ && !IsWriter()) {
    return Error(absl::StatusCode::kUnavailable, "NOT_THE_WRITER",
                 "another process writes the history of findings");
  }
  const auto found = states_.find(authority);
  if (found != states_.end()) return &found->second;
  OVERSIGHT_ASSIGN_OR_RETURN(JudgementState state, LoadJudgement(*connection_, authority));
  return &states_.emplace(authority, std::move(state)).first->second;
}

absl::Status HistoryWriter::Write(const std::string& authority, const Batch* batch,
                                  const std::vector<std::string>& erased_subjects) {
  absl::Status status = connection_->ExecuteText("START TRANSACTION");
  if (status.ok()) status = HoldLease(*connection_, lease_epoch_);
  if (ReasonOf(status) == "JUDGEMENT_SUPERSEDED") locked_ = false;
  if (status.ok() && batch != nullptr) status = SaveBatch(*connection_, *batch, clock_->Now());
  if (status.ok()) status = EraseSubjects(*connection_, authority, erased_subjects);
  if (status.ok()) {
    status = connection_->ExecuteText("COMMIT");
  } else if (!connection_->broken()) {
    static_cast<void>(connection_->ExecuteText("ROLLBACK"));
  }
  // Whether it happened is not certain now: what is stored is loaded and compared again.
  if (!status.ok()) states_.clear();
  return status;
}

absl::Status HistoryWriter::Record(const AuthorityJudge& judge, CivilDay day,
                                   const std::vector<FindingChange>& changes,
                                   const std::vector<std::string>& tokens,
                                   const std::vector<std::string>& erased_subjects) {
  OVERSIGHT_ASSIGN_OR_RETURN(JudgementState * state, StateOf(judge.authority()));
  const Batch batch{.authority = judge.authority(),
                    .number = state->batch + 1,
                    .judged_day = day,
                    .evaluator_version = kEvaluatorVersion,
                    .tokens = tokens,
                    .policies = PoliciesOf(judge, day),
                    .lease_epoch = lease_epoch_,
                    .changes = state->compared ? ToStored(judge, changes) : Compare(judge, day, *state)};
  const bool worth_a_batch = !batch.changes.empty() || state->judged_day != day;
  if (worth_a_batch || !erased_subjects.empty()) {
    OVERSIGHT_RETURN_IF_ERROR(Write(judge.authority(), worth_a_batch ? &batch : nullptr, erased_subjects));
  }
  if (worth_a_batch) {
    state->batch = batch.number;
    state->judged_day = day;
    state->tokens = tokens;
  }
  state->compared = true;
  state->findings.clear();
  return absl::OkStatus();
}

}  // namespace oversight::compliance
