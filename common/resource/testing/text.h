#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace oversight::resource::testing {

// A message in text format; the test fails when it cannot be read.
template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// The paths of the fields at fault.
inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

}  // namespace oversight::resource::testing
