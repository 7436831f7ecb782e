#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/resource/kind.h"
#include "google/protobuf/descriptor.h"

namespace oversight::resource {

// An index column of the same name as a text field of the message, for example a resource name; NULL when the
// field is empty.
inline Kind::IndexColumn TextColumn(std::string field, std::string column) {
  return {std::move(column),
          [field](const Message& message) -> mysql::Value {
            const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
            std::string text = message.GetReflection()->GetString(message, descriptor);
            return text.empty() ? mysql::Value(mysql::Null{}) : mysql::Value(std::move(text));
          },
          field};
}
inline Kind::IndexColumn TextColumn(const std::string& field) { return TextColumn(field, field); }

// An index column of the type DATE with the day of a google.type.Date field; NULL when it is not set.
inline Kind::IndexColumn DateColumn(std::string field, std::string column) {
  return {std::move(column),
          [field](const Message& message) -> mysql::Value {
            const std::optional<CivilDay> day = DayOf(message, field);
            return day ? mysql::Value(*day) : mysql::Value(mysql::Null{});
          },
          field};
}
inline Kind::IndexColumn DateColumn(const std::string& field) { return DateColumn(field, field); }

// An index column with the number of an enum field.
inline Kind::IndexColumn EnumColumn(std::string field, std::string column) {
  return {std::move(column),
          [field](const Message& message) -> mysql::Value {
            const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
            return mysql::Value(message.GetReflection()->GetEnumValue(message, descriptor));
          },
          field};
}
inline Kind::IndexColumn EnumColumn(const std::string& field) { return EnumColumn(field, field); }

}  // namespace oversight::resource
