#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "common/time/clock.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/judgement/finding_store.h"

namespace oversight::compliance {

// Writes the history of findings. Of several replicas one does, the one that holds a named lock of the
// database; it then takes the lease with a new epoch. What it stores is stored only while that epoch is the
// newest, so whoever has lost the lock cannot write any more, even without knowing that it has. Used by one
// thread.
class HistoryWriter {
 public:
  HistoryWriter(mysql::ConnectionOptions database, const Clock* clock);

  // True when this process writes the history, having tried to become the one if nobody is. While the
  // database is away it is tried once a second.
  bool IsWriter();
  // How far an authority's history has been written, by whomever. Valid until the next call of another
  // method. UNAVAILABLE (NOT_THE_WRITER).
  absl::StatusOr<const JudgementState*> Last(const std::string& authority);

  // Stores what one judgement changed. After a start, or after another process wrote, the whole state is
  // compared with what is stored, so that nothing is lost or told twice. Of erased subjects nothing stays
  // stored.
  absl::Status Record(const AuthorityJudge& judge, CivilDay day, const std::vector<FindingChange>& changes,
                      const std::vector<std::string>& tokens,
                      const std::vector<std::string>& erased_subjects);

 private:
  absl::StatusOr<JudgementState*> StateOf(const std::string& authority);
  // `batch` is stored unless it is null.
  absl::Status Write(const std::string& authority, const Batch* batch,
                     const std::vector<std::string>& erased_subjects);

  const mysql::ConnectionOptions database_;
  const Clock* const clock_;
  std::unique_ptr<mysql::Connection> connection_;
  bool locked_ = false;
  uint64_t lease_epoch_ = 0;
  absl::Time next_attempt_ = absl::InfinitePast();
  // Loaded once for each authority while this process is the writer. Findings are dropped after the first
  // comparison.
  std::map<std::string, JudgementState> states_;
};

}  // namespace oversight::compliance
