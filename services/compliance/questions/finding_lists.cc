#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/questions.h"

namespace oversight::compliance {
namespace {

constexpr int kMostDaysAhead = 366;

// A finding that goes on a list, and its place there: texts that compare as the order demands.
struct Listed {
  std::string place;
  const AssignedRule* rule;
  engine::Subject subject;
  engine::Finding finding;
};

std::string Number(int64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%012lld", static_cast<long long>(number));
  return text;
}

// Longest overdue first, then the earliest due date; rule and subject make the order total.
std::string PlaceByUrgency(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                           const engine::Finding& finding) {
  return absl::StrCat(Number(100000000 - int64_t{finding.days_overdue}),
                      Number(int64_t{finding.due.number()} + 10000000), rule.rule().id, "\n",
                      judge.facts().Name(subject));
}

std::string PlaceByDueDate(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                           const engine::Finding& finding) {
  return absl::StrCat(Number(int64_t{finding.due.number()} + 10000000), rule.rule().id, "\n",
                      judge.facts().Name(subject));
}

// Cuts a page out of a list and gives the token of the next one.
template <typename Response>
void FillPage(const AuthorityJudge& judge, CivilDay as_of, std::vector<Listed> listed,
              const std::string& query, const std::string& last, int page_size, Response& response) {
  response.set_total_size(static_cast<int32_t>(listed.size()));
  std::sort(listed.begin(), listed.end(), [](const Listed& a, const Listed& b) { return a.place < b.place; });
  auto item = last.empty() ? listed.begin()
                           : std::upper_bound(
                                 listed.begin(), listed.end(), last,
                                 [](const std::string& place, const Listed& b) { return place < b.place; });
  for (; item != listed.end(); ++item) {
    if (response.findings_size() == page_size) {
      response.set_next_page_token(resource::EncodePageToken(query, std::prev(item)->place));
      return;
    }
    *response.add_findings() = ToProto(judge, *item->rule, item->subject, item->finding, as_of);
  }
}

bool MatchesPeople(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject about, CivilDay day,
                   const std::string& team, const std::string& worker) {
  const engine::Subject subject = engine::AnswerableFor(rule.rule(), judge.facts(), about);
  return (team.empty() || TeamNameOf(judge, subject, day) == team) &&
         (worker.empty() || WorkerNameOf(judge, subject, day) == worker);
}

// Counts of findings by status, for one rule, in all or in a team.
struct Tally {
  std::array<int, 9> by_status{};
  int longest = 0;

  void Add(const engine::Finding& finding) {
    ++by_status[static_cast<size_t>(finding.status)];
    longest = std::max(longest, finding.days_overdue);
  }
  int Of(engine::Status status) const { return by_status[static_cast<size_t>(status)]; }
};

// The share in time, as the design defines it: an excused finding counts neither way, an unknown one never as
// kept.
v1::SummarizeFindingsResponse::Counts ToProto(const Tally& tally) {
  using engine::Status;
  v1::SummarizeFindingsResponse::Counts out;
  out.set_met(tally.Of(Status::kMet));
  out.set_pending(tally.Of(Status::kPending));
  out.set_due_soon(tally.Of(Status::kDueSoon));
  out.set_overdue(tally.Of(Status::kOverdue));
  out.set_late(tally.Of(Status::kLate));
  out.set_breached(tally.Of(Status::kBreached));
  out.set_excused(tally.Of(Status::kExcused));
  out.set_unknown(tally.Of(Status::kUnknown));
  const int in_time = out.met() + out.pending() + out.due_soon();
  const int all = in_time + out.overdue() + out.late() + out.breached() + out.unknown();
  out.set_share_in_time(all == 0 ? 0.0 : static_cast<double>(in_time) / all);
  return out;
}

int OpenCases(const AuthorityJudge& judge, CivilDay day, int& unallocated) {
  const engine::AuthorityFacts& facts = judge.facts();
  int open = 0;
  for (uint32_t i = 0; i < facts.case_count(); ++i) {
    const engine::CaseRecord& record = facts.case_record(i);
    if (!record.known || std::none_of(record.open.begin(), record.open.end(),
                                      [&](const Period& period) { return period.Contains(day); })) {
      continue;
    }
    ++open;
    unallocated += facts.HolderOf(i, day) == nullptr;
  }
  return open;
}

int Workers(const AuthorityJudge& judge, CivilDay day) {
  int workers = 0;
  for (uint32_t i = 0; i < judge.facts().worker_count(); ++i) {
    const engine::WorkerRecord& record = judge.facts().worker(i);
    const bool in_post = std::any_of(record.posts.begin(), record.posts.end(),
                                     [&](const engine::Post& post) { return post.period.Contains(day); });
    const bool on_placement = std::any_of(
        record.student_placements.begin(), record.student_placements.end(),
        [&](const engine::StudentPlacement& placement) { return placement.period.Contains(day); });
    workers += record.known && (in_post || on_placement);
  }
  return workers;
}

}  // namespace

absl::Status Questions::ListFindings(rpc::Call& call, const v1::ListFindingsRequest& request,
                                     v1::ListFindingsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of,
                             AsOf(request.as_of_date(), request.has_as_of_date(), *clock_));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  const std::set<std::string> rules(request.rules().begin(), request.rules().end());
  const std::set<int> statuses(request.statuses().begin(), request.statuses().end());
  const std::string query =
      absl::StrJoin({std::string(call.method()), authority, as_of.ToString(), absl::StrJoin(rules, ","),
                     absl::StrJoin(statuses, ","), request.team(), request.worker(), request.subject()},
                    "\n");
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  const std::vector<std::string> tokens(request.after_tokens().begin(), request.after_tokens().end());
  return keeper_->Ask(
      authority, tokens, call.deadline(),
      [&](const AuthorityJudge& judge, const LedgerPositions&) -> absl::Status {
        // A mistyped rule must not read as "nothing found".
        for (const std::string& rule : rules) OVERSIGHT_RETURN_IF_ERROR(RuleIn(judge, rule).status());
        std::vector<Listed> listed;
        judge.ForEachFinding(
            as_of, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
              if (!rules.empty() && !rules.contains(rule.rule().id)) return;
              if (!statuses.empty() && !statuses.contains(static_cast<int>(finding.status))) return;
              if (!request.subject().empty() && SubjectNameOf(judge, subject) != request.subject()) return;
              if (!MatchesPeople(judge, rule, subject, as_of, request.team(), request.worker())) return;
              listed.push_back({PlaceByUrgency(judge, rule, subject, finding), &rule, subject, finding});
            });
        SetDate(as_of, *response.mutable_as_of_date());
        FillPage(judge, as_of, std::move(listed), query, last, page_size, response);
        return absl::OkStatus();
      });
}

absl::Status Questions::ListUpcoming(rpc::Call& call, const v1::ListUpcomingRequest& request,
                                     v1::ListUpcomingResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of,
                             AsOf(request.as_of_date(), request.has_as_of_date(), *clock_));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  if (request.days() < 1 || request.days() > kMostDaysAhead) {
    return InvalidFields({{"days", absl::StrCat("must be between 1 and ", kMostDaysAhead)}});
  }
  const std::string query = absl::StrJoin({std::string(call.method()), authority, as_of.ToString(),
                                           absl::StrCat(request.days()), request.team(), request.worker()},
                                          "\n");
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  const std::vector<std::string> tokens(request.after_tokens().begin(), request.after_tokens().end());
  return keeper_->Ask(
      authority, tokens, call.deadline(), [&](const AuthorityJudge& judge, const LedgerPositions&) {
        std::vector<Listed> listed;
        judge.ForEachFinding(as_of, [&](const AssignedRule& rule, engine::Subject subject,
                                        const engine::Finding& finding) {
          if (finding.due < as_of || finding.due == CivilDay::Max() || finding.due - as_of > request.days())
            return;
          if (!MatchesPeople(judge, rule, subject, as_of, request.team(), request.worker())) return;
          listed.push_back({PlaceByDueDate(judge, rule, subject, finding), &rule, subject, finding});
        });
        FillPage(judge, as_of, std::move(listed), query, last, page_size, response);
        return absl::OkStatus();
      });
}

absl::Status Questions::SummarizeFindings(rpc::Call& call, const v1::SummarizeFindingsRequest& request,
                                          v1::SummarizeFindingsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of,
                             AsOf(request.as_of_date(), request.has_as_of_date(), *clock_));
  const std::vector<std::string> tokens(request.after_tokens().begin(), request.after_tokens().end());
  return keeper_->Ask(
      authority, tokens, call.deadline(), [&](const AuthorityJudge& judge, const LedgerPositions& positions) {
        std::map<const AssignedRule*, Tally> by_rule;
        std::map<std::pair<std::string, const AssignedRule*>, Tally> by_team;
        judge.ForEachFinding(
            as_of, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
              by_rule[&rule].Add(finding);
              const engine::Subject answerable = engine::AnswerableFor(rule.rule(), judge.facts(), subject);
              by_team[{std::string(judge.facts().TeamOf(answerable, as_of)), &rule}].Add(finding);
            });
        SetDate(as_of, *response.mutable_as_of_date());
        for (const AssignedRule& rule : judge.rules()) {
          auto& out = *response.add_rules();
          out.set_rule(rule.rule().id);
          out.set_title(rule.rule().title);
          *out.mutable_counts() = ToProto(by_rule[&rule]);
          out.set_longest_days_overdue(by_rule[&rule].longest);
        }
        for (const auto& [key, tally] : by_team) {
          auto& out = *response.add_teams();
          out.set_team(FullName(authority, key.first));
          out.set_rule(key.second->rule().id);
          *out.mutable_counts() = ToProto(tally);
          out.set_longest_days_overdue(tally.longest);
        }
        int unallocated = 0;
        response.set_open_cases(OpenCases(judge, as_of, unallocated));
        response.set_unallocated_cases(unallocated);
        response.set_workers(Workers(judge, as_of));
        for (const std::string& token : positions.Tokens(authority)) response.add_tokens(token);
        return absl::OkStatus();
      });
}

}  // namespace oversight::compliance
