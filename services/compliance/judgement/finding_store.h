#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "common/time/civil_day.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance {

// A finding as it is stored. `subject` is the name within the authority.
struct StoredFinding {
  std::string rule;
  std::string subject;
  CivilDay instance;
  engine::Status status = engine::Status::kPending;
  std::string row;
  CivilDay due = CivilDay::Max();
  std::string policy_version;
};

// A change of a stored finding; a side that had none is empty.
struct StoredChange {
  std::optional<engine::Status> from;
  std::optional<StoredFinding> to;
  // Which finding it is, also when it went away.
  std::string rule;
  std::string subject;
  CivilDay instance;
  std::string policy_version;
};

// A change as it is read back.
struct RecordedChange {
  uint64_t batch = 0;
  uint32_t number = 0;
  std::string rule;
  std::string subject;
  CivilDay instance;
  int from_status = 0;
  int to_status = 0;
  CivilDay due = CivilDay::Max();
  std::string policy_version;
  CivilDay judged_day;
  absl::Time record_time;
  std::string evaluator_version;
  std::vector<std::string> tokens;
  uint64_t lease_epoch = 0;
  // The authority's own numbers by which the rule was judged.
  std::vector<engine::Override> overrides;
};

// How far the history of an authority has been written.
struct JudgementState {
  uint64_t batch = 0;
  std::optional<CivilDay> judged_day;
  // The points of the ledgers on which the last batch rests.
  std::vector<std::string> tokens;
  // Whether the judge's state has been compared with `findings` since they were loaded; they are dropped
  // then.
  bool compared = false;
  // By rule and subject.
  std::map<std::pair<std::string, std::string>, StoredFinding> findings;
};

absl::StatusOr<JudgementState> LoadJudgement(mysql::Connection& connection, const std::string& authority);

// One judgement to be stored. All or nothing: the caller runs it in a transaction.
struct Batch {
  std::string authority;
  // One more than the last; another number means that somebody else has written meanwhile.
  uint64_t number = 0;
  CivilDay judged_day;
  std::string evaluator_version;
  std::vector<std::string> tokens;
  // The policies by which was judged, `knowsley 2`, and each of the authority's own numbers with which,
  // `knowsley 2-0123456789ab knowsley.record-signed deadline.steps.within.working_days 5`.
  std::vector<std::string> policies;
  uint64_t lease_epoch = 0;
  std::vector<StoredChange> changes;
};
// ABORTED (JUDGEMENT_SUPERSEDED) when the number is not the next one.
absl::Status SaveBatch(mysql::Connection& connection, const Batch& batch, absl::Time now);
// Deletes all findings of subjects whose data the law had erased and of what lay beneath them, and every
// trace of their changes.
absl::Status EraseSubjects(mysql::Connection& connection, const std::string& authority,
                           const std::vector<std::string>& subjects);

// Takes the lease over from whoever had it: a new epoch, after which no other writer stores anything. A
// transaction of its own.
absl::StatusOr<uint64_t> TakeLease(mysql::Connection& connection, absl::Time now);
// ABORTED (JUDGEMENT_SUPERSEDED) when the epoch is no longer the newest; else nobody takes the lease until
// the transaction has ended.
absl::Status HoldLease(mysql::Connection& connection, uint64_t epoch);

// The last judgement that was stored by a moment.
struct JudgementThen {
  uint64_t batch = 0;
  CivilDay judged_day;
  std::vector<std::string> tokens;
  std::vector<std::string> policies;
};
// Nothing when none was.
absl::StatusOr<std::optional<JudgementThen>> ReadJudgementBy(mysql::Connection& connection,
                                                             const std::string& authority, absl::Time moment);

// Changes of an authority in the order in which they were stored, after a batch and number; of one subject,
// and of one rule unless `rule` is empty.
absl::StatusOr<std::vector<RecordedChange>> ReadChanges(mysql::Connection& connection,
                                                        const std::string& authority,
                                                        const std::string& subject, const std::string& rule,
                                                        uint64_t after_batch, uint32_t after_number,
                                                        int limit);
// The same of all subjects.
absl::StatusOr<std::vector<RecordedChange>> ReadAllChanges(mysql::Connection& connection,
                                                           const std::string& authority, uint64_t after_batch,
                                                           uint32_t after_number, int limit);

// Keeps the text of a policy that judges here. FAILED_PRECONDITION (POLICY_CHANGED) when the same version was
// stored with other content.
absl::Status KeepPolicyText(mysql::Connection& connection, const policy::LoadedPolicy& policy,
                            absl::Time now);
// The text of a policy version that has judged here; empty when it never did.
absl::StatusOr<std::string> ReadPolicyText(mysql::Connection& connection, const std::string& policy,
                                           int version);

}  // namespace oversight::compliance
