#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/schema.h"

namespace oversight::policy_words {

// `a`, `a or b`, `a, b or c`.
std::string AnyOf(const std::vector<std::string>& words);
std::string AllOf(const std::vector<std::string>& words);

// `supervisor link` of a kind.
std::string KindWords(engine::FactKind kind);
// `an agreement`.
std::string WithArticle(absl::string_view words);
// The kind that a policy calls `Session`, or by its full name; kNone when there is none.
engine::FactKind KindNamed(absl::string_view name);

// `formal one to one` of KIND_FORMAL_ONE_TO_ONE.
std::string ValueWords(const google::protobuf::EnumDescriptor& type, int number);
template <typename Values>
std::string AnyOf(const google::protobuf::EnumDescriptor* type, const Values& values) {
  std::vector<std::string> words;
  for (const int value : values) words.push_back(ValueWords(*type, value));
  return AnyOf(words);
}
// The values of a field by their names in a policy, with or without prefix.
std::vector<std::string> ValuesWords(engine::FactKind kind, absl::string_view field,
                                     const compliance::v1::EnumValues& values);

// A record, and the one from which a rule came to it.
struct Around {
  engine::FactKind kind = engine::FactKind::kNone;
  const Around* outer = nullptr;
  // What a rule calls it that came to it by name: `supervisor`.
  std::string called = {};
};
// `employment start date of the supervisor` of `supervisor.employment_start_date`.
std::string PathWords(absl::string_view path, const Around& around);
// The record and field in which a path ends; the field is empty where it ends at the record.
struct PathEnd {
  engine::FactKind kind = engine::FactKind::kNone;
  std::string field;
};
PathEnd EndOf(absl::string_view path, const Around& around);
// Whether a field names several records.
bool NamesSeveral(engine::FactKind kind, absl::string_view field);
// The kind of the record that a path names.
engine::FactKind KindOfReference(const PathEnd& end);

// `3 months`.
std::string Length(const compliance::v1::Interval& interval);
std::string Length(const compliance::v1::TimeAllowed& time);
// `every week`.
std::string Every(const compliance::v1::Interval& interval);
// `90`, `0.5`.
std::string Number(double number);

}  // namespace oversight::policy_words
