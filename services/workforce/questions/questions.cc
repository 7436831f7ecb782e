#include "services/workforce/questions/questions.h"

#include <memory>
#include <utility>

#include "common/resource/question.h"

namespace oversight::workforce {

absl::StatusOr<std::string> Questions::LiveAuthority(rpc::Call& call, const std::string& name) const {
  OVERSIGHT_ASSIGN_OR_RETURN(const resource::Key key,
                             resource::LiveResource(call, environment_, *kinds_->authority, name, "parent"));
  return key.authority;
}

void RegisterQuestions(const resource::Environment& environment, KindsPtr kinds, rpc::Methods& methods) {
  const auto questions = std::make_shared<Questions>(environment, std::move(kinds));
  const auto add = [&](const char* name, auto method) {
    resource::AddMethod(methods, "oversight.workforce.v1.WorkforceService", name, questions, method);
  };
  add("ListSupervisees", &Questions::ListSupervisees);
  add("ListSupervisionTree", &Questions::ListSupervisionTree);
  add("ListUnsupervisedWorkers", &Questions::ListUnsupervisedWorkers);
  add("ListUncoveredWorkers", &Questions::ListUncoveredWorkers);
  add("ListSpansOfControl", &Questions::ListSpansOfControl);
  add("ListCareerStages", &Questions::ListCareerStages);
  add("ListWorkerCapacities", &Questions::ListWorkerCapacities);
}

}  // namespace oversight::workforce
