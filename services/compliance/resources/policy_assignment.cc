#include "services/compliance/resources/policy_assignment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/columns.h"
#include "common/resource/dated.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "services/compliance/domain/assignment.h"
#include "services/compliance/policy/override.h"

namespace oversight::compliance {
namespace {

using google::protobuf::Message;

AssignmentFacts FactsOf(const v1::PolicyAssignment& assignment) {
  return {.policy = assignment.policy(), .period = resource::PeriodOf(assignment)};
}

void CheckPolicy(const PolicyLibrary& library, const Message& message,
                 std::vector<FieldViolation>& violations) {
  const auto& assignment = static_cast<const v1::PolicyAssignment&>(message);
  absl::string_view id = assignment.policy();
  const policy::LoadedPolicy* loaded = absl::ConsumePrefix(&id, "policies/") ? library.Find(id) : nullptr;
  if (loaded != nullptr) {
    std::vector<policy::Override> overrides;
    for (const auto& override : assignment.overrides()) {
      overrides.push_back({override.rule(), override.field(), override.value()});
    }
    const auto applied = policy::WithOverrides(*loaded, overrides);
    if (!applied.ok()) violations.push_back({"overrides", std::string(applied.status().message())});
    return;
  }
  std::string known;
  for (const policy::LoadedPolicy& loaded : library.loaded) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", "policies/", loaded.policy.id);
  }
  violations.push_back({"policy", absl::StrCat("is not known here; known are ", known)});
}

}  // namespace

resource::Kind PolicyAssignmentKind(std::shared_ptr<const PolicyLibrary> library,
                                    std::shared_ptr<const resource::Kind*> self) {
  resource::Kind kind;
  kind.prototype = &v1::PolicyAssignment::default_instance();
  kind.table = "policy_assignment";
  kind.index_columns = {resource::TextColumn("policy")};
  kind.validate = [library](const Message& message, std::vector<FieldViolation>& violations) {
    CheckPolicy(*library, message, violations);
  };
  kind.lock_authority = true;
  kind.decide = [self](resource::WriteContext& context, const resource::Key& key, const Message*,
                       const Message& after) {
    return resource::RefuseClash<v1::PolicyAssignment, AssignmentFacts>(
        context, **self, key, after, FactsOf, Clash,
        "the same policy is already assigned on some of these days; end that assignment first");
  };
  return kind;
}

}  // namespace oversight::compliance
