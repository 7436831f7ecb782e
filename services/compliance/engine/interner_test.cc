#include "services/compliance/engine/interner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

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

// However a name is kept: its numbers, of any length, or as it is.
TEST(InternerTest, KeepsNamesOfEveryShape) {
  const std::string long_name = absl::StrCat("cases/", std::string(300, '7'));
  const std::vector<std::string> all = {
      "",
      "0",
      "00",
      "cases/1",
      "cases/01",
      "cases/001",
      "cases/000000000",
      "cases/0000000000",
      "cases/12345678901234567890",
      "cases/4294967296",
      "cases/0123456789abcdef",
      "cases/0123456789abcdeF",
      "cases/0123456789abcde",
      "cases/ffffffffffffffffffffffffffffffff",
      "cases/3b1e0c1a-0000-4f6e-9d2b-00c0ffee0001",
      "cases/3b1e0c1a-0000-4f6e-9d2b-00c0ffee0001/allocations/3b1e0c1a-0000-4f6e-9d2b-00c0ffee0002",
      "cases/3b1e0c1a-0000-4f6e-9d2b-00c0ffee000",
      "cases/3B1E0C1A-0000-4f6e-9d2b-00c0ffee0001",
      "sessions/S-0001-001/caseDiscussions/D-0001-001-1",
      "sessions/S-0001-001/caseDiscussions/D-0001-001-10",
      "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18",
      "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19",
      "cases/\x05",
      "cases/5",
      long_name,
  };
  Interner names;
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(names.Add(all[i]), i) << all[i];
  for (uint32_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(names.Find(all[i]), i);
    EXPECT_EQ(names.Name(i), all[i]);
    for (uint32_t j = 0; j < all.size(); ++j) EXPECT_EQ(names.Before(i, j), all[i] < all[j]) << i << " " << j;
  }
}

TEST(InternerTest, AlsoWhereNoTwoAreAlike) {
  Interner names;
  // A name for each of 5000 words, twice: once the shapes are used up, names are kept as they are.
  const auto word = [](int i) {
    return std::string{static_cast<char>('g' + i % 20), static_cast<char>('g' + i / 20 % 20),
                       static_cast<char>('g' + i / 400)};
  };
  for (int i = 0; i < 5000; ++i)
    ASSERT_EQ(names.Add(absl::StrCat("cases/", word(i), "1")), static_cast<uint32_t>(i));
  std::vector<uint32_t> every_second;
  for (uint32_t i = 0; i < 5000; i += 2) every_second.push_back(i);
  names.Forget(every_second);
  // Room for other shapes, of which some names are kept as they are.
  for (int i = 0; i < 5000; ++i)
    ASSERT_EQ(names.Add(absl::StrCat("cases/", word(i), "2")), static_cast<uint32_t>(5000 + i));
  for (uint32_t i = 0; i < 5000; ++i) {
    const std::string name = absl::StrCat("cases/", word(static_cast<int>(i)));
    EXPECT_EQ(names.Find(absl::StrCat(name, "1")), i % 2 == 0 ? std::nullopt : std::optional(i));
    EXPECT_EQ(names.Name(i), i % 2 == 0 ? "" : absl::StrCat(name, "1"));
    EXPECT_EQ(names.Name(5000 + i), absl::StrCat(name, "2"));
  }
}

TEST(InternerTest, NamesThatCountUpTakeFewBytes) {
  Interner names;
  constexpr int kNames = 100'000;
  for (int i = 0; i < kNames; ++i) {
    const std::string session = absl::StrFormat("S-%04d-%03d", i / 500, i / 5 % 100);
    names.Add(absl::StrCat("sessions/", session, "/caseDiscussions/D-", session.substr(2), "-", i % 5));
  }
  EXPECT_EQ(names.size(), static_cast<uint32_t>(kNames));
  EXPECT_LT(names.BytesUsed(), size_t{8} * kNames);
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

TEST(InternerTest, TheNameAddedLastIsForgottenLikeAnyOther) {
  Interner names;
  names.Add("cases/1");
  EXPECT_EQ(names.Add("cases/1"), 0u);
  names.Forget({0});
  EXPECT_EQ(names.Add("cases/1"), 1u);
  EXPECT_EQ(names.Name(0), "");
}

}  // namespace
}  // namespace oversight::engine
