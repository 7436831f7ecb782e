#include "services/oversightctl/call/fields.h"

#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/time/civil_day.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using FullNameOf = std::function<std::string(const std::string& pattern, const std::string& text)>;

constexpr size_t kDeepest = 3;
constexpr int kMostEnumValuesShown = 12;

enum class Shape { kPlain, kDate, kInstant, kMask, kMessage };

Shape ShapeOf(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return Shape::kPlain;
  const auto* type = field.message_type();
  if (type == google::type::Date::descriptor()) return Shape::kDate;
  if (type == google::protobuf::Timestamp::descriptor()) return Shape::kInstant;
  if (type == google::protobuf::FieldMask::descriptor()) return Shape::kMask;
  return Shape::kMessage;
}

// What all values of an enum begin with, `CAREER_STAGE_`.
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  constexpr char kUnspecified[] = "UNSPECIFIED";
  const std::string& zero = type.value(0)->name();
  if (!absl::EndsWith(zero, kUnspecified)) return "";
  return zero.substr(0, zero.size() - sizeof(kUnspecified) + 1);
}

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  const std::string prefix = PrefixOf(*value.type());
  return absl::StartsWith(value.name(), prefix) ? value.name().substr(prefix.size()) : value.name();
}

std::string ExpectedOf(const FieldDescriptor& field) {
  switch (ShapeOf(field)) {
    case Shape::kDate:
      return "YYYY-MM-DD";
    case Shape::kInstant:
      return "2026-03-01T09:30:00Z";
    case Shape::kMask:
      return "FIELD,FIELD";
    case Shape::kMessage:
      return "JSON";
    case Shape::kPlain:
      break;
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "";
    case FieldDescriptor::CPPTYPE_STRING:
      return "TEXT";
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::vector<std::string> names;
      for (int i = 1; i < field.enum_type()->value_count() && i <= kMostEnumValuesShown; ++i) {
        names.push_back(ShortName(*field.enum_type()->value(i)));
      }
      return absl::StrJoin(names, "|");
    }
    default:
      return "NUMBER";
  }
}

// The pattern of the resource names that a field holds.
std::string NamePatternOf(const FieldDescriptor& field) {
  const std::string& reference = field.options().GetExtension(type::v1::rules).reference();
  if (reference.empty()) return "";
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(reference);
  return type == nullptr ? "" : type->options().GetExtension(type::v1::resource).pattern();
}

void Collect(const google::protobuf::Descriptor& type, const SettableField& above,
             std::vector<SettableField>& found) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.options().GetExtension(type::v1::rules).output_only()) continue;
    SettableField settable = above;
    absl::StrAppend(&settable.path, above.path.empty() ? "" : ".", field.name());
    settable.fields.push_back(&field);
    settable.expected = ExpectedOf(field);
    settable.name_pattern = NamePatternOf(field);
    found.push_back(settable);
    if (ShapeOf(field) == Shape::kMessage && !field.is_repeated() && settable.fields.size() < kDeepest &&
        absl::StartsWith(field.message_type()->full_name(), "oversight.")) {
      Collect(*field.message_type(), settable, found);
    }
  }
}

absl::Status Expected(const SettableField& field, const std::string& text) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" does not fit ", field.path, " (expected ",
                                                 field.expected.empty() ? "true or false" : field.expected,
                                                 ")"));
}

// Reads a message value from text.
bool ReadMessage(const FieldDescriptor& field, const std::string& text, Message& out) {
  switch (ShapeOf(field)) {
    case Shape::kDate: {
      const auto day = CivilDay::Parse(text);
      if (!day.ok()) return false;
      auto& date = static_cast<google::type::Date&>(out);
      date.set_year(static_cast<int>(day->civil().year()));
      date.set_month(day->civil().month());
      date.set_day(day->civil().day());
      return true;
    }
    case Shape::kInstant:
      return google::protobuf::util::TimeUtil::FromString(text,
                                                          static_cast<google::protobuf::Timestamp*>(&out));
    case Shape::kMask:
      google::protobuf::util::FieldMaskUtil::FromString(text,
                                                        static_cast<google::protobuf::FieldMask*>(&out));
      return true;
    default:
      return google::protobuf::util::JsonStringToMessage(text, &out).ok();
  }
}

// Sets a field, or adds to it when it is a list.
bool Put(Message& holder, const FieldDescriptor& field, const std::string& text) {
  const auto* r = holder.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadMessage(field, text,
                         list ? *r->AddMessage(&holder, &field) : *r->MutableMessage(&holder, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      list ? r->AddString(&holder, &field, text) : r->SetString(&holder, &field, text);
      return true;
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!absl::SimpleAtob(text, &value)) return false;
      list ? r->AddBool(&holder, &field, value) : r->SetBool(&holder, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::string upper = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
      const auto* value = field.enum_type()->FindValueByName(upper);
      if (value == nullptr) value = field.enum_type()->FindValueByName(PrefixOf(*field.enum_type()) + upper);
      if (value == nullptr) return false;
      list ? r->AddEnum(&holder, &field, value) : r->SetEnum(&holder, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return false;
      list ? r->AddInt32(&holder, &field, value) : r->SetInt32(&holder, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return false;
      list ? r->AddInt64(&holder, &field, value) : r->SetInt64(&holder, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return false;
      list ? r->AddUInt32(&holder, &field, value) : r->SetUInt32(&holder, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return false;
      list ? r->AddUInt64(&holder, &field, value) : r->SetUInt64(&holder, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: {
      double value = 0;
      if (!absl::SimpleAtod(text, &value)) return false;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
        list ? r->AddDouble(&holder, &field, value) : r->SetDouble(&holder, &field, value);
      } else {
        const auto narrow = static_cast<float>(value);
        list ? r->AddFloat(&holder, &field, narrow) : r->SetFloat(&holder, &field, narrow);
      }
      return true;
    }
  }
  return false;
}

std::string MessageText(const Message& message, const FieldDescriptor& field) {
  switch (ShapeOf(field)) {
    case Shape::kDate:
      return ToText(static_cast<const google::type::Date&>(message));
    case Shape::kInstant:
      return google::protobuf::util::TimeUtil::ToString(
                 static_cast<const google::protobuf::Timestamp&>(message))
          .substr(0, 19);
    default: {
      google::protobuf::util::JsonPrintOptions options;
      std::string json;
      if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "?";
      return json;
    }
  }
}

std::string EnumText(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : ShortName(*value);
}

}  // namespace

std::vector<SettableField> SettableFields(const google::protobuf::Descriptor& type) {
  std::vector<SettableField> found;
  Collect(type, {}, found);
  return found;
}

absl::Status SetField(Message& message, const SettableField& field, const std::vector<std::string>& texts,
                      const FullNameOf& full_name) {
  Message* holder = &message;
  for (size_t i = 0; i + 1 < field.fields.size(); ++i) {
    holder = holder->GetReflection()->MutableMessage(holder, field.fields[i]);
  }
  holder->GetReflection()->ClearField(holder, &field.last());
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    const std::string value = field.name_pattern.empty() ? text : full_name(field.name_pattern, text);
    if (!Put(*holder, field.last(), value)) return Expected(field, text);
  }
  return absl::OkStatus();
}

std::string FieldText(const Message& message, const FieldDescriptor& field) {
  const auto* r = message.GetReflection();
  if (field.is_repeated()) {
    std::vector<std::string> texts;
    for (int i = 0; i < r->FieldSize(message, &field); ++i) {
      switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          texts.push_back(MessageText(r->GetRepeatedMessage(message, &field, i), field));
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          texts.push_back(EnumText(*field.enum_type(), r->GetRepeatedEnumValue(message, &field, i)));
          break;
        case FieldDescriptor::CPPTYPE_STRING:
          texts.push_back(r->GetRepeatedString(message, &field, i));
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          texts.push_back(absl::StrCat(r->GetRepeatedInt32(message, &field, i)));
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          texts.push_back(absl::StrCat(r->GetRepeatedInt64(message, &field, i)));
          break;
        default:
          texts.push_back("...");
      }
    }
    return absl::StrJoin(texts, " ");
  }
  if (!r->HasField(message, &field)) return "";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(r->GetMessage(message, &field), field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*field.enum_type(), r->GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return r->GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return r->GetBool(message, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(r->GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(r->GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(r->GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(r->GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(r->GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(r->GetFloat(message, &field));
  }
  return "";
}

}  // namespace oversight::ctl
