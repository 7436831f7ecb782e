#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/time/civil_day.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/judgement/finding_breakdown.h"
#include "services/compliance/judgement/session_gaps.h"

namespace oversight::compliance {

// What Prometheus learns of compliance. The figures of authorities are exported only by the process that
// writes the history, so that `sum()` over replicas never counts twice. Used by one thread.
class JudgementMetrics {
 public:
  explicit JudgementMetrics(metrics::Registry* registry);

  // Counts what one judgement of an authority changed, at once; all judgements must be told.
  void Judged(const AuthorityJudge& judge, const std::vector<FindingChange>& changes);
  // Brings the other figures of an authority up to date if anything has happened since: at most once a
  // second, for it looks at everything, so call it regularly. It does so rule by rule, and once the figures
  // are exported it leaves off after the next one where `interrupted`; the next call goes on. Withdraws all
  // figures when this process is not the writer.
  void Refresh(
      const AuthorityJudge& judge, CivilDay today, bool writer,
      absl::FunctionRef<bool()> interrupted = [] { return false; });
  // An entry was applied this long after it was committed.
  void Applied(const std::string& ledger, absl::Duration delay);
  // Entries received and not applied yet.
  void SetWaiting(const std::string& ledger, size_t entries);
  // An entry whose content could not be read.
  void Unreadable(const std::string& ledger);

 private:
  struct RuleFigures {
    FindingBreakdown::CountsByStatus counts{};
    std::array<prometheus::Gauge*, 9> by_status{};
    prometheus::Gauge* oldest_overdue = nullptr;
  };
  // A refresh under way.
  struct Walk {
    CivilDay day;
    int rules_built = 0;
    size_t next_rule = 0;
    std::chrono::steady_clock::duration taken{};
  };
  struct Figures {
    bool exported = false;
    bool stale = true;
    CivilDay day;
    std::optional<Walk> walk;
    std::chrono::steady_clock::time_point next_refresh;
    std::map<std::string, RuleFigures> rules;
    // The others, in the order in which they are set.
    std::vector<prometheus::Gauge*> sessions;
    prometheus::Gauge* open_cases = nullptr;
    prometheus::Gauge* unallocated_cases = nullptr;
    prometheus::Gauge* agreements = nullptr;
    prometheus::Gauge* without_agreement = nullptr;
    std::vector<prometheus::Gauge*> case_discussions;
    std::vector<prometheus::Gauge*> case_records;
  };
  RuleFigures& FiguresOf(const AuthorityJudge& judge, Figures& figures, const AssignedRule& rule);
  static void Show(RuleFigures& figures, int longest_days_overdue);
  static bool IsDue(const Figures& figures, CivilDay today);
  void RefreshRule(const AuthorityJudge& judge, CivilDay today, const AssignedRule& rule, Figures& figures);
  void RefreshOthers(const AuthorityJudge& judge, CivilDay today, Figures& figures);
  void RefreshSessions(const AuthorityJudge& judge, Figures& figures);
  void RefreshSupervision(const AuthorityJudge& judge, CivilDay today, Figures& figures);
  void RefreshCases(const AuthorityJudge& judge, CivilDay today, Figures& figures);
  void Withdraw(const std::string& authority, Figures& figures);

  prometheus::Family<prometheus::Gauge>& findings_;
  prometheus::Family<prometheus::Gauge>& oldest_overdue_;
  FindingBreakdown breakdown_;
  prometheus::Family<prometheus::Gauge>& sessions_;
  SessionGaps session_gaps_;
  prometheus::Family<prometheus::Gauge>& open_cases_;
  prometheus::Family<prometheus::Gauge>& unallocated_cases_;
  prometheus::Family<prometheus::Gauge>& agreements_;
  prometheus::Family<prometheus::Gauge>& without_agreement_;
  prometheus::Family<prometheus::Gauge>& case_discussions_;
  prometheus::Family<prometheus::Gauge>& case_records_;
  prometheus::Family<prometheus::Histogram>& apply_delay_;
  prometheus::Family<prometheus::Gauge>& waiting_;
  prometheus::Family<prometheus::Counter>& unreadable_;
  std::map<std::string, prometheus::Histogram*> apply_delays_;
  std::map<std::string, prometheus::Gauge*> waiting_entries_;
  std::map<std::string, Figures> figures_;  // by authority
};

}  // namespace oversight::compliance
