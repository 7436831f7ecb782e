#include "services/supervision/domain/record_state.h"

#include "gtest/gtest.h"

namespace oversight::supervision {
namespace {

using enum RecordState;
using enum RecordAction;

TEST(RecordStateTest, EachStateAndAction) {
  struct Case {
    RecordState state;
    // kNone where it is refused.
    RecordState start, write, send, request_amendment, sign, annotate;
  };
  const Case cases[] = {
      {kNone, kDraft, kNone, kNone, kNone, kNone, kNone},
      {kDraft, kNone, kDraft, kSent, kNone, kNone, kDraft},
      {kSent, kNone, kNone, kNone, kAmendmentRequested, kSigned, kSent},
      {kAmendmentRequested, kNone, kDraft, kNone, kNone, kNone, kAmendmentRequested},
      {kSigned, kNone, kNone, kNone, kNone, kNone, kSigned},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(NameOf(c.state));
    EXPECT_EQ(Next(c.state, kStart).value_or(kNone), c.start);
    EXPECT_EQ(Next(c.state, kWrite).value_or(kNone), c.write);
    EXPECT_EQ(Next(c.state, kSend).value_or(kNone), c.send);
    EXPECT_EQ(Next(c.state, kRequestAmendment).value_or(kNone), c.request_amendment);
    EXPECT_EQ(Next(c.state, kSign).value_or(kNone), c.sign);
    EXPECT_EQ(Next(c.state, kAnnotate).value_or(kNone), c.annotate);
  }
}

}  // namespace
}  // namespace oversight::supervision
