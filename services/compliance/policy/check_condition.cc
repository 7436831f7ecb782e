#include "services/compliance/policy/check_condition.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace oversight::policy {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::oversight::compliance::v1::Condition;
using ::oversight::compliance::v1::Range;

// Longer than any career or childhood.
constexpr int kMaxRange = 5200;

void CheckRange(const Placed<Range>& range, absl::string_view unit, std::vector<Fault>& faults) {
  if (range->from() < 0 || range->from() > kMaxRange) {
    faults.push_back(
        range.At("from", absl::StrCat("from ", range->from(), " ", unit, ": expected 0 to ", kMaxRange)));
  }
  if (range->has_to() && range->to() <= range->from()) {
    faults.push_back(
        range.At("to", absl::StrCat("from ", range->from(), " to ", range->to(), " ", unit,
                                    " holds on no day: expected `to` after `from`, which it does not "
                                    "include")));
  } else if (range->to() > kMaxRange) {
    faults.push_back(
        range.At("to", absl::StrCat("to ", range->to(), " ", unit, ": expected at most ", kMaxRange)));
  }
}

// Enum lists must not name the value that stands for "not given".
template <typename Message>
void CheckValues(const Placed<Message>& message, absl::string_view field, const auto& values,
                 std::vector<Fault>& faults) {
  for (int i = 0; i < values.size(); ++i) {
    if (values[i] == 0) {
      faults.push_back(
          message.At(field, absl::StrCat("`", field, "` cannot be unspecified: leave it out for any"), i));
    }
  }
}

void CheckFields(const Placed<Condition>& condition, std::vector<Fault>& faults) {
  if (condition->has_post()) {
    const auto post = condition.Into("post", condition->post());
    CheckValues(post, "career_stage", post->career_stage(), faults);
    CheckValues(post, "team_area", post->team_area(), faults);
    CheckValues(post, "employment_basis", post->employment_basis(), faults);
  }
  if (condition->has_weeks_of_employment()) {
    CheckRange(condition.Into("weeks_of_employment", condition->weeks_of_employment()), "weeks", faults);
  }
  if (condition->has_student_placement()) {
    const auto student = condition.Into("student_placement", condition->student_placement());
    CheckValues(student, "route", student->route(), faults);
    if (student->has_weeks()) CheckRange(student.Into("weeks", student->weeks()), "weeks", faults);
  }
  CheckValues(condition, "case_status", condition->case_status(), faults);
  CheckValues(condition, "keyworker_team_area", condition->keyworker_team_area(), faults);
  if (condition->has_placement()) {
    const auto placement = condition.Into("placement", condition->placement());
    CheckValues(placement, "type", placement->type(), faults);
    if (placement->has_months()) CheckRange(placement.Into("months", placement->months()), "months", faults);
  }
}

bool IsAboutWorker(absl::string_view field) {
  return field == "post" || field == "on_asye" || field == "weeks_of_employment" ||
         field == "student_placement";
}

bool IsAboutCase(absl::string_view field) {
  return field == "case_status" || field == "placement" || field == "keyworker_team_area" ||
         field == "reduced_frequency_agreement";
}

}  // namespace

void CheckCondition(const Placed<Condition>& condition, engine::FactKind kind, std::vector<Fault>& faults) {
  std::vector<const FieldDescriptor*> fields;
  condition->GetReflection()->ListFields(*condition, &fields);
  if (fields.empty()) {
    faults.push_back(condition.Here(
        "an empty condition: name what must hold, or leave `when` out for a row that always holds"));
  }
  const absl::string_view about = kind == engine::FactKind::kWorker ? "workers"
                                  : kind == engine::FactKind::kCase ? "cases"
                                                                    : "other records";
  for (const FieldDescriptor* field : fields) {
    const absl::string_view belongs = IsAboutWorker(field->name()) ? "workers"
                                      : IsAboutCase(field->name()) ? "cases"
                                                                   : about;
    if (belongs == about) continue;
    faults.push_back(condition.At(
        field->name(), absl::StrCat("`", field->name(), "` is about ", belongs, ", this is about ", about),
        field->is_repeated() ? 0 : -1));
  }
  CheckFields(condition, faults);
}

bool SpeaksOfStudentPlacement(const Condition& condition) {
  if (condition.has_student_placement()) return true;
  for (const Condition& part : condition.any_of()) {
    if (SpeaksOfStudentPlacement(part)) return true;
  }
  return false;
}

}  // namespace oversight::policy
