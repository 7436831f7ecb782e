// Every gap of a subject, as it is judged by today's facts.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/questions.h"

namespace oversight::compliance {
namespace {

// A gap and its place in the history: texts that compare as the order demands.
struct Placed {
  std::string place;
  engine::Gap gap;
};

// By day, row, record and clock, which no two gaps share.
std::vector<Placed> InOrder(const AuthorityJudge& judge, const engine::Rule& rule,
                            const std::vector<engine::Gap>& gaps) {
  std::vector<Placed> placed;
  for (const engine::Gap& gap : gaps) {
    const std::string record = gap.event == engine::Finding::kNoEvent
                                   ? std::string()
                                   : judge.facts().Name(engine::EventKindOf(rule, gap.row), gap.event);
    placed.push_back(
        {absl::StrFormat("%s\n%03d\n%s\n%03d", gap.base.ToString(), gap.row + 1, record, gap.clock + 1),
         gap});
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) { return a.place < b.place; });
  return placed;
}

bool IsOpen(const engine::Gap& gap) {
  return gap.outcome == engine::Outcome::kOpen ||
         (gap.outcome == engine::Outcome::kUnknown && gap.closed == CivilDay::Max());
}

// The gap still open is the finding as it stands, so that every view says the same of it.
v1::Finding Told(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                 const std::optional<engine::Finding>& standing, const engine::Gap& gap, CivilDay until) {
  const bool stands =
      standing.has_value() && IsOpen(gap) && engine::SameThing(rule.rule(), judge.facts(), *standing, gap);
  return stands ? ToProto(judge, rule, subject, *standing, until) : ToProto(judge, rule, subject, gap, until);
}

}  // namespace

absl::Status Questions::ListFindingHistory(rpc::Call& call, const v1::ListFindingHistoryRequest& request,
                                           v1::ListFindingHistoryResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay until, AsOfDay(request));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  const std::string query = absl::StrCat(call.method(), "\n", authority, "\n", request.rule(), "\n",
                                         request.subject(), "\n", until.ToString());
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  return Ask(call, authority, request,
             [&](const AuthorityJudge& judge, const std::vector<std::string>&) -> absl::Status {
               OVERSIGHT_ASSIGN_OR_RETURN(const AssignedRule* rule, RuleIn(judge, request.rule()));
               OVERSIGHT_ASSIGN_OR_RETURN(const engine::Subject subject,
                                          SubjectIn(judge, *rule, request.subject()));
               const std::optional<engine::Finding> standing = judge.Evaluate(*rule, subject, until);
               std::string end;
               for (const auto& [place, gap] :
                    InOrder(judge, rule->rule(), rule->History(judge.facts(), subject.index, until))) {
                 if (place <= last) continue;
                 if (response.findings_size() == page_size) {
                   response.set_next_page_token(resource::EncodePageToken(query, end));
                   return absl::OkStatus();
                 }
                 end = place;
                 *response.add_findings() = Told(judge, *rule, subject, standing, gap, until);
               }
               return absl::OkStatus();
             });
}

}  // namespace oversight::compliance
