#include "common/log/name_hash.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::log {
namespace {

using ::testing::MatchesRegex;

TEST(NameHashTest, IsTheBeginningOfHmacSha256) {
  // RFC 4231, test case 2.
  EXPECT_EQ(NameHash("Jefe").Of("what do ya want for nothing?"), "#5bdcc146bf60754e");
}

TEST(NameHashTest, DependsOnNameAndKey) {
  const std::string name = "authorities/a/workers/w";
  const NameHash one("one"), again("one"), two("two");
  EXPECT_THAT(one.Of(name), MatchesRegex("#[0-9a-f]{16}"));
  EXPECT_EQ(one.Of(name), again.Of(name));
  EXPECT_NE(one.Of(name), one.Of(name + "x"));
  EXPECT_NE(one.Of(name), two.Of(name));
}

TEST(NameHashTest, RandomKeysDiffer) {
  const NameHash one(""), two("");
  EXPECT_EQ(one.Of("authorities/a/workers/w"), one.Of("authorities/a/workers/w"));
  EXPECT_NE(one.Of("authorities/a/workers/w"), two.Of("authorities/a/workers/w"));
}

TEST(NameHashTest, HidesNamesInsideText) {
  const NameHash hash("key");
  const std::string worker = "authorities/a/workers/SW-1";
  const std::string post = "authorities/a/workers/SW-1/posts/2024.01";
  const std::string odd = "authorities/a/cases/Zoë%20_~1";
  const struct {
    std::string text;
    std::string hidden;
  } kCases[] = {
      {"", ""},
      {"nothing here", "nothing here"},
      {worker, hash.Of(worker)},
      {absl::StrCat("no such worker: ", worker, "."), absl::StrCat("no such worker: ", hash.Of(worker), ".")},
      {absl::StrCat("\"", worker, "\" and (", post, "), ", worker),
       absl::StrCat("\"", hash.Of(worker), "\" and (", hash.Of(post), "), ", hash.Of(worker))},
      {absl::StrCat("case ", odd, " closed"), absl::StrCat("case ", hash.Of(odd), " closed")},
      {"authorities/knowsley is unknown", "authorities/knowsley is unknown"},
      {"authorities/a/workers in authorities/",
       absl::StrCat(hash.Of("authorities/a/workers"), " in authorities/")},
      {absl::StrCat("at //oversight/", worker), absl::StrCat("at //oversight/", hash.Of(worker))},
  };
  for (const auto& c : kCases) EXPECT_EQ(hash.HideNames(c.text), c.hidden);
}

}  // namespace
}  // namespace oversight::log
