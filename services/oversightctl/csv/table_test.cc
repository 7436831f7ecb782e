#include "services/oversightctl/csv/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace oversight::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TableSpec Posts() {
  return {.file = "posts",
          .columns = {{"post_id", true}, {"worker_id", true}, {"role_title"}},
          .only_these = true,
          .key = "post_id"};
}

Table Read(const TableSpec& spec, const std::string& text) {
  std::istringstream in(text);
  return ReadTable(in, spec);
}

// In the order of the spec.
std::vector<std::string> Values(const Table& table, const TableRow& row) {
  std::vector<std::string> values;
  for (size_t i = 0; i < table.spec->columns.size(); ++i) values.push_back(table.Value(row, i));
  return values;
}

TEST(TableTest, TakesColumnsInAnyOrderAndCase) {
  const TableSpec spec = Posts();
  const Table table = Read(spec, "Worker_ID,post_id\nw1,p1\nw2,p2\n");
  ASSERT_THAT(table.rows, SizeIs(2));
  EXPECT_THAT(Values(table, table.rows[0]), ElementsAre("p1", "w1", ""));
  EXPECT_EQ(table.rows[1].line, 3);
  EXPECT_EQ(table.IndexOf("role_title"), 2u);
  EXPECT_TRUE(table.complete);
  EXPECT_FALSE(table.broken);
}

TEST(TableTest, RefusesHeadersThatWillNotDo) {
  const TableSpec spec = Posts();
  const struct {
    const char* text;
    const char* says;
  } cases[] = {
      {"post_id,role_title\np1,x\n", "missing column(s): worker_id"},
      {"post_id,worker_id,shoe_size\np1,w1,9\n",
       "unknown column(s): shoe_size (known: post_id, worker_id, role_title)"},
      {"post_id,worker_id,post_id\np1,w1,p1\n", "column(s) given twice: post_id"},
      {"", "the file is empty"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const Table table = Read(spec, c.text);
    ASSERT_TRUE(table.broken);
    EXPECT_EQ(table.broken->line, 1);
    EXPECT_THAT(table.broken->text, HasSubstr(c.says));
    EXPECT_THAT(table.rows, IsEmpty());
    EXPECT_FALSE(table.complete);
  }
}

TEST(TableTest, DropsOtherColumnsOfAnExtract) {
  TableSpec spec = Posts();
  spec.only_these = false;
  const Table table = Read(spec, "post_id,forename,worker_id\np1,Zoe,w1\n");
  ASSERT_THAT(table.rows, SizeIs(1));
  EXPECT_THAT(Values(table, table.rows[0]), ElementsAre("p1", "w1", ""));
}

TEST(TableTest, LeavesOutSingleRowsAndGoesOn) {
  const TableSpec spec = Posts();
  const Table table = Read(spec,
                           "post_id,worker_id,role_title\n"
                           "p1,w1,x\n"
                           "p2,w2\n"
                           "p3,w3,x,y\n"
                           "p4,w4,caf\xE9\n"
                           "p1,w5,again\n"
                           "p6,w6,x\n");
  ASSERT_THAT(table.rows, SizeIs(2));
  ASSERT_THAT(table.refused, SizeIs(4));
  EXPECT_EQ(table.refused[0].line, 3);
  EXPECT_EQ(table.refused[0].text, "2 fields where the header has 3");
  EXPECT_EQ(table.refused[1].text, "4 fields where the header has 3");
  EXPECT_THAT(table.refused[2].text, HasSubstr("role_title is not valid UTF-8"));
  EXPECT_EQ(table.refused[3].line, 6);
  EXPECT_EQ(table.refused[3].text, "post_id is the same as on line 2");
  EXPECT_FALSE(table.complete);
}

TEST(TableTest, ADuplicateAloneLeavesTheTableComplete) {
  const TableSpec spec = Posts();
  EXPECT_TRUE(Read(spec, "post_id,worker_id\np1,w1\np1,w2\n").complete);
}

TEST(TableTest, KeepsTheRowsBeforeABreak) {
  const TableSpec spec = Posts();
  const Table table = Read(spec, "post_id,worker_id\np1,w1\np2,\"w2");
  EXPECT_THAT(table.rows, SizeIs(1));
  ASSERT_TRUE(table.broken);
  EXPECT_EQ(table.broken->line, 3);
  EXPECT_FALSE(table.complete);
}

}  // namespace
}  // namespace oversight::ctl
