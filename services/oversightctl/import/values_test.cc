#include "services/oversightctl/import/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/oversightctl/import/codes.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/names.h"

namespace oversight::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ValuesTest, ReadsDays) {
  const struct {
    const char* text;
    const char* day;  // empty: refused
  } cases[] = {
      {"2024-02-29", "2024-02-29"},
      {"2024-03-01T00:00:00", "2024-03-01"},
      {"2024-03-01 00:00:00", "2024-03-01"},
      {"2024-03-01 23:59:59.997", "2024-03-01"},
      {"2024-03-01T10:30", "2024-03-01"},
      {"2024-06-30T23:00:00Z", "2024-07-01"},  // midnight in London, in summer
      {"2024-12-31T23:00:00Z", "2024-12-31"},
      {"2024-07-01T00:30:00+01:00", "2024-07-01"},
      {"2023-02-29", ""},
      {"29/02/2024", ""},
      {"2024-2-9", ""},
      {"2024-0", ""},
      {"2024-03-01X", ""},
      {"2024-03-01T25:00:00", ""},
      {"2024-03-01Z", ""},
      {"yesterday", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto day = ParseDay(c.text);
    EXPECT_EQ(day.ok() ? day->ToString() : "", c.day);
  }
  EXPECT_THAT(std::string(ParseDay("1980-13-01").status().message()), Not(HasSubstr("1980")))
      << "dates are personal data";
}

TEST(ValuesTest, ReadsInstants) {
  EXPECT_EQ(*ParseInstant("2024-03-01T10:30:00Z"), absl::FromUnixSeconds(1709289000));
  EXPECT_EQ(*ParseInstant("2024-07-01T10:30:00+01:00"), absl::FromUnixSeconds(1719826200));
  for (const char* wrong : {"2024-03-01T10:30:00", "2024-03-01", "10:30", ""}) {
    EXPECT_FALSE(ParseInstant(wrong).ok()) << wrong;
  }
}

TEST(ValuesTest, ReadsFlagsAsTheyOccurInTheWild) {
  for (const char* yes : {"Y", "y", "Yes", "YES", "1", "true"}) EXPECT_TRUE(*ParseFlag(yes)) << yes;
  for (const char* no : {"", "N", "no", "0", "False"}) EXPECT_FALSE(*ParseFlag(no)) << no;
  for (const char* wrong : {"X", "2", "maybe"}) EXPECT_FALSE(ParseFlag(wrong).ok()) << wrong;
}

TEST(ValuesTest, ReadsNumbers) {
  EXPECT_EQ(*ParseNumber("0.8"), 0.8);
  EXPECT_EQ(*ParseWholeNumber("90"), 90);
  for (const char* wrong : {"", "x", "1,5", "nan", "inf"}) EXPECT_FALSE(ParseNumber(wrong).ok()) << wrong;
  for (const char* wrong : {"", "1.5", "99999999999"}) EXPECT_FALSE(ParseWholeNumber(wrong).ok()) << wrong;
}

TEST(ValuesTest, ReadsEnumsByTheirNamesWithoutPrefix) {
  const auto& stages = *workforce::v1::CareerStage_descriptor();
  EXPECT_EQ(*ParseEnum(stages, "newly_qualified"), workforce::v1::CAREER_STAGE_NEWLY_QUALIFIED);
  const auto& kinds = *supervision::v1::Session::Kind_descriptor();
  EXPECT_EQ(*ParseEnum(kinds, "Formal_One_To_One"), supervision::v1::Session::KIND_FORMAL_ONE_TO_ONE);
  EXPECT_FALSE(ParseEnum(stages, "unspecified").ok());
  EXPECT_THAT(std::string(ParseEnum(kinds, "chat").status().message()),
              HasSubstr("is \"chat\" (expected one of formal_one_to_one, professional"));
}

TEST(NamesTest, KeepsValidIdsAndHashesOthers) {
  EXPECT_EQ(ResourceId("A-1_b.c~"), "A-1_b.c~");
  EXPECT_EQ(ResourceId(std::string(63, 'a')), std::string(63, 'a'));
  // printf 'P 1' | sha256sum
  EXPECT_EQ(ResourceId("P 1"), "x-6b906186b9a74215e1d78bd8cd31b2e4900628ec");
  for (const char* other : {"", "-", "a/b", "\xC3\xA9"}) {
    EXPECT_THAT(ResourceId(other), ::testing::MatchesRegex("x-[0-9a-f]{40}")) << other;
  }
  EXPECT_THAT(ResourceId(std::string(64, 'a')), ::testing::StartsWith("x-"));
}

TEST(NamesTest, FollowsTheAnnotatedPatterns) {
  const Names names("knowsley");
  EXPECT_EQ(names.Of(*workforce::v1::Authority::descriptor(), "", ""), "authorities/knowsley");
  EXPECT_EQ(names.Of(*workforce::v1::Team::descriptor(), "", "t1"), "authorities/knowsley/teams/t1");
  EXPECT_EQ(names.Of(*workforce::v1::Post::descriptor(), "w1", "p1"),
            "authorities/knowsley/workers/w1/posts/p1");
}

TEST(CodesTest, KnowsTheCodesOfTheExtract) {
  using namespace caseload::v1;  // NOLINT
  const struct {
    const char* code;
    PlacementType type;
    bool respite;
  } placements[] = {
      {"U3", PLACEMENT_TYPE_FOSTER, false},       {"K2", PLACEMENT_TYPE_RESIDENTIAL, false},
      {"r5", PLACEMENT_TYPE_RESIDENTIAL, false},  {"S1", PLACEMENT_TYPE_RESIDENTIAL, false},
      {"P1", PLACEMENT_TYPE_WITH_PARENTS, false}, {"A4", PLACEMENT_TYPE_FOR_ADOPTION, false},
      {"H5", PLACEMENT_TYPE_OTHER, false},        {"T4", PLACEMENT_TYPE_OTHER, true},
  };
  for (const auto& c : placements) {
    SCOPED_TRACE(c.code);
    const auto code = FindPlacementCode(c.code);
    ASSERT_TRUE(code);
    EXPECT_EQ(code->type, c.type);
    EXPECT_EQ(code->respite, c.respite);
  }
  EXPECT_FALSE(FindPlacementCode("U9"));
  EXPECT_FALSE(FindLegalStatusCode("C3"));
  EXPECT_FALSE(FindLegalStatusCode("V3")->looked_after);
  EXPECT_TRUE(FindLegalStatusCode("v2")->looked_after);

  for (const char* text : {"CW", "ALLWKR", "ALLOCATED CASE WORKER", "Allocated Case-Worker", " cw "}) {
    EXPECT_EQ(FindAllocationRole(text), ALLOCATION_ROLE_KEYWORKER) << text;
  }
  EXPECT_EQ(FindAllocationRole("Involved Worker (Children's Social Care Supervised Student)"),
            ALLOCATION_ROLE_INVOLVED_WORKER_SUPERVISED_STUDENT);
  EXPECT_EQ(FindAllocationRole("Personal Adviser"), ALLOCATION_ROLE_PERSONAL_ADVISER);
  EXPECT_FALSE(FindAllocationRole("plumber"));
}

}  // namespace
}  // namespace oversight::ctl
