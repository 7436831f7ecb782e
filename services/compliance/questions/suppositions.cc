#include "services/compliance/questions/suppositions.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "google/protobuf/text_format.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<engine::Policy> PoliciesOf(std::vector<Supposition::Supposed>& supposed) {
  std::vector<engine::Policy> policies;
  for (Supposition::Supposed& one : supposed) policies.push_back(std::move(one.policy));
  return policies;
}

// Sets the number at a path of field names, `recurring.bridge_working_days`. False when there is none.
bool SetNumber(Message& message, absl::string_view path, double value) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(parts.first);
  if (field == nullptr || field->is_repeated()) return false;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!parts.second.empty()) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || !reflection.HasField(message, field))
      return false;
    return SetNumber(*reflection.MutableMessage(&message, field), parts.second, value);
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (std::abs(value) > 1e6 || value != std::floor(value)) return false;
      reflection.SetInt32(&message, field, static_cast<int32_t>(value));
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.SetDouble(&message, field, value);
      return true;
    default:
      return false;
  }
}

absl::Status Set(v1::PolicyDefinition& definition, const v1::PreviewPolicyRequest::Parameter& parameter,
                 const std::string& path) {
  for (v1::RuleDefinition& rule : *definition.mutable_rules()) {
    if (rule.id() != parameter.rule()) continue;
    std::string known;
    for (const v1::LocalParameter& local : rule.local_parameters()) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", local.field());
      if (local.field() != parameter.field()) continue;
      if (SetNumber(rule, local.field(), parameter.value())) return absl::OkStatus();
      return InvalidFields({{absl::StrCat(path, ".value"), "is no number that this parameter can have"}});
    }
    return InvalidFields(
        {{absl::StrCat(path, ".field"),
          known.empty() ? "the rule leaves nothing open" : absl::StrCat("the rule leaves open ", known)}});
  }
  return InvalidFields({{absl::StrCat(path, ".rule"), "is no rule of the policy"}});
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
    for (const Period& days : supposed[i].days) {
      judge_.SetAssignment(absl::StrCat(i, " ", days.start.number()), policies_[i].id, days);
    }
  }
}

Supposition::Supposition(const AuthorityJudge& of) : judge_(of, &of.policies()) {
  for (const auto& [name, assignment] : of.assignments()) {
    judge_.SetAssignment(name, assignment.policy_id, assignment.period);
  }
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

absl::StatusOr<engine::Policy> DraftIn(const PolicyLibrary& library,
                                       const v1::PreviewPolicyRequest& request) {
  if (request.policy_text().empty() == request.policy().empty()) {
    return InvalidFields({{"policy_text", "give either a policy text or the name of a known policy"}});
  }
  std::string text = request.policy_text();
  if (text.empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const policy::LoadedPolicy* known, KnownPolicy(library, request.policy()));
    if (request.parameters().empty()) return known->policy;
    text = known->text;
  }
  policy::LintResult read = policy::Lint(text);
  if (!read.loaded.has_value()) return Faulty(read.faults);
  if (request.parameters().empty()) return std::move(read.loaded->policy);
  v1::PolicyDefinition definition = std::move(read.loaded->definition);
  for (int i = 0; i < request.parameters_size(); ++i) {
    OVERSIGHT_RETURN_IF_ERROR(Set(definition, request.parameters(i), absl::StrCat("parameters[", i, "]")));
  }
  // Checked like any other text, so that no parameter makes a policy that could not be written.
  if (!google::protobuf::TextFormat::PrintToString(definition, &text)) {
    return Error(absl::StatusCode::kInternal, "POLICY_UNPRINTABLE", "the policy cannot be written as text");
  }
  read = policy::Lint(text);
  if (!read.loaded.has_value()) return Faulty(read.faults);
  return std::move(read.loaded->policy);
}

}  // namespace oversight::compliance
