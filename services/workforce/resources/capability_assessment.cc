#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/resource/plain_kind.h"
#include "oversight/workforce/v1/development.pb.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

// A domain of the framework is met or it is not.
void ValidateCapabilityAssessment(const resource::Message& message, std::vector<FieldViolation>& violations) {
  const auto& assessment = static_cast<const v1::CapabilityAssessment&>(message);
  const auto& met = assessment.domains_met();
  for (int i = 0; i < assessment.domains_not_met_size(); ++i) {
    if (std::find(met.begin(), met.end(), assessment.domains_not_met(i)) == met.end()) continue;
    violations.push_back({absl::StrCat("domains_not_met[", i, "]"), "stands among domains_met too"});
  }
}

}  // namespace

resource::Kind CapabilityAssessmentKind() {
  resource::Kind kind = resource::PlainKind<v1::CapabilityAssessment>("capability_assessment");
  kind.validate = ValidateCapabilityAssessment;
  return kind;
}

}  // namespace oversight::workforce
