#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace oversight::ctl {

// A field that the command line can set, messages within messages included.
struct SettableField {
  // From the message down: `employment_start_date`, `worker.etag`.
  std::string path;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  // What is expected: `TEXT`, `YYYY-MM-DD`, `STRATEGIC|ADVANCED`.
  std::string expected;
  // The pattern of the names that it holds; empty when it holds none.
  std::string name_pattern;

  const google::protobuf::FieldDescriptor& last() const { return *fields.back(); }
};

// The fields of a message that a caller may set, those that the service alone sets left out.
std::vector<SettableField> SettableFields(const google::protobuf::Descriptor& type);

// Sets a field from what was typed, one text for each value; a text that is empty clears it. `full_name`
// completes resource names. Enum values may be given without the prefix that they share, in any case; lists
// of messages, and messages that are no date, instant or mask, as JSON. Errors: INVALID_ARGUMENT saying what
// was expected.
absl::Status SetField(
    google::protobuf::Message& message, const SettableField& field, const std::vector<std::string>& texts,
    const std::function<std::string(const std::string& pattern, const std::string& text)>& full_name);

// The value of a field as people read it: a day, the short name of an enum value, what a list holds.
std::string FieldText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field);

}  // namespace oversight::ctl
