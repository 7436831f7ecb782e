#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/resources/policy_library.h"

namespace oversight::compliance {

// A judge over a copy of an authority's facts and waivers, with policies of its own: to say what would be.
class Supposition {
 public:
  // The policies and how they would be assigned; whatever policy the assignments name, this one is meant.
  struct Supposed {
    engine::Policy policy;
    std::vector<Assignment> assignments;
  };
  Supposition(const AuthorityJudge& of, std::vector<Supposed> supposed);
  // The same policies on the same days as they are assigned: to suppose other facts.
  explicit Supposition(const AuthorityJudge& of);

  // For changes of the facts, before the first question.
  AuthorityJudge& judge() { return judge_; }

 private:
  const std::vector<engine::Policy> policies_;
  AuthorityJudge judge_;
};

// The policy of which a preview speaks: the text in the request, or a known one; and the request's
// parameters, which fit it. INVALID_ARGUMENT (POLICY_FAULTY) names every fault with `policy_text` and
// `line:column: ...`; INVALID_FIELDS; NOT_FOUND (RESOURCE_NOT_FOUND).
struct Draft {
  engine::Policy policy;
  std::vector<engine::Override> parameters;
};
absl::StatusOr<Draft> DraftIn(const PolicyLibrary& library, const v1::PreviewPolicyRequest& request);

// A known policy by its name, `policies/{policy}`. NOT_FOUND (RESOURCE_NOT_FOUND).
absl::StatusOr<const policy::LoadedPolicy*> KnownPolicy(const PolicyLibrary& library,
                                                        const std::string& name);

}  // namespace oversight::compliance
