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

// Whether messages of this type can hold references, themselves or in messages within them.
bool MayRefer(const google::protobuf::Descriptor& type) {
  thread_local absl::flat_hash_map<const google::protobuf::Descriptor*, bool> known;
  if (const auto found = known.find(&type); found != known.end()) return found->second;
  known[&type] = false;  // as long as it is not known, for types that contain themselves
  bool may = false;
  for (int i = 0; i < type.field_count() && !may; ++i) {
    const FieldDescriptor& field = *type.field(i);
    may = !RulesOf(field).reference().empty() || (IsOwnMessage(field) && MayRefer(*field.message_type()));
  }
  return known[&type] = may;
}

void CollectReferences(const Message& message, const std::string& prefix,
                       std::vector<Reference>& references) {
  const auto* descriptor = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const std::string& type = RulesOf(*field).reference();
    const bool nested = IsOwnMessage(*field) && MayRefer(*field->message_type());
    if ((type.empty() && !nested) || !IsSet(message, *field)) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int j = 0; j < size; ++j) {
      const std::string path = field->is_repeated() ? absl::StrCat(prefix, field->name(), "[", j, "]")
                                                    : absl::StrCat(prefix, field->name());
      if (nested) {
        CollectReferences(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, j)
                                               : reflection->GetMessage(message, field),
                          absl::StrCat(path, "."), references);
      } else {
        references.push_back({path, type,
                              field->is_repeated() ? reflection->GetRepeatedString(message, field, j)
                                                   : reflection->GetString(message, field)});
      }
    }
  }
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

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

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
  if (MayRefer(*resource.GetDescriptor())) CollectReferences(resource, "", references);
  return references;
}

std::set<std::string> ReferredTypes(const google::protobuf::Descriptor& type) {
  std::set<std::string> types;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!RulesOf(field).reference().empty()) types.insert(RulesOf(field).reference());
    if (IsOwnMessage(field) && MayRefer(*field.message_type())) {
      types.merge(ReferredTypes(*field.message_type()));
    }
  }
  return types;
}

int RenameReferences(Message& resource, const std::map<std::string, std::string>& renamed) {
  int changed = 0;
  const auto* descriptor = resource.GetDescriptor();
  const Reflection* reflection = resource.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const int size = field->is_repeated() ? reflection->FieldSize(resource, field) : 1;
    if (IsOwnMessage(*field) && MayRefer(*field->message_type())) {
      if (!IsSet(resource, *field)) continue;
      for (int j = 0; j < size; ++j) {
        changed +=
            RenameReferences(field->is_repeated() ? *reflection->MutableRepeatedMessage(&resource, field, j)
                                                  : *reflection->MutableMessage(&resource, field),
                             renamed);
      }
    }
    if (RulesOf(*field).reference().empty()) continue;
    for (int j = 0; j < size; ++j) {
      const auto found = renamed.find(field->is_repeated() ? reflection->GetRepeatedString(resource, field, j)
                                                           : reflection->GetString(resource, field));
      if (found == renamed.end()) continue;
      ++changed;
      if (field->is_repeated()) {
        reflection->SetRepeatedString(&resource, field, j, found->second);
      } else {
        reflection->SetString(&resource, field, found->second);
      }
    }
  }
  return changed;
}

namespace {

bool SameField(const Message& a, const Message& b, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field.is_repeated()) {
    std::string scratch_a;
    std::string scratch_b;
    return a.GetReflection()->GetStringReference(a, &field, &scratch_a) ==
           b.GetReflection()->GetStringReference(b, &field, &scratch_b);
  }
  // Making one costs more than all the rest of the check.
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {&field}, {&field});
}

}  // namespace

void CheckImmutable(const Message& before, const Message& after, const std::string& prefix,
                    std::vector<FieldViolation>& violations) {
  const auto* descriptor = before.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (!RulesOf(*field).immutable()) continue;
    if (!SameField(before, after, *field)) {
      violations.push_back({absl::StrCat(prefix, field->name()), "cannot change once the resource exists"});
    }
  }
}

}  // namespace oversight::resource
