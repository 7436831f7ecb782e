#include "services/compliance/engine/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace oversight::engine {
namespace {

std::vector<uint32_t> Referring(const Table& table, uint16_t column, uint32_t target) {
  std::vector<uint32_t> rows;
  table.ForEachReferring(column, target, [&](uint32_t row) { rows.push_back(row); });
  std::sort(rows.begin(), rows.end());
  return rows;
}

FieldValue Named(uint16_t column, uint32_t row) {
  return {.column = column, .type = ColumnType::kReference, .whole = row};
}

TEST(TableTest, HoldsWhatWasPutAndNothingElse) {
  Table table;
  const CivilDay day(1969, 12, 31);
  const std::vector<FieldValue> values = {
      {.column = 1, .type = ColumnType::kDay, .whole = day.number()},
      {.column = 2, .type = ColumnType::kInstant, .whole = 1'500'000},
      {.column = 3, .type = ColumnType::kEnum, .whole = 7},
      {.column = 4, .type = ColumnType::kFlag, .whole = 1},
      {.column = 5, .type = ColumnType::kNumber, .number = 0},
      {.column = 6, .type = ColumnType::kText, .whole = TextHash("Management Oversight")},
      {.column = 7, .type = ColumnType::kSet, .whole = 0b110},
      {.column = 8, .type = ColumnType::kReferences, .rows = {4, 2, 4}},
      Named(9, 0)};
  table.Put(3, values);
  EXPECT_TRUE(table.Known(3));
  EXPECT_FALSE(table.Known(2));
  EXPECT_EQ(table.Day(3, 1), day);
  EXPECT_EQ(table.Instant(3, 2), 1'500'000);
  EXPECT_EQ(table.Day(3, 2), CivilDay(1970, 1, 1));
  EXPECT_EQ(table.Enum(3, 3), 7u);
  EXPECT_TRUE(table.Flag(3, 4));
  EXPECT_EQ(table.Number(3, 5), 0.0);
  EXPECT_EQ(table.Text(3, 6), TextHash("  management oversight "));
  EXPECT_EQ(table.Set(3, 7), 0b110u);
  EXPECT_THAT(table.References(3, 8), ::testing::ElementsAre(2, 4));
  EXPECT_EQ(table.Reference(3, 9), 0u);
  for (uint16_t column = 1; column < 10; ++column) {
    EXPECT_TRUE(table.IsSet(3, column)) << column;
    EXPECT_FALSE(table.IsSet(2, column)) << column;
    EXPECT_FALSE(table.IsSet(30, column)) << column;
  }
  table.Put(3, {});
  EXPECT_TRUE(table.Known(3));
  for (uint16_t column = 1; column < 10; ++column) EXPECT_FALSE(table.IsSet(3, column)) << column;
  table.Remove(3);
  EXPECT_FALSE(table.Known(3));
}

TEST(TableTest, AnIndexAskedForBeforeTheFirstListOfReferencesHidesNothing) {
  Table table;
  table.IndexBy(8);
  table.Put(0, {});
  table.Put(3, std::vector<FieldValue>{{.column = 8, .type = ColumnType::kReferences, .rows = {4, 2}}});
  table.Put(5, std::vector<FieldValue>{{.column = 8, .type = ColumnType::kReferences, .rows = {2}}});
  EXPECT_EQ(Referring(table, 8, 2), (std::vector<uint32_t>{3, 5}));
  table.Put(3, {});
  EXPECT_EQ(Referring(table, 8, 2), (std::vector<uint32_t>{5}));
  EXPECT_TRUE(Referring(table, 8, 4).empty());
}

TEST(TableTest, WhoRefersIsTheSameWithAndWithoutAnIndex) {
  Table plain;
  Table indexed;
  indexed.IndexBy(1);
  uint32_t random = 7;
  for (int step = 0; step < 2000; ++step) {
    random = random * 1664525 + 1013904223;
    const uint32_t row = (random >> 8) % 40;
    const std::vector<FieldValue> values = {Named(1, (random >> 16) % 5)};
    for (Table* table : {&plain, &indexed}) {
      if (random % 4 == 0) {
        table->Remove(row);
      } else {
        table->Put(row, values);
      }
    }
    const uint32_t target = (random >> 20) % 6;
    ASSERT_EQ(Referring(plain, 1, target), Referring(indexed, 1, target));
  }
  // An index made later is as good.
  plain.IndexBy(1);
  for (uint32_t target = 0; target < 6; ++target)
    EXPECT_EQ(Referring(plain, 1, target), Referring(indexed, 1, target));
}

TEST(TextHashTest, CapitalsAndSpacesAroundPlayNoPart) {
  EXPECT_EQ(TextHash(" Management Decision"), TextHash("management decision "));
  EXPECT_NE(TextHash("management decision"), TextHash("management oversight"));
  EXPECT_EQ(TextHash("  "), 0u);
}

}  // namespace
}  // namespace oversight::engine
