#include "services/compliance/questions/suppositions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/policy/override.h"

namespace oversight::compliance {
namespace {

std::vector<engine::Policy> PoliciesOf(std::vector<Supposition::Supposed>& supposed) {
  std::vector<engine::Policy> policies;
  for (Supposition::Supposed& one : supposed) policies.push_back(std::move(one.policy));
  return policies;
}

absl::Status Faulty(const std::vector<policy::Fault>& faults) {
  Error error(absl::StatusCode::kInvalidArgument, "POLICY_FAULTY",
              absl::StrCat("the policy has ", faults.size(), " fault(s); nothing was judged by it"));
  for (const policy::Fault& fault : faults) {
    error.Field("policy_text", absl::StrCat(fault.line, ":", fault.column, ": ", fault.message));
  }
  return error;
}

}  // namespace

Supposition::Supposition(const AuthorityJudge& of, std::vector<Supposed> supposed)
    : policies_(PoliciesOf(supposed)), judge_(of, &policies_) {
  for (size_t i = 0; i < supposed.size(); ++i) {
    for (Assignment& assignment : supposed[i].assignments) {
      const std::string name = absl::StrCat(i, " ", assignment.period.start.number());
      assignment.policy_id = policies_[i].id;
      judge_.SetAssignment(name, std::move(assignment));
    }
  }
}

Supposition::Supposition(const AuthorityJudge& of) : judge_(of, &of.policies()) {
  for (const auto& [name, assignment] : of.assignments()) judge_.SetAssignment(name, assignment);
}

absl::StatusOr<const policy::LoadedPolicy*> KnownPolicy(const PolicyLibrary& library,
                                                        const std::string& name) {
  absl::string_view id = name;
  const policy::LoadedPolicy* loaded = absl::ConsumePrefix(&id, "policies/") ? library.Find(id) : nullptr;
  if (loaded != nullptr) return loaded;
  return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
               "there is no such policy; ListPolicies names them")
      .With("resource_type", "oversight.compliance.v1.Policy");
}

absl::StatusOr<Draft> DraftIn(const PolicyLibrary& library, const v1::PreviewPolicyRequest& request) {
  if (request.policy_text().empty() == request.policy().empty()) {
    return InvalidFields({{"policy_text", "give either a policy text or the name of a known policy"}});
  }
  policy::LoadedPolicy loaded;
  if (request.policy_text().empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const policy::LoadedPolicy* known, KnownPolicy(library, request.policy()));
    loaded = *known;
  } else {
    policy::LintResult read = policy::Lint(request.policy_text());
    if (!read.loaded.has_value()) return Faulty(read.faults);
    loaded = *std::move(read.loaded);
  }
  Draft draft{.policy = loaded.policy};
  for (int i = 0; i < request.parameters_size(); ++i) {
    const auto& parameter = request.parameters(i);
    draft.parameters.push_back({parameter.rule(), parameter.field(), parameter.value()});
    const auto changed = policy::WithOverrides(loaded, draft.parameters);
    if (!changed.ok()) {
      return InvalidFields({{absl::StrCat("parameters[", i, "]"), std::string(changed.status().message())}});
    }
  }
  return draft;
}

}  // namespace oversight::compliance
