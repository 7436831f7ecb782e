#include "services/compliance/questions/questions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/resource/name.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/questions/finding_view.h"

namespace oversight::compliance {
namespace {

constexpr char kService[] = "oversight.compliance.v1.ComplianceService";

v1::Policy ToProto(const policy::LoadedPolicy& loaded) {
  v1::Policy out;
  out.set_name(absl::StrCat("policies/", loaded.policy.id));
  out.set_version(loaded.policy.VersionText());
  out.set_title(loaded.policy.title);
  out.set_content_hash(loaded.policy.content_hash);
  for (const engine::Rule& rule : loaded.policy.rules) {
    v1::PolicyRule& out_rule = *out.add_rules();
    out_rule.set_id(rule.id);
    out_rule.set_title(rule.title);
    *out_rule.mutable_clause() = compliance::ToProto(rule.clause);
  }
  return out;
}

v1::Explanation::Evidence ToProto(const AuthorityJudge& judge, const engine::Evidence& evidence) {
  v1::Explanation::Evidence out;
  out.set_resource(FullName(judge.authority(), evidence.name));
  out.set_text(evidence.text);
  SetDate(evidence.day, *out.mutable_date());
  return out;
}

// Numbers that stand in no published policy.
void ExplainOverrides(const engine::Policy& policy, const std::string& rule, v1::Explanation& response) {
  for (const engine::Override& override : policy.overrides) {
    if (override.rule != rule) continue;
    response.add_reasoning(
        absl::StrCat("this authority has settled ", override.field, " at ", override.value));
  }
}

// What an officer asks next on reading that a finding is excused.
void ExplainWaiver(const AuthorityJudge& judge, const std::string& name, v1::Explanation& response) {
  const Waiver* waiver = judge.waivers().Find(name);
  if (waiver == nullptr) return;
  response.add_reasoning(absl::StrCat("a waiver excuses it from ", waiver->period.start.ToString(),
                                      " until before ", waiver->period.end.ToString()));
  auto& evidence = *response.add_evidence();
  evidence.set_resource(name);
  evidence.set_text("the waiver, with who agreed to it and why");
  SetDate(waiver->period.start, *evidence.mutable_date());
}

}  // namespace

Questions::Questions(const Parts& parts)
    : library_(parts.library),
      keeper_(parts.keeper),
      replays_(parts.replays),
      feeds_(parts.feeds),
      pool_(parts.pool),
      clock_(parts.clock) {}

void Questions::Register(rpc::Methods& methods) {
  const auto add = [&]<typename Request, typename Response>(
                       const char* method,
                       absl::Status (Questions::*handler)(rpc::Call&, const Request&, Response&)) {
    methods.Unary<Request, Response>(
        kService, method, [this, handler](rpc::Call& call, const Request& request, Response& response) {
          return (this->*handler)(call, request, response);
        });
  };
  add("ListPolicies", &Questions::ListPolicies);
  add("GetPolicy", &Questions::GetPolicy);
  add("ListFindings", &Questions::ListFindings);
  add("ListUpcoming", &Questions::ListUpcoming);
  add("SummarizeFindings", &Questions::SummarizeFindings);
  add("ExplainFinding", &Questions::ExplainFinding);
  add("ListFindingHistory", &Questions::ListFindingHistory);
  add("ListFindingChanges", &Questions::ListFindingChanges);
  add("GetProgress", &Questions::GetProgress);
  add("SummarizeMonths", &Questions::SummarizeMonths);
  add("SummarizeSupervisors", &Questions::SummarizeSupervisors);
  add("SummarizeHealthCheck", &Questions::SummarizeHealthCheck);
  add("PreviewPolicy", &Questions::PreviewPolicy);
  add("ComparePolicies", &Questions::ComparePolicies);
  add("CheckAllocation", &Questions::CheckAllocation);
  add("ProjectFrequency", &Questions::ProjectFrequency);
  methods.Feed(kService, "WatchFindings",
               [this](rpc::Call&, const google::protobuf::Message& request, std::shared_ptr<rpc::Feed> feed) {
                 return feeds_->Watch(static_cast<const v1::WatchFindingsRequest&>(request), std::move(feed));
               });
}

absl::Status Questions::ListPolicies(rpc::Call& call, const v1::ListPoliciesRequest& request,
                                     v1::ListPoliciesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last,
                             resource::DecodePageToken(call.method(), request.page_token()));
  for (const policy::LoadedPolicy& loaded : library_->loaded) {
    if (!last.empty() && loaded.policy.id <= last) continue;
    if (response.policies_size() == page_size) {
      const std::string name = response.policies(page_size - 1).name();
      response.set_next_page_token(
          resource::EncodePageToken(call.method(), absl::StripPrefix(name, "policies/")));
      break;
    }
    *response.add_policies() = ToProto(loaded);
  }
  return absl::OkStatus();
}

absl::Status Questions::GetPolicy(rpc::Call&, const v1::GetPolicyRequest& request, v1::Policy& response) {
  absl::string_view id = request.name();
  const policy::LoadedPolicy* loaded = absl::ConsumePrefix(&id, "policies/") ? library_->Find(id) : nullptr;
  if (loaded == nullptr) {
    return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
                 "there is no such policy; ListPolicies names them")
        .With("resource_type", "oversight.compliance.v1.Policy");
  }
  response = ToProto(*loaded);
  response.set_text(loaded->text);
  return absl::OkStatus();
}

absl::Status Questions::ExplainFinding(rpc::Call& call, const v1::ExplainFindingRequest& request,
                                       v1::Explanation& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  return AskAsKnown(
      call, authority, request,
      [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
        OVERSIGHT_ASSIGN_OR_RETURN(const AssignedRule* rule, RuleIn(judge, request.rule()));
        OVERSIGHT_ASSIGN_OR_RETURN(const engine::Subject subject, SubjectIn(judge, *rule, request.subject()));
        const engine::Evaluator* evaluator = rule->On(as_of);
        if (evaluator == nullptr) return NoFinding("the policy is not assigned on that day");
        const auto explanation = engine::Explain(*evaluator, judge.facts(), subject.index, as_of);
        const auto finding = judge.Evaluate(*rule, subject, as_of);
        if (!explanation.has_value() || !finding.has_value())
          return NoFinding("the rule does not apply to this subject on that day");
        *response.mutable_finding() = compliance::ToProto(judge, *rule, subject, *finding, as_of);
        *response.mutable_clause() = compliance::ToProto(explanation->clause);
        response.set_requirement(explanation->requirement);
        for (const std::string& step : explanation->reasoning) response.add_reasoning(step);
        ExplainOverrides(rule->PolicyOn(as_of), request.rule(), response);
        for (const auto& evidence : explanation->evidence)
          *response.add_evidence() = ToProto(judge, evidence);
        for (const auto& evidence : explanation->not_counted)
          *response.add_not_counted() = ToProto(judge, evidence);
        ExplainWaiver(judge, response.finding().waiver(), response);
        response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
        return absl::OkStatus();
      });
}

absl::Status Questions::ListFindingChanges(rpc::Call& call, const v1::ListFindingChangesRequest& request,
                                           v1::ListFindingChangesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  if (resource::AuthorityOf(request.subject()) != authority || RelativeName(request.subject()).empty()) {
    return InvalidFields({{"subject", "must name a worker or case of the parent"}});
  }
  const std::string query =
      absl::StrCat(call.method(), "\n", authority, "\n", request.rule(), "\n", request.subject());
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  const std::pair<std::string, std::string> after = absl::StrSplit(last, absl::MaxSplits('/', 1));
  uint64_t batch = 0;
  uint32_t number = 0;
  if (!last.empty() && (!absl::SimpleAtoi(after.first, &batch) || !absl::SimpleAtoi(after.second, &number))) {
    return InvalidFields({{"page_token", "is not one that was given out"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<RecordedChange> changes,
                             ReadChanges(*connection, authority, RelativeName(request.subject()),
                                         request.rule(), batch, number, page_size + 1));
  for (const RecordedChange& change : changes) {
    if (response.changes_size() == page_size) {
      const RecordedChange& end = changes[static_cast<size_t>(page_size) - 1];
      response.set_next_page_token(
          resource::EncodePageToken(query, absl::StrCat(end.batch, "/", end.number)));
      break;
    }
    *response.add_changes() = compliance::ToProto(authority, change);
  }
  return absl::OkStatus();
}

absl::Status Questions::GetProgress(rpc::Call& call, const v1::GetProgressRequest& request,
                                    v1::Progress& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  return keeper_->Ask(
      authority, {request.after_tokens().begin(), request.after_tokens().end()}, call.deadline(),
      [&call] { return rpc::WaitAside(call); },
      [&](const AuthorityJudge& judge, const LedgerPositions& positions) {
        if (const auto* ledgers = positions.Of(authority); ledgers != nullptr) {
          for (const auto& [ledger, position] : *ledgers) {
            auto& out = *response.add_ledgers();
            out.set_ledger(ledger);
            out.set_applied_revision(position.revision);
            out.set_token(position.token);
          }
        }
        response.set_judged(!judge.HasWork(judge.judged_day()));
        SetDate(judge.judged_day(), *response.mutable_judged_date());
        return absl::OkStatus();
      });
}

}  // namespace oversight::compliance
