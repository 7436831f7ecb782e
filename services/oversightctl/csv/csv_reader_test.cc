#include "services/oversightctl/csv/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace oversight::ctl {
namespace {

using ::testing::HasSubstr;

struct Read {
  std::string rows;  // `line:field|field;...`
  CsvEnd end;
};

Read ReadText(const std::string& text) {
  std::istringstream in(text);
  Read read;
  read.end = ReadCsv(in, [&](int line, std::vector<std::string>& fields) {
    absl::StrAppend(&read.rows, line, ":", absl::StrJoin(fields, "|"), ";");
  });
  return read;
}

TEST(CsvReaderTest, ReadsWholeFiles) {
  struct Case {
    const char* what;
    std::string text;
    std::string rows;
    bool ends_with_line_end = true;
  };
  const std::vector<Case> cases = {
      {"LF", "a,b\nc,d\n", "1:a|b;2:c|d;"},
      {"CRLF", "a,b\r\nc,d\r\n", "1:a|b;2:c|d;"},
      {"CR", "a,b\rc,d\r", "1:a|b;2:c|d;"},
      {"no end of the last line", "a,b\nc,d", "1:a|b;2:c|d;", false},
      {"empty fields", "a,,\n,,b\n", "1:a||;2:||b;"},
      {"blank lines count, but are no rows", "a,b\n\n\r\nc,d\n", "1:a|b;4:c|d;"},
      {"quotes, commas and quoted quotes", "\"a,b\",\"say \"\"so\"\"\"\n", "1:a,b|say \"so\";"},
      {"a line end inside quotes", "a,\"b\nc\"\nd,e\n", "1:a|b\nc;3:d|e;"},
      {"CRLF inside quotes is one line end", "a,\"b\r\nc\"\r\nd,e\r\n", "1:a|b\r\nc;3:d|e;"},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "a,b\n",
       "1:a|b;"},
      {"blanks around", " a , b\n", "1:a|b;"},
      {"other letters", "Zo\xC3\xAB,\xF0\x9F\x98\x80\n", "1:Zo\xC3\xAB|\xF0\x9F\x98\x80;"},
      {"nothing", "", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const Read read = ReadText(c.text);
    EXPECT_EQ(read.rows, c.rows);
    EXPECT_FALSE(read.end.broken.has_value());
    EXPECT_EQ(read.end.ends_with_line_end, c.ends_with_line_end);
  }
}

TEST(CsvReaderTest, SaysWhereAFileBreaksAndGivesWhatCameBefore) {
  struct Case {
    const char* what;
    std::string text;
    std::string rows;
    int line;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"half a file, cut inside quotes", "a,b\nc,\"d\ne", "1:a|b;", 2, "never ends"},
      {"a closing quote is missing, noticed later", "a,b\n\"c,d\ne,\"f\"\n", "1:a|b;", 3, "begins on line 2"},
      {"a quote inside an unquoted field", "a,b\nc\"d,e\nf,g\n", "1:a|b;", 2,
       "double quote in the wrong place"},
      {"text after a quote", "a,b\n\"c\"d,e\n", "1:a|b;", 2, "double quote in the wrong place"},
      {"NUL", std::string("a,b\nc,d\ne,\0f\n", 13), "1:a|b;2:c|d;", 3, "NUL"},
      {"UTF-16",
       std::string("\xFF\xFE"
                   "a\0",
                   4),
       "", 1, "UTF-16"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const Read read = ReadText(c.text);
    EXPECT_EQ(read.rows, c.rows);
    ASSERT_TRUE(read.end.broken.has_value());
    EXPECT_EQ(read.end.broken->line, c.line);
    EXPECT_THAT(read.end.broken->text, HasSubstr(c.says));
  }
}

TEST(CsvReaderTest, NumbersLinesAcrossBlocks) {
  std::string text;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&text, "\"x\r\ny\",", i, "\r\n");
    absl::StrAppend(&expected, 2 * i + 1, ":x\r\ny|", i, ";");
  }
  EXPECT_EQ(ReadText(text).rows, expected);
  const Read broken = ReadText(text + "z\"z\n");
  ASSERT_TRUE(broken.end.broken.has_value());
  EXPECT_EQ(broken.end.broken->line, 40'001);
}

}  // namespace
}  // namespace oversight::ctl
