#include "services/compliance/judgement/finding_store.h"

#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/mysql/batch.h"
#include "common/status/error.h"

namespace oversight::compliance {
namespace {

using mysql::Row;
using mysql::Value;

constexpr char kSelectJudgement[] =
    "SELECT j.batch, j.judged_date, b.tokens FROM judgement j "
    "JOIN judgement_batch b ON b.authority = j.authority AND b.batch = j.batch WHERE j.authority = ?";
constexpr char kLockJudgement[] = "SELECT batch FROM judgement WHERE authority = ? FOR UPDATE";
constexpr char kUpsertJudgement[] =
    "INSERT INTO judgement (authority, batch, judged_date) VALUES (?, ?, ?) "
    "ON DUPLICATE KEY UPDATE batch = VALUES(batch), judged_date = VALUES(judged_date)";
constexpr char kInsertBatch[] =
    "INSERT INTO judgement_batch (authority, batch, judged_date, record_time, evaluator_version, tokens, "
    "policies, lease_epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kTakeLease[] = "UPDATE judgement_lease SET epoch = epoch + 1, since = ? WHERE id = 1";
constexpr char kReadLease[] = "SELECT epoch FROM judgement_lease WHERE id = 1";
constexpr char kHoldLease[] = "SELECT epoch FROM judgement_lease WHERE id = 1 LOCK IN SHARE MODE";
constexpr char kSelectJudgementBy[] =
    "SELECT batch, judged_date, tokens, policies FROM judgement_batch WHERE authority = ? AND record_time <= "
    "? "
    "ORDER BY batch DESC LIMIT 1";
constexpr char kSelectFindings[] =
    "SELECT rule, subject, instance, status, row_id, due, policy_version FROM finding WHERE authority = ?";
constexpr char kUpsertFinding[] =
    "INSERT INTO finding (authority, rule, subject, instance, status, row_id, due, policy_version, batch) "
    "VALUES ";
constexpr char kOnDuplicateFinding[] =
    " ON DUPLICATE KEY UPDATE instance = VALUES(instance), status = VALUES(status), row_id = VALUES(row_id), "
    "due = VALUES(due), policy_version = VALUES(policy_version), batch = VALUES(batch)";
constexpr int kFindingColumns = 9;
constexpr char kDeleteFinding[] = "DELETE FROM finding WHERE authority = ? AND rule = ? AND subject = ?";
constexpr char kInsertChange[] =
    "INSERT INTO finding_change (authority, batch, number, rule, subject, instance, from_status, to_status, "
    "due, "
    "policy_version) VALUES ";
constexpr int kChangeColumns = 10;
// With what lies beneath it: `0` is the character after the slash.
constexpr char kEraseFindings[] =
    "DELETE FROM finding WHERE authority = ? AND (subject = ? OR (subject > CONCAT(?, '/') AND subject < "
    "CONCAT(?, '0')))";
constexpr char kEraseChanges[] =
    "DELETE FROM finding_change WHERE authority = ? AND (subject = ? OR (subject > CONCAT(?, '/') AND "
    "subject < "
    "CONCAT(?, '0')))";
// What ReadChange takes.
#define OVERSIGHT_SELECT_CHANGES                                                                   \
  "SELECT c.batch, c.number, c.rule, c.subject, c.instance, c.from_status, c.to_status, c.due, "   \
  "c.policy_version, b.judged_date, b.record_time, b.evaluator_version, b.tokens, b.lease_epoch, " \
  "b.policies "                                                                                    \
  "FROM finding_change c JOIN judgement_batch b ON b.authority = c.authority AND b.batch = c.batch "
constexpr char kSelectChanges[] = OVERSIGHT_SELECT_CHANGES
    "WHERE c.authority = ? AND c.subject = ? AND (? = '' OR c.rule = ?) "
    "AND (c.batch > ? OR (c.batch = ? AND c.number > ?)) ORDER BY c.batch, c.number LIMIT ?";
constexpr char kSelectAllChanges[] = OVERSIGHT_SELECT_CHANGES
    "WHERE c.authority = ? AND (c.batch > ? OR (c.batch = ? AND c.number > ?)) ORDER BY c.batch, c.number "
    "LIMIT ?";
#undef OVERSIGHT_SELECT_CHANGES
constexpr char kSelectPolicyText[] = "SELECT text FROM policy_text WHERE policy = ? AND version = ?";
constexpr char kSelectPolicy[] = "SELECT content_hash FROM policy_text WHERE policy = ? AND version = ?";
constexpr char kInsertPolicy[] =
    "INSERT INTO policy_text (policy, version, content_hash, text, first_used) VALUES (?, ?, ?, ?, ?)";

Value DueValue(CivilDay due) { return due == CivilDay::Max() ? Value(mysql::Null{}) : Value(due); }
std::vector<std::string> SplitTokens(const std::string& tokens) {
  return absl::StrSplit(tokens, '\n', absl::SkipEmpty());
}
CivilDay ReadDue(const Row& row, int column) {
  return row.IsNull(column) ? CivilDay::Max() : row.Day(column);
}

// Those of one rule among the policies of a batch.
std::vector<engine::Override> OverridesOf(const std::string& policies, const std::string& rule) {
  std::vector<engine::Override> overrides;
  for (const absl::string_view line : absl::StrSplit(policies, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    engine::Override override;
    if (words.size() != 5 || words[2] != rule || !absl::SimpleAtod(words[4], &override.value)) continue;
    override.rule = rule;
    override.field = words[3];
    overrides.push_back(std::move(override));
  }
  return overrides;
}

RecordedChange ReadChange(const Row& row) {
  return {.batch = row.Uint64(0),
          .number = static_cast<uint32_t>(row.Uint64(1)),
          .rule = row.Bytes(2),
          .subject = row.Bytes(3),
          .instance = row.Day(4),
          .from_status = static_cast<int>(row.Int64(5)),
          .to_status = static_cast<int>(row.Int64(6)),
          .due = ReadDue(row, 7),
          .policy_version = row.Bytes(8),
          .judged_day = row.Day(9),
          .record_time = row.Time(10),
          .evaluator_version = row.Bytes(11),
          .tokens = SplitTokens(row.Bytes(12)),
          .lease_epoch = row.Uint64(13),
          .overrides = OverridesOf(row.Bytes(14), row.Bytes(2))};
}

absl::StatusOr<uint64_t> ReadEpoch(mysql::Connection& connection, absl::string_view sql) {
  uint64_t epoch = 0;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(sql, {}, [&](const Row& row) {
    epoch = row.Uint64(0);
    return absl::OkStatus();
  }));
  return epoch;
}

absl::Status CheckNext(mysql::Connection& connection, const Batch& batch) {
  uint64_t last = 0;
  const std::array<Value, 1> parameters = {batch.authority};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kLockJudgement, parameters, [&](const Row& row) {
    last = row.Uint64(0);
    return absl::OkStatus();
  }));
  if (last + 1 == batch.number) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "JUDGEMENT_SUPERSEDED",
               "another process has written this authority's findings meanwhile");
}

absl::Status SaveChanges(mysql::Connection& connection, const Batch& batch) {
  std::vector<Value> findings;
  std::vector<Value> changes;
  uint64_t number = 0;
  for (const StoredChange& change : batch.changes) {
    const CivilDay due = change.to.has_value() ? change.to->due : CivilDay::Max();
    const int from = change.from.has_value() ? static_cast<int>(*change.from) : 0;
    const int to = change.to.has_value() ? static_cast<int>(change.to->status) : 0;
    changes.insert(changes.end(), {batch.authority, batch.number, ++number, change.rule, change.subject,
                                   change.instance, from, to, DueValue(due), change.policy_version});
    if (change.to.has_value()) {
      const StoredFinding& finding = *change.to;
      findings.insert(findings.end(),
                      {batch.authority, finding.rule, finding.subject, finding.instance, to, finding.row,
                       DueValue(finding.due), finding.policy_version, batch.number});
    } else {
      const std::array<Value, 3> parameters = {batch.authority, change.rule, change.subject};
      OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kDeleteFinding, parameters).status());
    }
  }
  OVERSIGHT_RETURN_IF_ERROR(
      mysql::InsertRows(connection, kUpsertFinding, kFindingColumns, kOnDuplicateFinding, findings));
  return mysql::InsertRows(connection, kInsertChange, kChangeColumns, "", changes);
}

}  // namespace

absl::StatusOr<JudgementState> LoadJudgement(mysql::Connection& connection, const std::string& authority) {
  JudgementState state;
  const std::array<Value, 1> parameters = {authority};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectJudgement, parameters, [&](const Row& row) {
    state.batch = row.Uint64(0);
    state.judged_day = row.Day(1);
    state.tokens = SplitTokens(row.Bytes(2));
    return absl::OkStatus();
  }));
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectFindings, parameters, [&](const Row& row) {
    StoredFinding finding{.rule = row.Bytes(0),
                          .subject = row.Bytes(1),
                          .instance = row.Day(2),
                          .status = static_cast<engine::Status>(row.Int64(3)),
                          .row = row.Bytes(4),
                          .due = ReadDue(row, 5),
                          .policy_version = row.Bytes(6)};
    std::pair<std::string, std::string> key = {finding.rule, finding.subject};
    state.findings.emplace(std::move(key), std::move(finding));
    return absl::OkStatus();
  }));
  return state;
}

absl::Status SaveBatch(mysql::Connection& connection, const Batch& batch, absl::Time now) {
  OVERSIGHT_RETURN_IF_ERROR(CheckNext(connection, batch));
  const std::array<Value, 8> row = {batch.authority,
                                    batch.number,
                                    batch.judged_day,
                                    now,
                                    batch.evaluator_version,
                                    absl::StrJoin(batch.tokens, "\n"),
                                    absl::StrJoin(batch.policies, "\n"),
                                    batch.lease_epoch};
  OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kInsertBatch, row).status());
  OVERSIGHT_RETURN_IF_ERROR(SaveChanges(connection, batch));
  const std::array<Value, 3> judgement = {batch.authority, batch.number, batch.judged_day};
  return connection.Execute(kUpsertJudgement, judgement).status();
}

absl::StatusOr<uint64_t> TakeLease(mysql::Connection& connection, absl::Time now) {
  const std::array<Value, 1> parameters = {now};
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("START TRANSACTION"));
  OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kTakeLease, parameters).status());
  OVERSIGHT_ASSIGN_OR_RETURN(const uint64_t epoch, ReadEpoch(connection, kReadLease));
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("COMMIT"));
  return epoch;
}

absl::Status HoldLease(mysql::Connection& connection, uint64_t epoch) {
  OVERSIGHT_ASSIGN_OR_RETURN(const uint64_t newest, ReadEpoch(connection, kHoldLease));
  if (newest == epoch) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "JUDGEMENT_SUPERSEDED",
               "another process has taken over writing the history of findings");
}

absl::StatusOr<std::optional<JudgementThen>> ReadJudgementBy(mysql::Connection& connection,
                                                             const std::string& authority,
                                                             absl::Time moment) {
  std::optional<JudgementThen> then;
  const std::array<Value, 2> parameters = {authority, moment};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectJudgementBy, parameters, [&](const Row& row) {
    then = {.batch = row.Uint64(0),
            .judged_day = row.Day(1),
            .tokens = SplitTokens(row.Bytes(2)),
            .policies = SplitTokens(row.Bytes(3))};
    return absl::OkStatus();
  }));
  return then;
}

absl::StatusOr<std::string> ReadPolicyText(mysql::Connection& connection, const std::string& policy,
                                           int version) {
  std::string text;
  const std::array<Value, 2> key = {policy, version};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectPolicyText, key, [&](const Row& row) {
    text = row.Bytes(0);
    return absl::OkStatus();
  }));
  return text;
}

absl::Status EraseSubjects(mysql::Connection& connection, const std::string& authority,
                           const std::vector<std::string>& subjects) {
  for (const std::string& subject : subjects) {
    const std::array<Value, 4> parameters = {authority, subject, subject, subject};
    OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kEraseFindings, parameters).status());
    OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kEraseChanges, parameters).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RecordedChange>> ReadChanges(mysql::Connection& connection,
                                                        const std::string& authority,
                                                        const std::string& subject, const std::string& rule,
                                                        uint64_t after_batch, uint32_t after_number,
                                                        int limit) {
  std::vector<RecordedChange> changes;
  const std::array<Value, 8> parameters = {
      authority, subject, rule, rule, after_batch, after_batch, uint64_t{after_number}, int64_t{limit}};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectChanges, parameters, [&](const Row& row) {
    changes.push_back(ReadChange(row));
    return absl::OkStatus();
  }));
  return changes;
}

absl::StatusOr<std::vector<RecordedChange>> ReadAllChanges(mysql::Connection& connection,
                                                           const std::string& authority, uint64_t after_batch,
                                                           uint32_t after_number, int limit) {
  std::vector<RecordedChange> changes;
  const std::array<Value, 5> parameters = {authority, after_batch, after_batch, uint64_t{after_number},
                                           int64_t{limit}};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectAllChanges, parameters, [&](const Row& row) {
    changes.push_back(ReadChange(row));
    return absl::OkStatus();
  }));
  return changes;
}

absl::Status KeepPolicyText(mysql::Connection& connection, const policy::LoadedPolicy& policy,
                            absl::Time now) {
  std::string stored;
  const std::array<Value, 2> key = {policy.policy.id, policy.policy.version};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectPolicy, key, [&](const Row& row) {
    stored = row.Bytes(0);
    return absl::OkStatus();
  }));
  if (stored == policy.policy.content_hash) return absl::OkStatus();
  if (!stored.empty()) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "POLICY_CHANGED",
        absl::StrCat("policy ", policy.policy.id, " version ", policy.policy.version,
                     " has already judged with other content; give the changed text a new version number"));
  }
  const std::array<Value, 5> row = {policy.policy.id, policy.policy.version, policy.policy.content_hash,
                                    policy.text, now};
  return connection.Execute(kInsertPolicy, row).status();
}

}  // namespace oversight::compliance
