#include "common/resource/name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oversight::resource {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(IdTest, UnreservedCharactersOnly) {
  struct Case {
    std::string id;
    bool valid;
  };
  for (const Case& c : std::vector<Case>{
           {"a", true},
           {"W-1_x.y~z", true},
           {std::string(63, 'a'), true},
           {"--", true},
           {"", false},
           {"-", false},  // stands for all
           {std::string(64, 'a'), false},
           {"a b", false},
           {"a/b", false},
           {"zoë", false},
           {"a%20", false},
           {std::string("a\0b", 3), false},
           {"a\n", false},
       }) {
    EXPECT_EQ(IsValidId(c.id), c.valid) << c.id;
  }
}

TEST(PatternTest, MatchesItsOwnNamesOnly) {
  const Pattern authority("authorities/{authority}");
  const Pattern worker("authorities/{authority}/workers/{worker}");
  const Pattern post("authorities/{authority}/workers/{worker}/posts/{post}");
  const Key post_key = {"a", "workers/w", "p"};
  EXPECT_THAT(authority.Match("authorities/a"), Optional(Eq(Key{"a", "", "a"})));
  EXPECT_THAT(worker.Match("authorities/a/workers/w"), Optional(Eq(Key{"a", "", "w"})));
  EXPECT_THAT(post.Match("authorities/a/workers/w/posts/p"), Optional(Eq(post_key)));
  for (const char* name :
       {"", "authorities", "authorities/", "authorities/a", "authorities/a/workers", "authorities/a/workers/",
        "authorities/a/workers/w/", "/authorities/a/workers/w", "authorities/a/teams/w",
        "authorities//workers/w", "authorities/a/workers/-", "authorities/-/workers/w",
        "authorities/a/workers/w/posts/p", "Authorities/a/workers/w", "authorities/a/workers/w x"}) {
    EXPECT_EQ(worker.Match(name), std::nullopt) << name;
  }
}

TEST(PatternTest, FormatIsTheOtherWayRound) {
  for (const auto& [text, name] : std::vector<std::pair<std::string, std::string>>{
           {"authorities/{authority}", "authorities/a"},
           {"authorities/{authority}/workers/{worker}", "authorities/a/workers/w"},
           {"authorities/{authority}/workers/{worker}/posts/{post}", "authorities/a/workers/w/posts/p"}}) {
    const Pattern pattern(text);
    EXPECT_EQ(pattern.Format(pattern.Match(name).value()), name);
    EXPECT_EQ(pattern.text(), text);
  }
}

TEST(PatternTest, Parents) {
  const Pattern post("authorities/{authority}/workers/{worker}/posts/{post}");
  EXPECT_EQ(post.ParentText(), "authorities/{authority}/workers/{worker}");
  EXPECT_EQ(post.FormatParent({"a", "workers/w", "p"}), "authorities/a/workers/w");
  EXPECT_THAT(post.MatchParent("authorities/a/workers/w"), Optional(Eq(Key{"a", "workers/w", ""})));
  EXPECT_EQ(post.MatchParent("authorities/a/workers/-"), std::nullopt);
  EXPECT_THAT(post.MatchParent("authorities/a/workers/-", /*wildcards=*/true),
              Optional(Eq(Key{"a", "workers/-", ""})));
  EXPECT_EQ(post.MatchParent("authorities/-/workers/w", /*wildcards=*/true), std::nullopt)
      << "nothing crosses the border of an authority";
  EXPECT_EQ(post.MatchParent("authorities/a"), std::nullopt);
  EXPECT_TRUE(post.has_parent_resource());

  const Pattern worker("authorities/{authority}/workers/{worker}");
  EXPECT_EQ(worker.FormatParent({"a", "", "w"}), "authorities/a");
  EXPECT_THAT(worker.MatchParent("authorities/a"), Optional(Eq(Key{"a", "", ""})));
  EXPECT_FALSE(worker.has_parent_resource());

  const Pattern authority("authorities/{authority}");
  EXPECT_TRUE(authority.is_authority());
  EXPECT_EQ(authority.FormatParent({"a", "", "a"}), "");
  EXPECT_EQ(authority.MatchParent(""), std::nullopt);
}

TEST(AuthorityOfTest, FirstIdOfAName) {
  EXPECT_EQ(AuthorityOf("authorities/a/workers/w"), "a");
  EXPECT_EQ(AuthorityOf("authorities/a"), "a");
  EXPECT_EQ(AuthorityOf("workers/w"), "");
  EXPECT_EQ(AuthorityOf(""), "");
}

}  // namespace
}  // namespace oversight::resource
