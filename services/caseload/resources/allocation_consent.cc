#include "services/caseload/resources/allocation_consent.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/dated.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/caseload/v1/caseload.pb.h"

namespace oversight::caseload {
namespace {

using resource::Message;
using Answer = type::v1::AllocationCheck;

// Whether the worker gets more of a case than before.
bool MustAsk(const v1::Allocation* before, const v1::Allocation& after) {
  if (before == nullptr) return true;
  const Period was = resource::PeriodOf(*before);
  const Period is = resource::PeriodOf(after);
  return before->worker() != after.worker() || before->role() != after.role() || is.start < was.start ||
         was.end < is.end;
}

compliance::v1::CheckAllocationRequest QuestionOf(const v1::Allocation& allocation,
                                                  const std::vector<std::string>& tokens) {
  compliance::v1::CheckAllocationRequest question;
  const std::string& name = allocation.name();
  question.set_parent(absl::StrCat("authorities/", std::string(resource::AuthorityOf(name))));
  question.set_case_(name.substr(0, name.rfind("/allocations/")));
  question.set_worker(allocation.worker());
  question.set_role(allocation.role());
  *question.mutable_date() = allocation.start_date();
  for (const std::string& token : tokens) question.add_after_tokens(token);
  return question;
}

absl::Status Blocked(const Answer& check) {
  std::vector<std::string> rules;
  const Answer::Broken* first = nullptr;
  for (const Answer::Broken& finding : check.findings()) {
    if (!finding.blocks()) continue;
    if (first == nullptr) first = &finding;
    rules.push_back(finding.rule());
  }
  return Error(absl::StatusCode::kFailedPrecondition, "ALLOCATION_BLOCKED",
               absl::StrCat("a policy forbids this allocation",
                            first == nullptr ? "" : absl::StrCat(": ", first->clause()),
                            "; choose another worker or role"))
      .With("rule", first == nullptr ? "" : first->rule())
      .With("clause", first == nullptr ? "" : first->clause())
      .With("rules", absl::StrJoin(rules, ","));
}

// What is stored with the allocation.
resource::Kind::Stamp StampOf(v1::Allocation::Verdict verdict, std::vector<std::string> tokens,
                              std::string unchecked_reason) {
  return
      [verdict, tokens = std::move(tokens), unchecked_reason = std::move(unchecked_reason)](Message& state) {
        auto& allocation = static_cast<v1::Allocation&>(state);
        allocation.set_verdict(verdict);
        allocation.mutable_verdict_tokens()->Assign(tokens.begin(), tokens.end());
        allocation.set_unchecked_reason(unchecked_reason);
      };
}

}  // namespace

resource::Kind::Consult AskCompliance(PeersPtr peers) {
  return [peers = std::move(peers)](
             rpc::Call& call, const Message* before, const Message& after,
             const std::vector<std::string>& tokens) -> absl::StatusOr<resource::Kind::Stamp> {
    const auto* stored = static_cast<const v1::Allocation*>(before);
    const auto& allocation = static_cast<const v1::Allocation&>(after);
    if (!MustAsk(stored, allocation)) {
      // What was found out then still stands, whatever the caller sent.
      return StampOf(stored->verdict(), {stored->verdict_tokens().begin(), stored->verdict_tokens().end()},
                     stored->unchecked_reason());
    }
    const absl::StatusOr<Answer> check = peers->CheckAllocation(call, QuestionOf(allocation, tokens));
    if (!check.ok()) {
      if (ReasonOf(check.status()) != "COMPLIANCE_UNREACHABLE" || allocation.unchecked_reason().empty()) {
        return check.status();
      }
      return StampOf(v1::Allocation::VERDICT_UNCHECKED, {}, allocation.unchecked_reason());
    }
    if (check->verdict() != Answer::VERDICT_ALLOWED) return Blocked(*check);
    return StampOf(v1::Allocation::VERDICT_ALLOWED, {check->tokens().begin(), check->tokens().end()}, "");
  };
}

}  // namespace oversight::caseload
