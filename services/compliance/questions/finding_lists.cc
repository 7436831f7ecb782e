#include <algorithm>
#include <cstdio>
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
#include "services/compliance/questions/people.h"
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

}  // namespace

absl::Status Questions::ListFindings(rpc::Call& call, const v1::ListFindingsRequest& request,
                                     v1::ListFindingsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  const std::set<std::string> rules(request.rules().begin(), request.rules().end());
  const std::set<int> statuses(request.statuses().begin(), request.statuses().end());
  const std::string query =
      absl::StrJoin({std::string(call.method()), authority, as_of.ToString(), absl::StrJoin(rules, ","),
                     absl::StrJoin(statuses, ","), request.team(), request.worker(), request.supervisor(),
                     request.subject(), request.as_known_at().SerializeAsString()},
                    "\n");
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  const People people{request.team(), request.worker(), request.supervisor()};
  return AskAsKnown(
      call, authority, request,
      [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
        // A mistyped rule must not read as "nothing found".
        for (const std::string& rule : rules) OVERSIGHT_RETURN_IF_ERROR(RuleIn(judge, rule).status());
        const People meant = Meant(judge, people);
        std::vector<Listed> listed;
        for (const AssignedRule& rule : judge.rules()) {
          if (!rules.empty() && !rules.contains(rule.rule().id)) continue;
          const auto list = [&](engine::Subject subject, const engine::Finding& finding) {
            if (!statuses.empty() && !statuses.contains(static_cast<int>(finding.status))) return;
            if (!Matches(judge, rule, subject, as_of, meant)) return;
            listed.push_back({PlaceByUrgency(judge, rule, subject, finding), &rule, subject, finding});
          };
          if (request.subject().empty()) {
            judge.ForEachFindingOf(rule, as_of, list);
          } else if (const auto subject = SubjectIn(judge, rule, request.subject()); subject.ok()) {
            const auto finding = judge.Evaluate(rule, *subject, as_of);
            if (finding.has_value()) list(*subject, *finding);
          }
        }
        SetDate(as_of, *response.mutable_as_of_date());
        response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
        FillPage(judge, as_of, std::move(listed), query, last, page_size, response);
        return absl::OkStatus();
      });
}

absl::Status Questions::ListUpcoming(rpc::Call& call, const v1::ListUpcomingRequest& request,
                                     v1::ListUpcomingResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  if (request.days() < 1 || request.days() > kMostDaysAhead) {
    return InvalidFields({{"days", absl::StrCat("must be between 1 and ", kMostDaysAhead)}});
  }
  const std::string query =
      absl::StrJoin({std::string(call.method()), authority, as_of.ToString(), absl::StrCat(request.days()),
                     request.team(), request.worker(), request.supervisor()},
                    "\n");
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  const People people{request.team(), request.worker(), request.supervisor()};
  return Ask(call, authority, request, [&](const AuthorityJudge& judge, const std::vector<std::string>&) {
    const People meant = Meant(judge, people);
    std::vector<Listed> listed;
    judge.ForEachFinding(
        as_of, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
          if (finding.due < as_of || finding.due == CivilDay::Max() || finding.due - as_of > request.days())
            return;
          if (!Matches(judge, rule, subject, as_of, meant)) return;
          listed.push_back({PlaceByDueDate(judge, rule, subject, finding), &rule, subject, finding});
        });
    FillPage(judge, as_of, std::move(listed), query, last, page_size, response);
    return absl::OkStatus();
  });
}

}  // namespace oversight::compliance
