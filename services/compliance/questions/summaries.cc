#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/authority_figures.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/people.h"
#include "services/compliance/questions/questions.h"
#include "services/compliance/questions/tally.h"

namespace oversight::compliance {
namespace {

constexpr int kMostMonthsSummarised = 120;

// All counts of one day, in one pass.
struct Summary {
  std::map<const AssignedRule*, Tally> by_rule;
  std::map<std::pair<std::string, const AssignedRule*>, Tally> by_team_and_rule;
  std::map<std::string, Tally> by_policy;
  std::map<std::pair<std::string, std::string>, Tally> by_team_and_policy;
};

Summary Summarize(const AuthorityJudge& judge, CivilDay as_of) {
  Summary summary;
  judge.ForEachFinding(
      as_of, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
        const engine::Subject answerable = AnswerableFor(judge, rule, subject);
        const std::string team(judge.facts().TeamOf(answerable, as_of));
        summary.by_rule[&rule].Add(finding);
        summary.by_team_and_rule[{team, &rule}].Add(finding);
        summary.by_policy[rule.policy().id].Add(finding);
        summary.by_team_and_policy[{team, rule.policy().id}].Add(finding);
      });
  return summary;
}

void AddPolicies(const AuthorityJudge& judge, const Summary& summary,
                 v1::SummarizeFindingsResponse& response) {
  for (const auto& [policy, tally] : summary.by_policy) {
    auto& out = *response.add_policies();
    out.set_policy(absl::StrCat("policies/", policy));
    *out.mutable_counts() = tally.ToProto();
    out.set_longest_days_overdue(tally.longest_days_overdue());
  }
  for (const auto& [key, tally] : summary.by_team_and_policy) {
    auto& out = *response.add_team_policies();
    out.set_team(FullName(judge.authority(), key.first));
    out.set_policy(absl::StrCat("policies/", key.second));
    *out.mutable_counts() = tally.ToProto();
    out.set_longest_days_overdue(tally.longest_days_overdue());
  }
}

// The first day of the month of a date. INVALID_FIELDS for a date that does not exist.
absl::StatusOr<CivilDay> MonthOf(const google::type::Date& date, const char* field) {
  const auto day = CivilDay::FromParts(date.year(), date.month(), date.day());
  if (!day.ok()) return InvalidFields({{field, std::string(day.status().message())}});
  return FirstOfMonth(*day);
}

CivilDay LastOfMonth(CivilDay first) { return AddMonths(first, 1) - 1; }

// What fell due in each month, by its first day, of one rule and those subjects whom `wanted` accepts.
std::map<CivilDay, Tally> FellDueByMonth(const AuthorityJudge& judge, const AssignedRule& rule,
                                         CivilDay first, CivilDay until, const People& people) {
  std::map<CivilDay, Tally> months;
  ForEachFellDue(judge, rule, {first, until + 1}, [&](engine::Subject subject, const engine::Gap& gap) {
    if (!Matches(judge, rule, subject, gap.due, people)) return;
    months[FirstOfMonth(gap.due)].Add(StatusOf(judge, rule, subject, gap, until), gap.days_overdue);
  });
  return months;
}

}  // namespace

absl::Status Questions::SummarizeFindings(rpc::Call& call, const v1::SummarizeFindingsRequest& request,
                                          v1::SummarizeFindingsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  return AskAsKnown(call, authority, request,
                    [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) {
                      Summary summary = Summarize(judge, as_of);
                      SetDate(as_of, *response.mutable_as_of_date());
                      for (const AssignedRule& rule : judge.rules()) {
                        auto& out = *response.add_rules();
                        out.set_rule(rule.rule().id);
                        out.set_title(rule.rule().title);
                        *out.mutable_counts() = summary.by_rule[&rule].ToProto();
                        out.set_longest_days_overdue(summary.by_rule[&rule].longest_days_overdue());
                      }
                      for (const auto& [key, tally] : summary.by_team_and_rule) {
                        auto& out = *response.add_teams();
                        out.set_team(FullName(authority, key.first));
                        out.set_rule(key.second->rule().id);
                        *out.mutable_counts() = tally.ToProto();
                        out.set_longest_days_overdue(tally.longest_days_overdue());
                      }
                      AddPolicies(judge, summary, response);
                      const CaseCounts cases = CountCases(judge.facts(), as_of);
                      response.set_open_cases(cases.open);
                      response.set_unallocated_cases(cases.unallocated);
                      response.set_workers(CountWorkers(judge.facts(), as_of));
                      response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
                      return absl::OkStatus();
                    });
}

absl::Status Questions::SummarizeSupervisors(rpc::Call& call, const v1::SummarizeSupervisorsRequest& request,
                                             v1::SummarizeSupervisorsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  return AskAsKnown(
      call, authority, request, [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) {
        std::map<uint32_t, Tally> tallies;
        judge.ForEachFinding(
            as_of, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
              const auto worker = WorkerFor(judge, AnswerableFor(judge, rule, subject), as_of);
              if (!worker.has_value()) return;
              for (const uint32_t supervisor : SupervisorsOf(judge, *worker, as_of)) {
                tallies[supervisor].Add(finding);
              }
            });
        std::map<uint32_t, int> supervised = CountSupervised(judge.facts(), as_of);
        SetDate(as_of, *response.mutable_as_of_date());
        for (const auto& [supervisor, tally] : tallies) {
          auto& out = *response.add_supervisors();
          out.set_supervisor(FullName(authority, judge.facts().Name(engine::Subject::Worker(supervisor))));
          out.set_workers(supervised[supervisor]);
          *out.mutable_counts() = tally.ToProto();
          out.set_longest_days_overdue(tally.longest_days_overdue());
        }
        response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
        return absl::OkStatus();
      });
}

absl::Status Questions::SummarizeMonths(rpc::Call& call, const v1::SummarizeMonthsRequest& request,
                                        v1::SummarizeMonthsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay first, MonthOf(request.first_month(), "first_month"));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay last, MonthOf(request.last_month(), "last_month"));
  const CivilDay today = CivilDay::Of(clock_->Now());
  if (last < first || last > today) {
    return InvalidFields({{"last_month", "must be neither before the first month nor after this one"}});
  }
  if (absl::CivilMonth(last.civil()) - absl::CivilMonth(first.civil()) >= kMostMonthsSummarised) {
    return InvalidFields(
        {{"last_month", absl::StrCat("must be one of ", kMostMonthsSummarised, " months at most")}});
  }
  const std::set<std::string> rules(request.rules().begin(), request.rules().end());
  const People people{request.team(), request.worker(), request.supervisor()};
  const CivilDay until = std::min(today, LastOfMonth(last));
  return Ask(call, authority, request,
             [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
               for (const std::string& rule : rules) OVERSIGHT_RETURN_IF_ERROR(RuleIn(judge, rule).status());
               const People meant = Meant(judge, people);
               std::map<const AssignedRule*, std::map<CivilDay, Tally>> fell_due;
               for (const AssignedRule& rule : judge.rules()) {
                 if (!rules.empty() && !rules.contains(rule.rule().id)) continue;
                 fell_due[&rule] = FellDueByMonth(judge, rule, first, until, meant);
               }
               for (CivilDay month = first; month <= last; month = AddMonths(month, 1)) {
                 if (call.cancelled()) return absl::CancelledError("nobody waits for the answer any more");
                 const CivilDay as_of = std::min(until, LastOfMonth(month));
                 for (const AssignedRule& rule : judge.rules()) {
                   if (!fell_due.contains(&rule)) continue;
                   Tally standing;
                   judge.ForEachFindingOf(rule, as_of,
                                          [&](engine::Subject subject, const engine::Finding& finding) {
                                            if (Matches(judge, rule, subject, as_of, meant))
                                              standing.Add(finding);
                                          });
                   auto& out = *response.add_months();
                   SetDate(month, *out.mutable_month());
                   SetDate(as_of, *out.mutable_as_of_date());
                   out.set_rule(rule.rule().id);
                   *out.mutable_standing() = standing.ToProto();
                   *out.mutable_fell_due() = fell_due[&rule][month].ToProto();
                 }
               }
               response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
               return absl::OkStatus();
             });
}

}  // namespace oversight::compliance
