#include <set>

#include "absl/strings/str_cat.h"
#include "common/resource/plain_kind.h"
#include "oversight/caseload/v1/workload.pb.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {
namespace {

// Each status and each role has one weight.
void ValidateWorkloadScheme(const resource::Message& message, std::vector<FieldViolation>& violations) {
  const auto& scheme = static_cast<const v1::WorkloadScheme&>(message);
  std::set<int> statuses;
  for (int i = 0; i < scheme.status_weights_size(); ++i) {
    if (statuses.insert(scheme.status_weights(i).status()).second) continue;
    violations.push_back({absl::StrCat("status_weights[", i, "].status"), "stands earlier in the list"});
  }
  std::set<int> roles;
  for (int i = 0; i < scheme.role_factors_size(); ++i) {
    if (roles.insert(scheme.role_factors(i).role()).second) continue;
    violations.push_back({absl::StrCat("role_factors[", i, "].role"), "stands earlier in the list"});
  }
}

}  // namespace

resource::Kind WorkloadSchemeKind() {
  resource::Kind kind = resource::PlainKind<v1::WorkloadScheme>("workload_scheme");
  kind.validate = ValidateWorkloadScheme;
  return kind;
}

}  // namespace oversight::caseload
