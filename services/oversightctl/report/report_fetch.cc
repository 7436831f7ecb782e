#include <algorithm>

#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using compliance::v1::Finding;

void FetchPolicyTitles(Context& context, Report& report) {
  compliance::v1::ListPoliciesRequest request;
  do {
    const auto page =
        Call<compliance::v1::ListPoliciesResponse>(context, ServiceId::kCompliance, "ListPolicies", request);
    if (!page.ok()) return;
    for (const auto& policy : page->policies()) report.policy_titles[policy.name()] = policy.title();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
}

absl::Status FetchLongest(Context& context, const ReportSettings& settings, Report& report) {
  compliance::v1::ListFindingsRequest request;
  request.set_parent(report.authority);
  *request.mutable_as_of_date() = report.summary.as_of_date();
  if (!settings.rule.empty()) request.add_rules(settings.rule);
  request.set_team(settings.team);
  request.set_worker(settings.worker);
  request.set_supervisor(settings.supervisor);
  request.add_statuses(Finding::STATUS_OVERDUE);
  const size_t wanted = static_cast<size_t>(std::max(settings.longest, 1));
  do {
    request.set_page_size(static_cast<int>(std::min<size_t>(kListPage, wanted - report.longest.size())));
    const auto page =
        Call<compliance::v1::ListFindingsResponse>(context, ServiceId::kCompliance, "ListFindings", request);
    if (!page.ok()) return page.status();
    report.overdue = page->total_size();
    report.longest.insert(report.longest.end(), page->findings().begin(), page->findings().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && report.longest.size() < wanted);
  return absl::OkStatus();
}

absl::Status FetchUpcoming(Context& context, const ReportSettings& settings, Report& report) {
  compliance::v1::ListUpcomingRequest request;
  request.set_parent(report.authority);
  *request.mutable_as_of_date() = report.summary.as_of_date();
  request.set_days(settings.due_within);
  request.set_team(settings.team);
  request.set_worker(settings.worker);
  request.set_supervisor(settings.supervisor);
  request.set_page_size(kListPage);
  auto& upcoming = report.upcoming.emplace();
  do {
    const auto page =
        Call<compliance::v1::ListUpcomingResponse>(context, ServiceId::kCompliance, "ListUpcoming", request);
    if (!page.ok()) return page.status();
    report.upcoming_total = page->total_size();
    for (const Finding& finding : page->findings()) {
      if (settings.rule.empty() || finding.rule() == settings.rule) upcoming.push_back(finding);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status FetchExplanation(Context& context, const ReportSettings& settings, Report& report) {
  compliance::v1::ExplainFindingRequest request;
  request.set_parent(report.authority);
  *request.mutable_as_of_date() = report.summary.as_of_date();
  request.set_rule(settings.explain_rule);
  request.set_subject(settings.explain_subject);
  if (settings.explain_worst) {
    if (report.longest.empty()) return absl::OkStatus();
    request.set_rule(report.longest.front().rule());
    request.set_subject(report.longest.front().subject());
  }
  auto explanation =
      Call<compliance::v1::Explanation>(context, ServiceId::kCompliance, "ExplainFinding", request);
  if (!explanation.ok()) return explanation.status();
  report.explanation = *std::move(explanation);
  return absl::OkStatus();
}

}  // namespace

// Without the names a report is still worth having, so it goes on with ids when workforce is away.
void FetchNames(Context& context, Report& report) {
  FetchPolicyTitles(context, report);
  workforce::v1::GetAuthorityRequest get;
  get.set_name(report.authority);
  const auto authority = Call<workforce::v1::Authority>(context, ServiceId::kWorkforce, "GetAuthority", get);
  if (!authority.ok()) {
    *context.console.err << "note: no names, workforce says: " << authority.status().message() << "\n";
    return;
  }
  report.authority_name = authority->display_name();
  workforce::v1::ListTeamsRequest list;
  list.set_parent(report.authority);
  list.set_page_size(kListPage);
  do {
    const auto page =
        Call<workforce::v1::ListTeamsResponse>(context, ServiceId::kWorkforce, "ListTeams", list);
    if (!page.ok()) return;
    for (const auto& team : page->teams()) report.team_names[team.name()] = team.display_name();
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
}

absl::StatusOr<Report> FetchReport(Context& context, const ReportSettings& settings) {
  Report report;
  report.authority = context.Authority();
  compliance::v1::SummarizeFindingsRequest request;
  request.set_parent(report.authority);
  if (settings.as_of.year() != 0) *request.mutable_as_of_date() = settings.as_of;
  for (const std::string& token : settings.after_tokens) request.add_after_tokens(token);
  auto summary = Call<compliance::v1::SummarizeFindingsResponse>(context, ServiceId::kCompliance,
                                                                 "SummarizeFindings", request);
  if (!summary.ok()) return summary.status();
  report.summary = *std::move(summary);
  FetchNames(context, report);
  absl::Status status = FetchLongest(context, settings, report);
  if (status.ok() && settings.due_within > 0) status = FetchUpcoming(context, settings, report);
  if (status.ok() && (settings.explain_worst || !settings.explain_rule.empty())) {
    status = FetchExplanation(context, settings, report);
  }
  if (!status.ok()) return status;
  return report;
}

}  // namespace oversight::ctl
