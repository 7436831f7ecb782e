#include "services/compliance/policy/override.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/compliance/policy/fault.h"

namespace oversight::policy {
namespace {

using compliance::v1::RuleDefinition;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool SetNumber(Message& message, const FieldDescriptor* field, double value) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    reflection.SetDouble(&message, field, value);
    return true;
  }
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_INT32 || value != std::floor(value) ||
      std::abs(value) > 1e6) {
    return false;
  }
  reflection.SetInt32(&message, field, static_cast<int32_t>(value));
  return true;
}

// Sets the field at the end of the path, wherever the message has it or, at the rule itself, might have it.
// Returns how often; -1 when the value does not fit.
int SetAll(Message& message, std::span<const std::string> path, double value, bool first) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path.front());
  if (field == nullptr) return 0;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (path.size() == 1) {
    if (field->is_repeated() || field->message_type() != nullptr) return 0;
    if (!first && !reflection.HasField(message, field)) return 0;
    return SetNumber(message, field, value) ? 1 : -1;
  }
  if (field->message_type() == nullptr) return 0;
  int set = 0;
  const int count = field->is_repeated() ? reflection.FieldSize(message, field)
                                         : (reflection.HasField(message, field) ? 1 : 0);
  for (int i = 0; i < count; ++i) {
    Message* nested = field->is_repeated() ? reflection.MutableRepeatedMessage(&message, field, i)
                                           : reflection.MutableMessage(&message, field);
    const int of_nested = SetAll(*nested, path.subspan(1), value, first && path.size() == 2);
    if (of_nested < 0) return -1;
    set += of_nested;
  }
  return set;
}

// What is wrong with an override; empty when it was applied.
std::string Apply(compliance::v1::PolicyDefinition& definition, const Override& override) {
  RuleDefinition* rule = nullptr;
  std::vector<std::string> ids;
  for (RuleDefinition& candidate : *definition.mutable_rules()) {
    ids.push_back(candidate.id());
    if (candidate.id() == override.rule) rule = &candidate;
  }
  if (rule == nullptr) {
    const absl::string_view closest = Closest(override.rule, ids);
    return absl::StrCat("the policy has no rule `", override.rule, "`",
                        closest.empty() ? "" : absl::StrCat("; did you mean `", closest, "`?"));
  }
  std::vector<std::string> fields;
  for (const auto& parameter : rule->local_parameters()) fields.push_back(parameter.field());
  if (std::find(fields.begin(), fields.end(), override.field) == fields.end()) {
    return absl::StrCat(
        "`", override.field, "` is no local parameter of ", override.rule, ": ",
        fields.empty() ? "it has none" : absl::StrCat("it has ", absl::StrJoin(fields, ", ")));
  }
  const std::vector<std::string> path = absl::StrSplit(override.field, '.');
  const int set = SetAll(*rule, path, override.value, true);
  if (set < 0) return absl::StrCat("`", override.field, "` of ", override.rule, " is a whole number");
  if (set == 0) return absl::StrCat("`", override.field, "` is not set in ", override.rule);
  return "";
}

absl::StatusOr<LoadedPolicy> Changed(compliance::v1::PolicyDefinition definition,
                                     const std::vector<Override>& overrides) {
  std::vector<std::string> wrong;
  std::set<std::pair<std::string, std::string>> given;
  for (const Override& override : overrides) {
    std::string why = Apply(definition, override);
    if (why.empty() && !given.emplace(override.rule, override.field).second) {
      why = absl::StrCat("`", override.field, "` of ", override.rule, " is given twice");
    }
    if (!why.empty()) wrong.push_back(std::move(why));
  }
  if (!wrong.empty()) return absl::InvalidArgumentError(absl::StrJoin(wrong, "\n"));
  // Checked as if it had been written so.
  std::string text;
  google::protobuf::TextFormat::PrintToString(definition, &text);
  LintResult result = Lint(text);
  if (!result.loaded) {
    return absl::InvalidArgumentError(
        absl::StrJoin(result.faults, "\n",
                      [](std::string* out, const Fault& fault) { absl::StrAppend(out, fault.message); }));
  }
  result.loaded->policy.overrides = overrides;
  return *std::move(result.loaded);
}

}  // namespace

absl::StatusOr<LoadedPolicy> WithOverrides(const LoadedPolicy& loaded,
                                           const std::vector<Override>& overrides) {
  if (overrides.empty()) return loaded;
  absl::StatusOr<LoadedPolicy> changed = Changed(loaded.definition, overrides);
  if (changed.ok()) changed->text = loaded.text;
  return changed;
}

std::function<engine::Policy(const std::vector<Override>&)> Settler(
    std::shared_ptr<const compliance::v1::PolicyDefinition> definition) {
  return [definition = std::move(definition)](const std::vector<Override>& overrides) {
    if (absl::StatusOr<LoadedPolicy> all = Changed(*definition, overrides); all.ok()) {
      return std::move(all->policy);
    }
    // One that another version of the policy accepted must not take the others along.
    std::vector<Override> fitting;
    for (const Override& override : overrides) {
      fitting.push_back(override);
      if (!Changed(*definition, fitting).ok()) fitting.pop_back();
    }
    return std::move(Changed(*definition, fitting)->policy);
  };
}

}  // namespace oversight::policy
