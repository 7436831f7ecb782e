#include "services/oversightctl/import/own_values.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/oversightctl/import/values.h"

namespace oversight::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using NameOfId = std::function<absl::StatusOr<std::string>(absl::string_view id)>;

// Between the values of a list, and of a list within a list of messages.
constexpr char kSeparators[] = {';', '|'};

google::protobuf::Timestamp ToTimestamp(absl::Time instant) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(instant));
  timestamp.set_nanos(
      static_cast<int32_t>((instant - absl::FromUnixSeconds(timestamp.seconds())) / absl::Nanoseconds(1)));
  return timestamp;
}

// Runs `set` with the value, or returns why there is none.
template <typename T, typename Set>
absl::Status Take(const absl::StatusOr<T>& value, Set set) {
  if (value.ok()) set(*value);
  return value.status();
}

class Setter {
 public:
  Setter(const OwnColumn& column, const NameOfId& name_of) : column_(column), name_of_(name_of) {}

  // `depth` in the column's path, `lists` above it.
  absl::Status Set(Message& message, size_t depth, size_t lists, absl::string_view text) const {
    const FieldDescriptor* field = column_.path[depth];
    const bool last = depth + 1 == column_.path.size();
    const auto* reflection = message.GetReflection();
    if (!field->is_repeated()) {
      return last ? SetValue(message, field, text)
                  : Set(*reflection->MutableMessage(&message, field), depth + 1, lists, text);
    }
    if (lists == sizeof(kSeparators)) return absl::InternalError("lies in too many lists for a file");
    int index = 0;
    for (absl::string_view part : absl::StrSplit(text, kSeparators[lists])) {
      part = absl::StripAsciiWhitespace(part);
      absl::Status status;
      if (last) {
        if (!part.empty()) status = SetValue(message, field, part);
      } else {
        Message& item = reflection->FieldSize(message, field) > index
                            ? *reflection->MutableRepeatedMessage(&message, field, index)
                            : *reflection->AddMessage(&message, field);
        if (!part.empty()) status = Set(item, depth + 1, lists + 1, part);
      }
      if (!status.ok()) return status;
      ++index;
    }
    return absl::OkStatus();
  }

 private:
  // Sets a field, or adds to a list.
  absl::Status SetValue(Message& message, const FieldDescriptor* field, absl::string_view text) const {
    const auto* r = message.GetReflection();
    const bool list = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return Take(
            column_.reference == nullptr ? absl::StatusOr<std::string>(std::string(text)) : name_of_(text),
            [&](std::string value) {
              list ? r->AddString(&message, field, std::move(value))
                   : r->SetString(&message, field, std::move(value));
            });
      case FieldDescriptor::CPPTYPE_BOOL:
        return Take(ParseFlag(text), [&](bool value) {
          list ? r->AddBool(&message, field, value) : r->SetBool(&message, field, value);
        });
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Take(ParseNumber(text), [&](double value) {
          list ? r->AddDouble(&message, field, value) : r->SetDouble(&message, field, value);
        });
      case FieldDescriptor::CPPTYPE_INT32:
        return Take(ParseWholeNumber(text), [&](int32_t value) {
          list ? r->AddInt32(&message, field, value) : r->SetInt32(&message, field, value);
        });
      case FieldDescriptor::CPPTYPE_ENUM:
        return Take(ParseEnum(*field->enum_type(), text), [&](int value) {
          list ? r->AddEnumValue(&message, field, value) : r->SetEnumValue(&message, field, value);
        });
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const auto target = [&]() -> Message& {
          return list ? *r->AddMessage(&message, field) : *r->MutableMessage(&message, field);
        };
        if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
          return Take(ParseInstant(text), [&](absl::Time value) { target().CopyFrom(ToTimestamp(value)); });
        }
        return Take(ParseDay(text), [&](CivilDay value) { target().CopyFrom(ToDate(value)); });
      }
      default:
        return absl::InternalError("has a type that this program cannot read");
    }
  }

  const OwnColumn& column_;
  const NameOfId& name_of_;
};

std::string AcceptsOne(const OwnColumn& column) {
  const FieldDescriptor& field = column.field();
  if (column.reference != nullptr) {
    const std::vector<std::string> parts = PatternParts(*column.reference);
    const std::string kind = absl::AsciiStrToLower(
        absl::StrJoin(absl::StrSplit(parts.back().substr(1, parts.back().size() - 2), '_'), " "));
    if (parts.size() < 6) return absl::StrCat("id of a ", kind);
    const std::string above = parts[3].substr(1, parts[3].size() - 2);
    return absl::StrCat("id of a ", kind, ", after its ", above, "'s: W1/A1");
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "Y or N";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "number";
    case FieldDescriptor::CPPTYPE_INT32:
      return "whole number";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrJoin(AcceptedValues(*field.enum_type()), " | ");
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type() == google::protobuf::Timestamp::descriptor() ? "instant" : "day";
    default:
      return "text";
  }
}

}  // namespace

absl::Status SetColumn(Message& message, const OwnColumn& column, absl::string_view text,
                       const NameOfId& name_of) {
  return Setter(column, name_of).Set(message, 0, 0, text);
}

std::string Accepts(const OwnColumn& column) {
  std::string text = AcceptsOne(column);
  size_t lists = 0;
  for (const FieldDescriptor* field : column.path) {
    if (field->is_repeated()) absl::StrAppend(&text, "; several with ", std::string(1, kSeparators[lists++]));
  }
  return text;
}

}  // namespace oversight::ctl
