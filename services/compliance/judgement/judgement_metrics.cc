#include "services/compliance/judgement/judgement_metrics.h"

#include <algorithm>
#include <array>

#include "services/compliance/judgement/authority_figures.h"

namespace oversight::compliance {
namespace {

using engine::Status;

constexpr std::array<Status, 8> kStatuses = {Status::kMet,     Status::kPending, Status::kDueSoon,
                                             Status::kOverdue, Status::kLate,    Status::kBreached,
                                             Status::kExcused, Status::kUnknown};
constexpr std::array<const char*, 6> kKinds = {
    "unspecified", "formal_one_to_one", "professional", "practice_education", "group", "informal"};
constexpr std::array<const char*, 5> kStates = {"unspecified", "scheduled", "held", "cancelled", "missed"};
constexpr std::array<const char*, 9> kCaseStatuses = {"none",
                                                      "assessment",
                                                      "child_in_need",
                                                      "child_protection",
                                                      "pre_proceedings",
                                                      "public_law_proceedings",
                                                      "looked_after",
                                                      "care_leaver",
                                                      "family_placement"};
constexpr std::array<const char*, kFiledValues> kFiled = {"within_24_hours", "within_5_working_days", "later",
                                                          "not_filed"};

constexpr std::chrono::seconds kRefreshPause(1);

}  // namespace

JudgementMetrics::JudgementMetrics(metrics::Registry* registry)
    : findings_(registry->Gauge("oversight_compliance_findings",
                                "Subjects to which a rule applies today, by status of the finding.")),
      oldest_overdue_(
          registry->Gauge("oversight_compliance_oldest_overdue_days",
                          "Days overdue of the longest overdue finding of a rule, absence left out.")),
      breakdown_(registry),
      sessions_(registry->Gauge("oversight_supervision_sessions", "Sessions on record, by kind and state.")),
      session_gaps_(registry),
      open_cases_(registry->Gauge("oversight_caseload_open_cases", "Open cases.")),
      unallocated_cases_(
          registry->Gauge("oversight_caseload_unallocated_cases", "Open cases that nobody holds.")),
      agreements_(registry->Gauge("oversight_supervision_agreements_in_force",
                                  "Supervision agreements in force today.")),
      without_agreement_(
          registry->Gauge("oversight_supervision_workers_without_agreement",
                          "Workers in post whom somebody supervises without an agreement in force.")),
      case_discussions_(
          registry->Gauge("oversight_supervision_case_discussions",
                          "Discussions held in the last 12 months, by status of the case then.")),
      case_records_(registry->Gauge(
          "oversight_supervision_case_records",
          "Discussions held in the last 12 months, by how soon the record of them was filed.")),
      apply_delay_(registry->Histogram("oversight_compliance_apply_delay_seconds",
                                       "From the commit of a ledger entry until compliance has applied it.")),
      waiting_(registry->Gauge("oversight_compliance_waiting_entries",
                               "Ledger entries received and not applied yet.")),
      unreadable_(registry->Counter("oversight_compliance_unreadable_entries_total",
                                    "Ledger entries whose content could not be read and was left out.")) {}

void JudgementMetrics::Applied(const std::string& ledger, absl::Duration delay) {
  prometheus::Histogram*& histogram = apply_delays_[ledger];
  if (histogram == nullptr) {
    histogram = &apply_delay_.Add({{"ledger", ledger}}, prometheus::Histogram::BucketBoundaries{
                                                            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
                                                            5, 10, 60, 600, 3600, 86400});
  }
  histogram->Observe(std::max(0.0, absl::ToDoubleSeconds(delay)));
}

void JudgementMetrics::SetWaiting(const std::string& ledger, size_t entries) {
  prometheus::Gauge*& gauge = waiting_entries_[ledger];
  if (gauge == nullptr) gauge = &waiting_.Add({{"ledger", ledger}});
  gauge->Set(static_cast<double>(entries));
}

void JudgementMetrics::Unreadable(const std::string& ledger) {
  unreadable_.Add({{"ledger", ledger}}).Increment();
}

JudgementMetrics::RuleFigures& JudgementMetrics::FiguresOf(const AuthorityJudge& judge, Figures& figures,
                                                           const AssignedRule& rule) {
  const auto [found, is_new] = figures.rules.try_emplace(rule.rule().id);
  RuleFigures& rule_figures = found->second;
  if (is_new) {
    metrics::Labels labels = {
        {"authority", judge.authority()}, {"policy", rule.policy().id}, {"rule", rule.rule().id}};
    rule_figures.oldest_overdue = &oldest_overdue_.Add(labels);
    for (Status status : kStatuses) {
      labels["status"] = std::string(engine::StatusName(status));
      rule_figures.by_status[static_cast<size_t>(status)] = &findings_.Add(labels);
    }
  }
  return rule_figures;
}

void JudgementMetrics::Judged(const AuthorityJudge& judge, const std::vector<FindingChange>& changes) {
  Figures& figures = figures_[judge.authority()];
  figures.stale = true;
  if (!figures.exported) return;
  for (const FindingChange& change : changes) {
    RuleFigures& rule = FiguresOf(judge, figures, *change.rule);
    const auto count = [&](const std::optional<engine::Finding>& finding, int by) {
      if (!finding.has_value()) return;
      const auto status = static_cast<size_t>(finding->status);
      rule.counts[status] += by;
      rule.by_status[status]->Set(rule.counts[status]);
    };
    count(change.before, -1);
    count(change.after, +1);
  }
}

bool JudgementMetrics::IsDue(const Figures& figures, CivilDay today) {
  if (!figures.exported) return true;
  if (!figures.stale && figures.day == today) return false;
  return std::chrono::steady_clock::now() >= figures.next_refresh;
}

void JudgementMetrics::Refresh(const AuthorityJudge& judge, CivilDay today, bool writer,
                               absl::FunctionRef<bool()> interrupted) {
  Figures& figures = figures_[judge.authority()];
  if (!writer) {
    Withdraw(judge.authority(), figures);
    return;
  }
  if (!figures.walk.has_value() && !IsDue(figures, today)) return;
  const auto began = std::chrono::steady_clock::now();
  if (!figures.walk.has_value() || figures.walk->day != today ||
      figures.walk->rules_built != judge.rules_built()) {
    figures.walk = Walk{.day = today, .rules_built = judge.rules_built()};
    // What is judged from here on may come too late for this walk.
    figures.stale = false;
    breakdown_.Begin(judge.authority());
  }
  Walk& walk = *figures.walk;
  while (walk.next_rule < judge.rules().size()) {
    RefreshRule(judge, today, judge.rules()[walk.next_rule++], figures);
    if (!figures.exported || !interrupted()) continue;
    walk.taken += std::chrono::steady_clock::now() - began;
    return;
  }
  RefreshOthers(judge, today, figures);
  figures.exported = true;
  figures.day = today;
  // However large the authority, this takes a twentieth of the time at most.
  const auto end = std::chrono::steady_clock::now();
  figures.next_refresh =
      end + std::max<std::chrono::steady_clock::duration>(kRefreshPause, 20 * (walk.taken + (end - began)));
  figures.walk.reset();
}

void JudgementMetrics::RefreshRule(const AuthorityJudge& judge, CivilDay today, const AssignedRule& rule,
                                   Figures& figures) {
  const FindingBreakdown::RuleCounts counts = breakdown_.CountRule(judge, today, rule);
  RuleFigures& rule_figures = FiguresOf(judge, figures, rule);
  rule_figures.counts = counts.by_status;
  Show(rule_figures, counts.longest_days_overdue);
}

void JudgementMetrics::Show(RuleFigures& figures, int longest_days_overdue) {
  for (Status status : kStatuses) {
    figures.by_status[static_cast<size_t>(status)]->Set(figures.counts[static_cast<size_t>(status)]);
  }
  figures.oldest_overdue->Set(longest_days_overdue);
}

void JudgementMetrics::RefreshOthers(const AuthorityJudge& judge, CivilDay today, Figures& figures) {
  breakdown_.End(judge);
  for (auto& [id, gone] : figures.rules) {
    if (judge.FindRule(id) != nullptr) continue;
    gone.counts.fill(0);
    Show(gone, 0);
  }
  RefreshSessions(judge, figures);
  session_gaps_.Refresh(judge);
  RefreshCases(judge, today, figures);
  RefreshSupervision(judge, today, figures);
}

void JudgementMetrics::RefreshSessions(const AuthorityJudge& judge, Figures& figures) {
  std::array<std::array<int, kStates.size()>, kKinds.size()> sessions{};
  const engine::AuthorityFacts& facts = judge.facts();
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    for (const engine::EventRef& event : facts.worker(i).sessions) {
      const engine::Session& session = facts.session(event.id);
      ++sessions[static_cast<size_t>(session.kind)][static_cast<size_t>(session.state)];
    }
  }
  size_t gauge = 0;
  for (size_t kind = 1; kind < kKinds.size(); ++kind) {
    for (size_t state = 1; state < kStates.size(); ++state, ++gauge) {
      if (gauge == figures.sessions.size()) {
        figures.sessions.push_back(&sessions_.Add(
            {{"authority", judge.authority()}, {"kind", kKinds[kind]}, {"state", kStates[state]}}));
      }
      figures.sessions[gauge]->Set(sessions[kind][state]);
    }
  }
}

void JudgementMetrics::RefreshCases(const AuthorityJudge& judge, CivilDay today, Figures& figures) {
  const CaseCounts counts = CountCases(judge.facts(), today);
  if (figures.open_cases == nullptr) {
    figures.open_cases = &open_cases_.Add({{"authority", judge.authority()}});
    figures.unallocated_cases = &unallocated_cases_.Add({{"authority", judge.authority()}});
  }
  figures.open_cases->Set(counts.open);
  figures.unallocated_cases->Set(counts.unallocated);
}

void JudgementMetrics::RefreshSupervision(const AuthorityJudge& judge, CivilDay today, Figures& figures) {
  const metrics::Labels authority = {{"authority", judge.authority()}};
  if (figures.agreements == nullptr) {
    figures.agreements = &agreements_.Add(authority);
    figures.without_agreement = &without_agreement_.Add(authority);
    for (const char* status : kCaseStatuses) {
      figures.case_discussions.push_back(
          &case_discussions_.Add({{"authority", judge.authority()}, {"case_status", status}}));
    }
    for (const char* filed : kFiled) {
      figures.case_records.push_back(
          &case_records_.Add({{"authority", judge.authority()}, {"filed", filed}}));
    }
  }
  const AgreementCounts agreements = CountAgreements(judge.facts(), today);
  DiscussionCounts discussions = CountDiscussions(judge.facts(), judge.working_days(), TwelveMonthsTo(today));
  figures.agreements->Set(agreements.in_force);
  figures.without_agreement->Set(agreements.workers_without);
  for (size_t status = 0; status < kCaseStatuses.size(); ++status) {
    figures.case_discussions[status]->Set(discussions.by_status[static_cast<engine::CaseStatus>(status)]);
  }
  for (size_t filed = 0; filed < kFiled.size(); ++filed) {
    figures.case_records[filed]->Set(discussions.by_filed[filed]);
  }
}

void JudgementMetrics::Withdraw(const std::string& authority, Figures& figures) {
  if (!figures.exported) return;
  breakdown_.Withdraw(authority);
  // A series that stays at its last value, or at zero, would be believed.
  for (const auto& [id, rule] : figures.rules) {
    for (Status status : kStatuses) findings_.Remove(rule.by_status[static_cast<size_t>(status)]);
    oldest_overdue_.Remove(rule.oldest_overdue);
  }
  for (prometheus::Gauge* gauge : figures.sessions) sessions_.Remove(gauge);
  open_cases_.Remove(figures.open_cases);
  unallocated_cases_.Remove(figures.unallocated_cases);
  agreements_.Remove(figures.agreements);
  without_agreement_.Remove(figures.without_agreement);
  for (prometheus::Gauge* gauge : figures.case_discussions) case_discussions_.Remove(gauge);
  for (prometheus::Gauge* gauge : figures.case_records) case_records_.Remove(gauge);
  session_gaps_.Withdraw(authority);
  figures = {};
}

}  // namespace oversight::compliance
