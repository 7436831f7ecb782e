// The figures of the yearly health check (Standards for Employers, standard 1).

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/governance.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/judgement/authority_figures.h"
#include "services/compliance/policy/record_schema.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/questions.h"
#include "services/compliance/questions/tally.h"

namespace oversight::compliance {
namespace {

// "At least an hour and a half of uninterrupted time" (standard 5).
constexpr int kFullLengthMinutes = 90;

using Response = v1::SummarizeHealthCheckResponse;

const char* NameOf(engine::EmploymentBasis basis) {
  using engine::EmploymentBasis;
  switch (basis) {
    case EmploymentBasis::kPermanent:
      return "permanent";
    case EmploymentBasis::kAgency:
      return "agency";
    case EmploymentBasis::kIndependent:
      return "independent";
    case EmploymentBasis::kVolunteer:
      return "volunteer";
    case EmploymentBasis::kStudent:
      return "student";
    case EmploymentBasis::kUnspecified:
      break;
  }
  return "none";
}

template <typename Groups>
void AddGroups(const std::map<std::string, int>& counts, Groups& out) {
  for (const auto& [group, workers] : counts) {
    auto& added = *out.Add();
    added.set_group(group);
    added.set_workers(workers);
  }
}

void DescribeWorkforce(const engine::AuthorityFacts& facts, CivilDay day, Window year,
                       Response::Workforce& out) {
  static const engine::FactKind posts = policy::ColumnsOf(workforce::v1::Post::descriptor())->kind;
  static const uint16_t full_time_equivalent =
      policy::RecordSchema().Of(posts).FindColumn("full_time_equivalent");
  std::map<std::string, int> stages;
  std::map<std::string, int> bases;
  double full_time = 0;
  out.set_workers(CountWorkers(facts, day));
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    const engine::WorkerRecord& worker = facts.worker(i);
    if (!worker.known) continue;
    const auto holds = [&](const auto& fact) { return fact.period.Contains(day); };
    out.set_started(out.started() +
                    (worker.employment_start.has_value() && year.Contains(*worker.employment_start)));
    out.set_left(out.left() + year.Contains(worker.employment_end));
    out.set_on_asye(out.on_asye() + std::any_of(worker.asye.begin(), worker.asye.end(), holds));
    out.set_asye_completed(out.asye_completed() +
                           std::any_of(worker.asye.begin(), worker.asye.end(),
                                       [&](const auto& asye) { return year.Contains(asye.period.end); }));
    out.set_students(out.students() +
                     std::any_of(worker.student_placements.begin(), worker.student_placements.end(), holds));
    if (!IsWorking(worker, day)) continue;
    out.set_absent(out.absent() + std::any_of(worker.absences.begin(), worker.absences.end(),
                                              [&](const auto& a) { return a.days.Contains(day); }));
    const engine::Post* post = PostOn(worker, day);
    if (post == nullptr) continue;
    ++stages[compliance::NameOf(post->career_stage)];
    ++bases[NameOf(post->employment_basis)];
    full_time += facts.table(posts).Number(post->id, full_time_equivalent).value_or(0);
  }
  AddGroups(stages, *out.mutable_career_stages());
  AddGroups(bases, *out.mutable_employment_bases());
  out.set_full_time_equivalents(full_time);
}

void DescribeCaseload(const engine::AuthorityFacts& facts, CivilDay day, Response::Caseload& out) {
  const CaseCounts cases = CountCases(facts, day);
  out.set_open_cases(cases.open);
  out.set_unallocated_cases(cases.unallocated);
  const std::vector<int> held = CasesHeld(facts, day);
  int in_all = 0;
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    const engine::Post* post = facts.worker(i).known ? PostOn(facts.worker(i), day) : nullptr;
    if (held[i] == 0 && (post == nullptr || !post->case_holding)) continue;
    out.set_case_holders(out.case_holders() + 1);
    out.set_most_cases(std::max(out.most_cases(), held[i]));
    in_all += held[i];
  }
  if (out.case_holders() > 0) out.set_cases_per_holder(static_cast<double>(in_all) / out.case_holders());
}

// The records of a kind whose day lies in the year.
template <typename Message>
int CountDated(const engine::AuthorityFacts& facts, const char* field, Window year) {
  static const engine::FactKind kind = policy::ColumnsOf(Message::descriptor())->kind;
  const uint16_t column = policy::RecordSchema().Of(kind).FindColumn(field);
  const engine::Table& table = facts.table(kind);
  int count = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    const std::optional<CivilDay> day = table.Day(row, column);
    count += day.has_value() && year.Contains(*day);
  }
  return count;
}

void DescribeSupervision(const AuthorityJudge& judge, CivilDay day, Window year, Response::Supervision& out) {
  const engine::AuthorityFacts& facts = judge.facts();
  const SessionCounts sessions = CountSessions(facts, year);
  out.set_formal_held(sessions.formal_held);
  out.set_formal_cancelled(sessions.formal_cancelled);
  out.set_formal_missed(sessions.formal_missed);
  out.set_other_held(sessions.other_held);
  const std::vector<int>& minutes = sessions.minutes;
  out.set_with_length(static_cast<int>(minutes.size()));
  out.set_full_length(
      static_cast<int>(minutes.end() - std::lower_bound(minutes.begin(), minutes.end(), kFullLengthMinutes)));
  if (!minutes.empty()) out.set_median_minutes(minutes[(minutes.size() - 1) / 2]);
  out.set_case_discussions(CountDiscussions(facts, judge.working_days(), year).all);
  const AgreementCounts agreements = CountAgreements(facts, day);
  out.set_agreements_in_force(agreements.in_force);
  out.set_without_agreement(agreements.workers_without);
  out.set_without_supervisor(agreements.without_supervisor);
  int supervised = 0;
  for (const auto& [supervisor, workers] : CountSupervised(facts, day)) {
    out.set_supervisors(out.supervisors() + 1);
    out.set_most_workers(std::max(out.most_workers(), workers));
    supervised += workers;
  }
  if (out.supervisors() > 0)
    out.set_workers_per_supervisor(static_cast<double>(supervised) / out.supervisors());
  out.set_quality_audits(CountDated<supervision::v1::QualityAudit>(facts, "audited_date", year));
  out.set_surveys(CountDated<supervision::v1::SurveyResult>(facts, "closed_date", year));
}

void DescribeRules(const AuthorityJudge& judge, CivilDay day, Window year, Response& out) {
  for (const AssignedRule& rule : judge.rules()) {
    Tally standing;
    judge.ForEachFindingOf(rule, day,
                           [&](engine::Subject, const engine::Finding& finding) { standing.Add(finding); });
    Tally fell_due;
    ForEachFellDue(judge, rule, year, [&](engine::Subject subject, const engine::Gap& gap) {
      fell_due.Add(StatusOf(judge, rule, subject, gap, day), gap.days_overdue);
    });
    Response::RuleFigures& figures = *out.add_rules();
    figures.set_policy(absl::StrCat("policies/", rule.policy().id));
    figures.set_rule(rule.rule().id);
    figures.set_title(rule.rule().title);
    *figures.mutable_standing() = standing.ToProto();
    *figures.mutable_fell_due() = fell_due.ToProto();
  }
}

std::optional<CivilDay> LastPublished(const engine::AuthorityFacts& facts, CivilDay by) {
  static const engine::FactKind kind = policy::ColumnsOf(workforce::v1::HealthCheck::descriptor())->kind;
  static const uint16_t published = policy::RecordSchema().Of(kind).FindColumn("published_date");
  std::optional<CivilDay> last;
  for (uint32_t row = 0; row < facts.table(kind).size(); ++row) {
    const std::optional<CivilDay> day = facts.table(kind).Day(row, published);
    if (day.has_value() && *day <= by) last = std::max(last.value_or(*day), *day);
  }
  return last;
}

}  // namespace

absl::Status Questions::SummarizeHealthCheck(rpc::Call& call, const v1::SummarizeHealthCheckRequest& request,
                                             v1::SummarizeHealthCheckResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  return AskAsKnown(call, authority, request,
                    [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) {
                      const Window year = TwelveMonthsTo(as_of);
                      SetDate(year.start, *response.mutable_start_date());
                      SetDate(as_of, *response.mutable_as_of_date());
                      DescribeWorkforce(judge.facts(), as_of, year, *response.mutable_workforce());
                      DescribeCaseload(judge.facts(), as_of, *response.mutable_caseload());
                      DescribeSupervision(judge, as_of, year, *response.mutable_supervision());
                      DescribeRules(judge, as_of, year, response);
                      const std::optional<CivilDay> published = LastPublished(judge.facts(), as_of);
                      if (published.has_value()) SetDate(*published, *response.mutable_last_published_date());
                      response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
                      return absl::OkStatus();
                    });
}

}  // namespace oversight::compliance
