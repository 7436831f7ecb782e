#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/message.h>

#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace oversight::testing {

// Matches a message of the same type with equal fields; a mismatch is told field by field.
class EqualsProtoMatcher {
 public:
  using is_gtest_matcher = void;

  explicit EqualsProtoMatcher(const google::protobuf::Message& expected);
  // Text format; read as the type of the message it is compared with.
  explicit EqualsProtoMatcher(absl::string_view expected_text);

  bool MatchAndExplain(const google::protobuf::Message& actual,
                       ::testing::MatchResultListener* listener) const;
  bool MatchAndExplain(const google::protobuf::Message* actual,
                       ::testing::MatchResultListener* listener) const {
    return actual != nullptr && MatchAndExplain(*actual, listener);
  }
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  std::shared_ptr<const google::protobuf::Message> expected_;
  std::string text_;
};

inline EqualsProtoMatcher EqualsProto(const google::protobuf::Message& expected) {
  return EqualsProtoMatcher(expected);
}
inline EqualsProtoMatcher EqualsProto(absl::string_view expected_text) {
  return EqualsProtoMatcher(expected_text);
}

}  // namespace oversight::testing
