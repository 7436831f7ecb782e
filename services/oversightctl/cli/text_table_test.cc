#include "services/oversightctl/cli/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "services/oversightctl/cli/console.h"

namespace oversight::ctl {
namespace {

TEST(TextTableTest, AlignsCutsAndTrims) {
  TextTable table({{"team", TextTable::Align::kLeft, 10}, {"overdue", TextTable::Align::kRight}, {"note"}});
  EXPECT_TRUE(table.empty());
  table.Add({"Zo\xC3\xAB's", "7", ""});
  table.Add({"Children with disabilities", "1,234", "x"});
  table.Add({"Caf\xC3\xA9 Caf\xC3\xA9 Caf\xC3\xA9", "0", ""});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "  team        overdue  note\n"
            "  Zo\xC3\xAB's             7\n"
            "  Childre...    1,234  x\n"
            "  Caf\xC3\xA9 Ca...        0\n");
}

TEST(ThousandsTest, GroupsDigits) {
  const struct {
    int64_t number;
    const char* text;
  } cases[] = {{0, "0"},          {999, "999"},  {1000, "1,000"}, {1234567, "1,234,567"},
               {-1000, "-1,000"}, {-100, "-100"}};
  for (const auto& c : cases) EXPECT_EQ(Thousands(c.number), c.text);
}

}  // namespace
}  // namespace oversight::ctl
