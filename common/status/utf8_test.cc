#include "common/status/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace oversight {
namespace {

#define BAD "\xEF\xBF\xBD"

TEST(ValidUtf8Test, KeepsValidTextAndReplacesTheRest) {
  const struct {
    std::string text;
    std::string valid;
  } kCases[] = {
      {"", ""},
      {"plain", "plain"},
      {std::string("a\0b", 3), std::string("a\0b", 3)},
      {"Siân 🙂 €", "Siân 🙂 €"},
      {"\xC2\x80\xDF\xBF", "\xC2\x80\xDF\xBF"},
      {"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
       "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"},
      {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
      {"caf\xE9", "caf" BAD},                 // Latin-1
      {"a\x80z", "a" BAD "z"},                // a lone continuation
      {"\xC3", BAD},                          // cut off
      {"\xE2\x82", BAD BAD},                  //
      {"\xC3(", BAD "("},                     // what follows is kept
      {"\xC0\xAF", BAD BAD},                  // overlong
      {"\xE0\x80\xAF", BAD BAD BAD},          //
      {"\xF0\x80\x80\xAF", BAD BAD BAD BAD},  //
      {"\xED\xA0\x80", BAD BAD BAD},          // a surrogate
      {"\xF4\x90\x80\x80", BAD BAD BAD BAD},  // beyond U+10FFFF
      {"\xF5\xFF\xFE", BAD BAD BAD},
  };
  for (const auto& c : kCases) EXPECT_EQ(ValidUtf8(c.text), c.valid);
}

TEST(CutUtf8Test, NeverCutsACharacter) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("abcd", 3), "abc");
  EXPECT_EQ(CutUtf8("a€b", 5), "a€b");
  EXPECT_EQ(CutUtf8("a€b", 4), "a€");
  EXPECT_EQ(CutUtf8("a€b", 3), "a");
  EXPECT_EQ(CutUtf8("a€b", 2), "a");
  EXPECT_EQ(CutUtf8("€", 0), "");
}

}  // namespace
}  // namespace oversight
