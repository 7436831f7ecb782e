#include "common/testing/proto_matchers.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

namespace oversight::testing {

using google::protobuf::Message;

EqualsProtoMatcher::EqualsProtoMatcher(const Message& expected) : text_(expected.DebugString()) {
  std::unique_ptr<Message> copy(expected.New());
  copy->CopyFrom(expected);
  expected_ = std::move(copy);
}

EqualsProtoMatcher::EqualsProtoMatcher(absl::string_view expected_text) : text_(expected_text) {}

bool EqualsProtoMatcher::MatchAndExplain(const Message& actual,
                                         ::testing::MatchResultListener* listener) const {
  std::shared_ptr<const Message> expected = expected_;
  if (expected == nullptr) {
    std::unique_ptr<Message> parsed(actual.New());
    if (!google::protobuf::TextFormat::ParseFromString(text_, parsed.get())) {
      *listener << "the expected text is no " << actual.GetDescriptor()->full_name();
      return false;
    }
    expected = std::move(parsed);
  }
  if (expected->GetDescriptor() != actual.GetDescriptor()) {
    *listener << "is a " << actual.GetDescriptor()->full_name() << ", not a "
              << expected->GetDescriptor()->full_name();
    return false;
  }
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(*expected, actual);
  if (!equal) *listener << "differs:\n" << differences;
  return equal;
}

void EqualsProtoMatcher::DescribeTo(std::ostream* out) const { *out << "equals the message\n" << text_; }
void EqualsProtoMatcher::DescribeNegationTo(std::ostream* out) const {
  *out << "differs from the message\n" << text_;
}

}  // namespace oversight::testing
