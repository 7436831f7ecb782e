#include "absl/strings/str_cat.h"
#include "common/resource/columns.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/domain/survey.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {
namespace {

using resource::Message;

// Withholds what would tell of fewer than 5 people, before anything is stored.
void NormaliseSurveyResult(Message& message) {
  auto& result = static_cast<v1::SurveyResult&>(message);
  if (result.respondents() < kSmallestGroup) {
    result.clear_respondents();
    result.clear_answers();
  }
  std::vector<int> sizes;
  // What was withheld before stays so: its size is not known any more.
  for (const auto& group : result.groups()) sizes.push_back(group.withheld() ? 0 : group.respondents());
  const std::vector<bool> withheld = WithheldGroups(sizes, result.respondents());
  for (int i = 0; i < result.groups_size(); ++i) {
    auto& group = *result.mutable_groups(i);
    group.set_withheld(withheld[static_cast<size_t>(i)]);
    if (!group.withheld()) continue;
    group.clear_respondents();
    group.clear_answers();
  }
}

void CheckAnswers(const google::protobuf::RepeatedPtrField<v1::SurveyResult::Answer>& answers,
                  int respondents, const std::string& path, std::vector<FieldViolation>& violations) {
  for (int i = 0; i < answers.size(); ++i) {
    const int64_t sum = int64_t{answers[i].agree()} + answers[i].neutral() + answers[i].disagree();
    if (sum > respondents) {
      violations.push_back(
          {absl::StrCat(path, "answers[", i, "]"), "has more answers than there are respondents"});
    }
  }
}

// The figures fit together. They are counted after what is withheld was taken out.
void ValidateSurveyResult(const Message& message, std::vector<FieldViolation>& violations) {
  const auto& result = static_cast<const v1::SurveyResult&>(message);
  if (result.respondents() > result.invited() && result.invited() > 0) {
    violations.push_back({"respondents", "must not be more than were invited"});
  }
  CheckAnswers(result.answers(), result.respondents(), "", violations);
  int64_t in_groups = 0;
  for (int i = 0; i < result.groups_size(); ++i) {
    in_groups += result.groups(i).respondents();
    CheckAnswers(result.groups(i).answers(), result.groups(i).respondents(), absl::StrCat("groups[", i, "]."),
                 violations);
  }
  if (result.respondents() > 0 && in_groups > result.respondents()) {
    violations.push_back({"groups", "have more respondents than all together; nobody may be in two of them"});
  }
}

}  // namespace

resource::Kind SurveyResultKind() {
  resource::Kind kind;
  kind.prototype = &v1::SurveyResult::default_instance();
  kind.table = "survey_result";
  kind.index_columns = {resource::DateColumn("closed_date")};
  kind.normalise = NormaliseSurveyResult;
  kind.validate = ValidateSurveyResult;
  return kind;
}

}  // namespace oversight::supervision
