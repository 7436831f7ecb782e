#include "common/resource/filter_term.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/resource/kind.h"
#include "common/status/error.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;

absl::Status Wrong(absl::string_view what) { return InvalidFields({{"filter", std::string(what)}}); }

bool IsDay(const FieldDescriptor& field) { return field.message_type() == google::type::Date::descriptor(); }
bool IsInstant(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Timestamp::descriptor();
}
bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDay(field) && !IsInstant(field);
}

absl::StatusOr<std::vector<const FieldDescriptor*>> FindPath(const google::protobuf::Descriptor& type,
                                                             const std::string& path) {
  std::vector<const FieldDescriptor*> fields;
  const google::protobuf::Descriptor* holder = &type;
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (holder == nullptr) {
      return Wrong(absl::StrCat("`", path, "`: `", fields.back()->name(), "` has no fields of its own"));
    }
    const FieldDescriptor* field = holder->FindFieldByName(std::string(name));
    if (field == nullptr) field = holder->FindFieldByCamelcaseName(std::string(name));
    if (field == nullptr) {
      return Wrong(absl::StrCat("`", path, "`: a ", holder->name(), " has no field `", name, "`"));
    }
    fields.push_back(field);
    const bool open = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && IsMessage(*field);
    holder = open ? field->message_type() : nullptr;
  }
  return fields;
}

// The value of this name: `CAREER_STAGE_ADVANCED`, or `ADVANCED` as all names of the type begin alike.
const google::protobuf::EnumValueDescriptor* FindEnumValue(const google::protobuf::EnumDescriptor& type,
                                                           const std::string& name) {
  const std::string upper = absl::AsciiStrToUpper(name);
  if (const auto* value = type.FindValueByName(upper)) return value;
  constexpr char kUnspecified[] = "UNSPECIFIED";
  const std::string zero = type.FindValueByNumber(0) == nullptr ? "" : type.FindValueByNumber(0)->name();
  if (!absl::EndsWith(zero, kUnspecified)) return nullptr;
  return type.FindValueByName(absl::StrCat(zero.substr(0, zero.size() - sizeof(kUnspecified) + 1), upper));
}

// Reads the value as the field's type; says what would be accepted otherwise.
absl::Status ReadValue(const FieldDescriptor& field, const Comparison& comparison, Filter::Term& term) {
  const std::string& text = comparison.value;
  const auto expected = [&](absl::string_view what) {
    return Wrong(absl::StrCat("`", comparison.field, "` must be compared with ", what));
  };
  if (IsMessage(field))
    return Wrong(absl::StrCat("`", comparison.field,
                              "` has fields of its own; compare one of them, or write `", comparison.field,
                              ":*`"));
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && IsDay(field)) {
    const auto day = CivilDay::Parse(text);
    if (!day.ok()) return expected("a date, YYYY-MM-DD");
    term.value = *day;
    return absl::OkStatus();
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    absl::Time time;
    if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
      return expected("an instant like \"2026-03-01T09:30:00Z\"");
    }
    term.value = time;
    return absl::OkStatus();
  }
  int64_t whole = 0;
  double number = 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      term.value = text;
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return expected("true or false");
      term.value = int64_t{text == "true"};
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = FindEnumValue(*field.enum_type(), text);
      if (value == nullptr) {
        return expected(absl::StrCat("a value of ", field.enum_type()->name(), ", for example ",
                                     field.enum_type()->value(field.enum_type()->value_count() - 1)->name()));
      }
      term.value = int64_t{value->number()};
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      if (!absl::SimpleAtod(text, &number)) return expected("a number");
      term.value = number;
      return absl::OkStatus();
    default:
      if (!absl::SimpleAtoi(text, &whole)) return expected("a whole number");
      term.value = whole;
      return absl::OkStatus();
  }
}

bool HasOrder(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
      return false;
    default:
      return true;
  }
}

template <typename T>
bool Holds(const T& left, const std::string& comparison, const T& right) {
  if (comparison == "=") return left == right;
  if (comparison == "!=") return left != right;
  if (comparison == "<") return left < right;
  if (comparison == "<=") return left <= right;
  if (comparison == ">") return left > right;
  return left >= right;
}

// The value of a field, or of its entry `index`, as the term has its own; nothing when a date or instant is
// no valid one.
using Value = decltype(Filter::Term::value);
std::optional<Value> ValueOf(const Message& holder, const FieldDescriptor& field, int index) {
  const auto* r = holder.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return one ? r->GetString(holder, &field) : r->GetRepeatedString(holder, &field, index);
    case FieldDescriptor::CPPTYPE_BOOL:
      return int64_t{one ? r->GetBool(holder, &field) : r->GetRepeatedBool(holder, &field, index)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{one ? r->GetEnumValue(holder, &field) : r->GetRepeatedEnumValue(holder, &field, index)};
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{one ? r->GetInt32(holder, &field) : r->GetRepeatedInt32(holder, &field, index)};
    case FieldDescriptor::CPPTYPE_INT64:
      return one ? r->GetInt64(holder, &field) : r->GetRepeatedInt64(holder, &field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{one ? r->GetUInt32(holder, &field) : r->GetRepeatedUInt32(holder, &field, index)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(one ? r->GetUInt64(holder, &field)
                                      : r->GetRepeatedUInt64(holder, &field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return one ? r->GetDouble(holder, &field) : r->GetRepeatedDouble(holder, &field, index);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{one ? r->GetFloat(holder, &field) : r->GetRepeatedFloat(holder, &field, index)};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const Message& message = one ? r->GetMessage(holder, &field) : r->GetRepeatedMessage(holder, &field, index);
  if (IsDay(field)) {
    const auto& date = static_cast<const google::type::Date&>(message);
    const auto day = CivilDay::FromParts(date.year(), date.month(), date.day());
    return day.ok() ? std::optional<Value>(*day) : std::nullopt;
  }
  const auto& instant = static_cast<const google::protobuf::Timestamp&>(message);
  return absl::FromUnixSeconds(instant.seconds()) + absl::Nanoseconds(instant.nanos());
}

}  // namespace

absl::StatusOr<Filter::Term> Filter::Term::Make(const google::protobuf::Descriptor& type,
                                                const Comparison& comparison) {
  Term term;
  term.negated = comparison.negated;
  term.any_value = comparison.any_value;
  OVERSIGHT_ASSIGN_OR_RETURN(term.path, FindPath(type, comparison.field));
  const FieldDescriptor& field = *term.path.back();
  if (term.any_value) {
    if (comparison.comparison == ":") return term;
    return Wrong(absl::StrCat("`", comparison.field, "`: `*` goes with `:` only"));
  }
  term.comparison = comparison.comparison == ":" ? "=" : comparison.comparison;
  if (field.is_repeated() && term.comparison != "=") {
    return Wrong(absl::StrCat("`", comparison.field, "` is a list; look for an entry with = or :"));
  }
  if (!HasOrder(field) && term.comparison != "=" && term.comparison != "!=") {
    return Wrong(absl::StrCat("`", comparison.field, "` has no order; compare it with =, != or :"));
  }
  OVERSIGHT_RETURN_IF_ERROR(ReadValue(field, comparison, term));
  return term;
}

bool Filter::Term::Fits(const Message& holder) const {
  const FieldDescriptor& field = *path.back();
  const auto* reflection = holder.GetReflection();
  if (any_value) {
    return field.is_repeated() ? reflection->FieldSize(holder, &field) > 0
                               : reflection->HasField(holder, &field);
  }
  if (field.is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(holder, &field); ++i) {
      const std::optional<Value> entry = ValueOf(holder, field, i);
      if (entry.has_value() && *entry == value) return true;
    }
    return false;
  }
  // A date or instant that is not set is no value at all.
  const bool unset =
      field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !reflection->HasField(holder, &field);
  const std::optional<Value> stored = unset ? std::nullopt : ValueOf(holder, field, -1);
  if (!stored.has_value()) return comparison == "!=";
  return std::visit(
      [&](const auto& right) {
        return Holds(std::get<std::decay_t<decltype(right)>>(*stored), comparison, right);
      },
      value);
}

}  // namespace oversight::resource
