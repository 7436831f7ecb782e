#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/time/civil_day.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {

// What Prometheus learns of compliance. The figures of authorities are exported only by the process that writes the history,
// so that `sum()` over replicas never counts twice.
class JudgementMetrics {
 public:
  explicit JudgementMetrics(metrics::Registry* registry);

  // Brings an authority's figures up to date; withdraws them when this process is not the writer.
  void Update(const AuthorityJudge& judge, CivilDay today, bool writer);
  // An entry was applied this long after it was committed.
  void Applied(const std::string& ledger, absl::Duration delay);
  // Entries received and not applied yet.
  void SetWaiting(const std::string& ledger, size_t entries);

 private:
  struct SupervisionFigures;
  void UpdateFindings(const AuthorityJudge& judge, CivilDay today);
  void UpdateSupervision(const AuthorityJudge& judge, CivilDay today);
  void Withdraw(const std::string& authority);

  prometheus::Family<prometheus::Gauge>& findings_;
  prometheus::Family<prometheus::Gauge>& oldest_overdue_;
  prometheus::Family<prometheus::Gauge>& sessions_;
  prometheus::Family<prometheus::Histogram>& session_gaps_;
  prometheus::Family<prometheus::Gauge>& open_cases_;
  prometheus::Family<prometheus::Gauge>& unallocated_cases_;
  prometheus::Family<prometheus::Histogram>& apply_delay_;
  prometheus::Family<prometheus::Gauge>& waiting_;
  std::map<std::string, prometheus::Histogram*> apply_delays_;
  // Series of each authority, for withdrawing them.
  std::map<std::string, std::vector<prometheus::Gauge*>> gauges_;
  std::map<std::string, prometheus::Histogram*> gaps_;
};

}  // namespace oversight::compliance
