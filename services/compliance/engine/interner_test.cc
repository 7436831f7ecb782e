#include "services/compliance/engine/interner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace oversight::engine {
namespace {

TEST(InternerTest, NumbersNamesInTheOrderTheyCome) {
  Interner names;
  EXPECT_EQ(names.Find("anna"), std::nullopt);
  EXPECT_EQ(names.Add("anna"), 0u);
  EXPECT_EQ(names.Add("ben"), 1u);
  EXPECT_EQ(names.Add("anna"), 0u);
  EXPECT_EQ(names.size(), 2u);
  EXPECT_EQ(names.Name(1), "ben");
  EXPECT_EQ(names.Find("ben"), 1u);
  EXPECT_EQ(names.Find("carl"), std::nullopt);
}

TEST(InternerTest, ComparesByteForByte) {
  Interner names;
  const uint32_t plain = names.Add("Zoe");
  EXPECT_NE(names.Add("Zoe "), plain);
  EXPECT_NE(names.Add("zoe"), plain);
  EXPECT_NE(names.Add(absl::string_view("Zoe\0", 4)), plain);
  EXPECT_EQ(names.Add(""), 4u);
  EXPECT_EQ(names.Name(4), "");
}

TEST(InternerTest, FindsEveryNameAfterGrowing) {
  Interner names;
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(names.Add(absl::StrCat("cases/", i)), static_cast<uint32_t>(i));
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(names.Find(absl::StrCat("cases/", i)), static_cast<uint32_t>(i));
    ASSERT_EQ(names.Name(i), absl::StrCat("cases/", i));
  }
}

TEST(InternerTest, AForgottenNameIsGoneAndItsNumberNeverGivenAgain) {
  Interner names;
  for (int i = 0; i < 100; ++i) names.Add(absl::StrCat("cases/", i));
  names.Forget({3, 97});
  names.Forget({3});
  EXPECT_EQ(names.Find("cases/3"), std::nullopt);
  EXPECT_EQ(names.Name(3), "");
  EXPECT_EQ(names.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    if (i == 3 || i == 97) continue;
    EXPECT_EQ(names.Find(absl::StrCat("cases/", i)), static_cast<uint32_t>(i));
  }
  EXPECT_EQ(names.Add("cases/3"), 100u);
  for (int i = 0; i < 1000; ++i) names.Add(absl::StrCat("workers/", i));
  EXPECT_EQ(names.Name(3), "");
  EXPECT_EQ(names.Find("cases/3"), 100u);
  EXPECT_EQ(names.Find(""), std::nullopt);
  // No trace of it in memory either.
  const Interner copy = names;
  names.Forget({100});
  EXPECT_EQ(copy.Name(100), "cases/3");
  EXPECT_EQ(names.Name(99), "cases/99");
}

}  // namespace
}  // namespace oversight::engine
