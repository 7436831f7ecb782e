#include "common/resource/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::IsOkAndHolds;
using ::oversight::testing::StatusIs;

TEST(PageTokenTest, GivesTheKeyBackToTheSameQuery) {
  for (const std::string& key : {std::string("workers/w\np"), std::string(""), std::string("\n"),
                                 std::string("a\0b", 3), std::string(500, 'x')}) {
    EXPECT_THAT(DecodePageToken("query", EncodePageToken("query", key)), IsOkAndHolds(key));
  }
  EXPECT_THAT(DecodePageToken("query", ""), IsOkAndHolds(std::string()));
}

TEST(PageTokenTest, BelongsToItsQueryAndIsNotToBeMade) {
  const std::string token = EncodePageToken("query", "key");
  std::string changed = token;
  changed.back() = changed.back() == 'A' ? 'E' : 'A';
  for (const auto& [query, text] :
       std::vector<std::pair<std::string, std::string>>{{"another query", token},
                                                        // The border between query and key counts.
                                                        {"querykey", EncodePageToken("query", "keykey")},
                                                        {"query", changed},
                                                        {"query", token.substr(0, token.size() / 2)},
                                                        {"query", token + "A"},
                                                        {"query", "not base64!"},
                                                        {"query", "5"},
                                                        {"query", std::string("\0", 1)}}) {
    EXPECT_THAT(DecodePageToken(query, text),
                StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"))
        << query << " " << text;
  }
}

TEST(PageSizeTest, Bounds) {
  struct Case {
    int requested;
    int size;
  };
  for (const Case& c :
       {Case{0, 100}, Case{1, 1}, Case{1000, 1000}, Case{1001, 1000}, Case{2147483647, 1000}}) {
    EXPECT_THAT(PageSize(c.requested), IsOkAndHolds(c.size)) << c.requested;
  }
  EXPECT_THAT(PageSize(-1), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(PageSize(-2147483647 - 1), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace oversight::resource
