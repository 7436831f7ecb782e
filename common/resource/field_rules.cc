#include "common/resource/field_rules.h"

#include <cmath>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/resource/kind.h"
#include "common/resource/name.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/type/date.pb.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

constexpr size_t kDefaultMaxBytes = 1000;
constexpr int kMostRepeated = 1000;

const type::v1::FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(type::v1::rules);
}

bool IsDate(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::type::Date::descriptor();
}

// Null for a type that is not linked in.
const Pattern* PatternOfType(const std::string& type) {
  thread_local absl::flat_hash_map<std::string, std::shared_ptr<const Pattern>> patterns;
  const auto [entry, is_new] = patterns.try_emplace(type);
  if (is_new) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    if (descriptor != nullptr) entry->second = PatternOf(*descriptor);
  }
  return entry->second.get();
}

bool IsOwnMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name().rfind("oversight.", 0) == 0;
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  if (field.is_repeated()) return message.GetReflection()->FieldSize(message, &field) > 0;
  return message.GetReflection()->HasField(message, &field);
}

class Checker {
 public:
  Checker(absl::string_view authority, std::vector<FieldViolation>& violations)
      : authority_(authority), violations_(violations) {}

  void CheckMessage(const Message& message, const std::string& prefix) {
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor& field = *descriptor->field(i);
      const std::string path = absl::StrCat(prefix, field.name());
      const auto& rules = RulesOf(field);
      if (rules.output_only()) continue;
      if (!IsSet(message, field)) {
        if (rules.required()) Add(path, "is required");
        continue;
      }
      CheckField(message, field, rules, path);
      CheckOrder(message, field, rules.not_before(), path);
      CheckNeeds(message, rules.needs(), path);
    }
    CheckPeriod(message, prefix);
  }

 private:
  void CheckField(const Message& message, const FieldDescriptor& field, const type::v1::FieldRules& rules,
                  const std::string& path) {
    const Reflection* reflection = message.GetReflection();
    if (!field.is_repeated()) {
      CheckValue(message, field, rules, path, -1);
      return;
    }
    const int size = reflection->FieldSize(message, &field);
    if (size > kMostRepeated) {
      Add(path, absl::StrCat("has ", size, " values; at most ", kMostRepeated, " are accepted"));
      return;
    }
    for (int i = 0; i < size; ++i) CheckValue(message, field, rules, absl::StrCat(path, "[", i, "]"), i);
  }

  void CheckValue(const Message& message, const FieldDescriptor& field, const type::v1::FieldRules& rules,
                  const std::string& path, int index) {
    const Reflection* reflection = message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        CheckText(index < 0 ? reflection->GetString(message, &field)
                            : reflection->GetRepeatedString(message, &field, index),
                  rules, path);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = index < 0 ? reflection->GetEnumValue(message, &field)
                                    : reflection->GetRepeatedEnumValue(message, &field, index);
        if (field.enum_type()->FindValueByNumber(value) == nullptr || (index >= 0 && value == 0)) {
          Add(path, absl::StrCat(value, " is no value of ", field.enum_type()->name()));
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        if (index < 0) CheckBounds(reflection->GetInt32(message, &field), rules, path);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (index < 0) CheckBounds(reflection->GetDouble(message, &field), rules, path);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const Message& child = index < 0 ? reflection->GetMessage(message, &field)
                                         : reflection->GetRepeatedMessage(message, &field, index);
        if (IsDate(field)) {
          const auto& date = static_cast<const google::type::Date&>(child);
          if (!CivilDay::FromParts(date.year(), date.month(), date.day()).ok()) {
            Add(path, absl::StrCat("year ", date.year(), ", month ", date.month(), ", day ", date.day(),
                                   " is no date between 1900-01-01 and 9999-12-31"));
          }
        } else if (IsOwnMessage(field)) {
          CheckMessage(child, absl::StrCat(path, "."));
        }
        break;
      }
      default:
        break;
    }
  }

  void CheckText(const std::string& text, const type::v1::FieldRules& rules, const std::string& path) {
    const size_t max_bytes = rules.max_bytes() == 0 ? kDefaultMaxBytes : rules.max_bytes();
    if (text.size() > max_bytes) {
      Add(path, absl::StrCat("is ", text.size(), " bytes long; at most ", max_bytes, " are accepted"));
    }
    if (text.find('\0') != std::string::npos) Add(path, "must not contain the character NUL");
    if (!rules.reference().empty()) CheckReference(text, rules.reference(), path);
  }

  void CheckReference(const std::string& name, const std::string& type, const std::string& path) {
    const Pattern* pattern = PatternOfType(type);
    if (pattern == nullptr) {
      Add(path, absl::StrCat("refers to ", type, ", which this service does not know"));
      return;
    }
    const std::optional<Key> key = pattern->Match(name);
    if (!key.has_value()) {
      Add(path, absl::StrCat("must be a name like ", pattern->text()));
    } else if (key->authority != authority_) {
      Add(path, "must name a resource of the same authority");
    }
  }

  void CheckBounds(double value, const type::v1::FieldRules& rules, const std::string& path) {
    if (!rules.bounded()) return;
    if (!std::isfinite(value) || value < rules.min() || value > rules.max()) {
      Add(path, absl::StrCat(value, " is not between ", rules.min(), " and ", rules.max()));
    }
  }

  void CheckOrder(const Message& message, const FieldDescriptor& field, const std::string& not_before,
                  const std::string& path) {
    if (not_before.empty()) return;
    const auto earlier = DayOf(message, not_before);
    const auto day = DayOf(message, field.name());
    if (earlier.has_value() && day.has_value() && *day < *earlier) {
      Add(path, absl::StrCat(day->ToString(), " is before ", not_before, " ", earlier->ToString()));
    }
  }

  void CheckNeeds(const Message& message, const std::string& needs, const std::string& path) {
    if (needs.empty()) return;
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(needs);
    if (!IsSet(message, *field)) Add(path, absl::StrCat("can only be set together with ", needs));
  }

  void CheckPeriod(const Message& message, const std::string& prefix) {
    const auto start = DayOf(message, "start_date");
    const auto end = DayOf(message, "end_date");
    if (start.has_value() && end.has_value() && *end < *start) {
      Add(absl::StrCat(prefix, "end_date"),
          absl::StrCat(end->ToString(), " is before start_date ", start->ToString(),
                       "; it is the first day on which the fact no longer holds"));
    }
  }

  void Add(absl::string_view field, absl::string_view description) {
    violations_.push_back({std::string(field), std::string(description)});
  }

  const absl::string_view authority_;
  std::vector<FieldViolation>& violations_;
};

}  // namespace

void ClearOutputFields(Message& resource) {
  const auto* descriptor = resource.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (RulesOf(*field).output_only() || field->name() == "etag")
      resource.GetReflection()->ClearField(&resource, field);
  }
}

void CheckFieldRules(const Message& resource, absl::string_view authority, const std::string& prefix,
                     std::vector<FieldViolation>& violations) {
  Checker(authority, violations).CheckMessage(resource, prefix);
}

std::vector<Reference> ReferencesOf(const Message& resource) {
  std::vector<Reference> references;
  const auto* descriptor = resource.GetDescriptor();
  const Reflection* reflection = resource.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const auto& rules = RulesOf(*field);
    if (rules.reference().empty()) continue;
    if (field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(resource, field); ++j) {
        references.push_back({absl::StrCat(field->name(), "[", j, "]"), rules.reference(),
                              reflection->GetRepeatedString(resource, field, j)});
      }
    } else if (std::string name = reflection->GetString(resource, field); !name.empty()) {
      references.push_back({field->name(), rules.reference(), std::move(name)});
    }
  }
  return references;
}

void CheckImmutable(const Message& before, const Message& after, const std::string& prefix,
                    std::vector<FieldViolation>& violations) {
  const auto* descriptor = before.GetDescriptor();
  google::protobuf::util::MessageDifferencer differencer;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (!RulesOf(*field).immutable()) continue;
    if (!differencer.CompareWithFields(before, after, {field}, {field})) {
      violations.push_back({absl::StrCat(prefix, field->name()), "cannot change once the resource exists"});
    }
  }
}

}  // namespace oversight::resource
