#include "services/compliance/judgement/judgement_metrics.h"

#include <algorithm>
#include <array>
#include <optional>

namespace oversight::compliance {
namespace {

using engine::Status;

constexpr std::array<Status, 8> kStatuses = {Status::kMet,  Status::kPending,  Status::kDueSoon, Status::kOverdue,
                                             Status::kLate, Status::kBreached, Status::kExcused, Status::kUnknown};
constexpr std::array<const char*, 6> kKinds = {"unspecified",        "formal_one_to_one", "professional",
                                               "practice_education", "group",             "informal"};
constexpr std::array<const char*, 4> kStates = {"unspecified", "scheduled", "held", "cancelled"};

// Days between two sessions: a week, a fortnight, a month and what goes beyond.
const prometheus::Histogram::BucketBoundaries& GapBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{7, 10, 14, 21, 28, 31, 35, 42, 62, 92, 183};
  return buckets;
}

}  // namespace

JudgementMetrics::JudgementMetrics(metrics::Registry* registry)
    : findings_(registry->Gauge("oversight_compliance_findings", "Subjects to which a rule applies today, by status of the finding.")),
      oldest_overdue_(registry->Gauge("oversight_compliance_oldest_overdue_days",
                                      "Days overdue of the longest overdue finding of a rule, absence left out.")),
      sessions_(registry->Gauge("oversight_supervision_sessions", "Sessions on record, by kind and state.")),
      session_gaps_(registry->Histogram("oversight_supervision_session_gap_days",
                                        "Days between consecutive formal one-to-one sessions of a worker.")),
      open_cases_(registry->Gauge("oversight_caseload_open_cases", "Open cases.")),
      unallocated_cases_(registry->Gauge("oversight_caseload_unallocated_cases", "Open cases that nobody holds.")),
      apply_delay_(registry->Histogram("oversight_compliance_apply_delay_seconds",
                                       "From the commit of a ledger entry until compliance has applied it.")),
      waiting_(registry->Gauge("oversight_compliance_waiting_entries",
                               "Ledger entries received and not applied yet.")) {}

void JudgementMetrics::Applied(const std::string& ledger, absl::Duration delay) {
  prometheus::Histogram*& histogram = apply_delays_[ledger];
  if (histogram == nullptr) {
    histogram = &apply_delay_.Add({{"ledger", ledger}},
                                  prometheus::Histogram::BucketBoundaries{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                                                          2.5, 5, 10, 60, 600, 3600, 86400});
  }
  histogram->Observe(std::max(0.0, absl::ToDoubleSeconds(delay)));
}

void JudgementMetrics::SetWaiting(const std::string& ledger, size_t entries) {
  waiting_.Add({{"ledger", ledger}}).Set(static_cast<double>(entries));
}

void JudgementMetrics::Withdraw(const std::string& authority) {
  // Zero, not removed: removing a series takes a lock over all of them.
  for (prometheus::Gauge* gauge : gauges_[authority]) gauge->Set(0);
}

void JudgementMetrics::Update(const AuthorityJudge& judge, CivilDay today, bool writer) {
  if (!writer) {
    Withdraw(judge.authority());
    return;
  }
  UpdateFindings(judge, today);
  UpdateSupervision(judge, today);
}

void JudgementMetrics::UpdateFindings(const AuthorityJudge& judge, CivilDay today) {
  std::vector<prometheus::Gauge*>& gauges = gauges_[judge.authority()];
  std::map<const AssignedRule*, std::array<int, 9>> counts;
  std::map<const AssignedRule*, int> oldest;
  for (const AssignedRule& rule : judge.rules()) {
    counts[&rule].fill(0);
    oldest[&rule] = 0;
  }
  judge.ForEachFinding(today, [&](const AssignedRule& rule, engine::Subject, const engine::Finding& finding) {
    ++counts[&rule][static_cast<size_t>(finding.status)];
    oldest[&rule] = std::max(oldest[&rule], finding.days_overdue);
  });
  const auto set = [&](prometheus::Gauge& gauge, double value) {
    gauge.Set(value);
    if (std::find(gauges.begin(), gauges.end(), &gauge) == gauges.end()) gauges.push_back(&gauge);
  };
  for (const auto& [rule, by_status] : counts) {
    const std::string& policy = rule->policy().id;
    for (Status status : kStatuses) {
      set(findings_.Add({{"authority", judge.authority()},
                         {"policy", policy},
                         {"rule", rule->rule().id},
                         {"status", std::string(engine::StatusName(status))}}),
          by_status[static_cast<size_t>(status)]);
    }
    set(oldest_overdue_.Add({{"authority", judge.authority()}, {"policy", policy}, {"rule", rule->rule().id}}),
        oldest[rule]);
  }
}

void JudgementMetrics::UpdateSupervision(const AuthorityJudge& judge, CivilDay today) {
  const engine::AuthorityFacts& facts = judge.facts();
  std::vector<prometheus::Gauge*>& gauges = gauges_[judge.authority()];
  const auto set = [&](prometheus::Gauge& gauge, double value) {
    gauge.Set(value);
    if (std::find(gauges.begin(), gauges.end(), &gauge) == gauges.end()) gauges.push_back(&gauge);
  };
  std::array<std::array<int, kStates.size()>, kKinds.size()> sessions{};
  std::vector<double> gaps;
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    std::optional<CivilDay> last;
    for (const engine::EventRef& event : facts.worker(i).sessions) {
      const engine::Session& session = facts.session(event.id);
      ++sessions[static_cast<size_t>(session.kind)][static_cast<size_t>(session.state)];
      if (session.kind != engine::SessionKind::kFormalOneToOne || session.state != engine::SessionState::kHeld) continue;
      if (last.has_value()) gaps.push_back(event.day - *last);
      last = event.day;
    }
  }
  for (size_t kind = 1; kind < kKinds.size(); ++kind) {
    for (size_t state = 1; state < kStates.size(); ++state) {
      set(sessions_.Add({{"authority", judge.authority()}, {"kind", kKinds[kind]}, {"state", kStates[state]}}),
          sessions[kind][state]);
    }
  }
  int open = 0;
  int unallocated = 0;
  for (uint32_t i = 0; i < facts.case_count(); ++i) {
    const engine::CaseRecord& record = facts.case_record(i);
    const bool is_open = record.known && std::any_of(record.open.begin(), record.open.end(),
                                                     [&](const Period& period) { return period.Contains(today); });
    if (!is_open) continue;
    ++open;
    unallocated += facts.HolderOf(i, today) == nullptr;
  }
  set(open_cases_.Add({{"authority", judge.authority()}}), open);
  set(unallocated_cases_.Add({{"authority", judge.authority()}}), unallocated);

  // The gaps are those on record now, so corrected sessions are counted as they are: the histogram is made anew.
  prometheus::Histogram*& histogram = gaps_[judge.authority()];
  if (histogram != nullptr) session_gaps_.Remove(histogram);
  histogram = &session_gaps_.Add({{"authority", judge.authority()}}, GapBuckets());
  for (double gap : gaps) histogram->Observe(gap);
}

}  // namespace oversight::compliance
