#include "common/resource/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/resource/columns.h"
#include "common/resource/testing/text.h"
#include "common/testing/status_matchers.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::StatusIs;
using ::testing::HasSubstr;
using testing::Parse;

Kind KindOf(const Message& prototype, std::vector<Kind::IndexColumn> columns = {}) {
  Kind kind;
  kind.prototype = &prototype;
  kind.table = "t";
  kind.index_columns = std::move(columns);
  return kind;
}

template <typename Resource>
bool Matches(const std::string& filter, const std::string& resource) {
  static Registry registry;
  static const Kind& kind = registry.Add(KindOf(Resource::default_instance()));
  const auto parsed = Filter::Parse(kind, filter);
  EXPECT_TRUE(parsed.ok()) << filter << ": " << parsed.status();
  return parsed.ok() && parsed->Matches(Parse<Resource>(resource));
}

constexpr char kPost[] = R"(
  name: 'authorities/a/workers/w/posts/p' role_title: 'Senior "lead"' career_stage: CAREER_STAGE_ADVANCED
  full_time_equivalent: 0.8 team: 'authorities/a/teams/t' case_holding: true
  start_date { year: 2024 month: 2 day: 29 }
  external_ids { system: 'hr' id: '1' } external_ids { system: 'old' id: '2' }
  create_time { seconds: 1709164800 nanos: 500000000 })";

TEST(FilterTest, ComparesEachTypeOfField) {
  struct Case {
    const char* filter;
    bool matches;
  };
  const Case cases[] = {
      {"", true},
      {"  ", true},
      {"team = authorities/a/teams/t", true},
      {"team = \"authorities/a/teams/T\"", false},
      {"team != \"authorities/a/teams/T\"", true},
      {"role_title = 'Senior \"lead\"'", true},
      {R"(role_title = "Senior \"lead\"")", true},
      {"roleTitle:*", true},
      {"career_stage = CAREER_STAGE_ADVANCED", true},
      {"career_stage = advanced", true},
      {"career_stage = STRATEGIC", false},
      {"career_stage != STRATEGIC", true},
      {"employment_basis = UNSPECIFIED", true},
      {"full_time_equivalent = 0.8", true},
      {"full_time_equivalent < 0.8", false},
      {"full_time_equivalent <= 0.8", true},
      {"full_time_equivalent > 0.79", true},
      {"full_time_equivalent >= 0.81", false},
      {"case_holding = true", true},
      {"case_holding = false", false},
      {"start_date = 2024-02-29", true},
      {"start_date < 2024-02-29", false},
      {"start_date <= 2024-02-29", true},
      {"start_date > 2024-02-28", true},
      {"start_date >= 2024-03-01", false},
      {"start_date != 2024-02-29", false},
      {"end_date:*", false},
      {"NOT end_date:*", true},
      {"-end_date:*", true},
      {"end_date < 2030-01-01", false},
      {"end_date >= 1900-01-01", false},
      {"end_date != 2030-01-01", true},
      {"NOT end_date < 2030-01-01", true},
      {"create_time > \"2024-02-29T00:00:00.4Z\"", true},
      {"create_time <= \"2024-02-29T01:00:00.4+01:00\"", false},
      {"external_ids:*", true},
      {"start_date:*", true},
  };
  for (const Case& c : cases) EXPECT_EQ(Matches<workforce::v1::Post>(c.filter, kPost), c.matches) << c.filter;
}

TEST(FilterTest, AllComparisonsMustHold) {
  EXPECT_TRUE(Matches<workforce::v1::Post>("case_holding = true AND start_date < 2025-01-01", kPost));
  EXPECT_FALSE(Matches<workforce::v1::Post>("case_holding = true AND start_date > 2025-01-01", kPost));
  EXPECT_FALSE(Matches<workforce::v1::Post>("start_date > 2025-01-01 AND case_holding = true", kPost));
}

TEST(FilterTest, ComparisonsThroughAListAreAboutOneEntry) {
  EXPECT_TRUE(Matches<workforce::v1::Post>("external_ids.system = hr AND external_ids.id = 1", kPost));
  EXPECT_FALSE(Matches<workforce::v1::Post>("external_ids.system = hr AND external_ids.id = 2", kPost));
  EXPECT_TRUE(Matches<workforce::v1::Post>("external_ids.id = 2", kPost));
  EXPECT_FALSE(Matches<workforce::v1::Post>("NOT external_ids.system = old", kPost));
  EXPECT_TRUE(Matches<workforce::v1::Post>("NOT external_ids.system = new", kPost));
  EXPECT_TRUE(Matches<workforce::v1::Post>("external_ids.system != hr", kPost)) << "the other one";
  EXPECT_FALSE(
      Matches<workforce::v1::Post>("external_ids.system != hr", "external_ids { system: 'hr' id: '1' }"));
  constexpr char kCase[] =
      "open_periods { start_date { year: 2020 month: 1 day: 1 } end_date { year: 2021 month: 1 day: 1 } } "
      "open_periods { start_date { year: 2023 month: 1 day: 1 } }";
  EXPECT_TRUE(Matches<caseload::v1::Case>(
      "open_periods.start_date <= 2020-06-01 AND open_periods.end_date > 2020-06-01", kCase));
  EXPECT_FALSE(Matches<caseload::v1::Case>(
      "open_periods.start_date <= 2023-06-01 AND open_periods.end_date > 2023-06-01", kCase));
}

TEST(FilterTest, ListsOfPlainValuesContain) {
  constexpr char kLink[] = "elements: ELEMENT_LINE_MANAGEMENT elements: ELEMENT_LEARNING_AND_CAREER";
  EXPECT_TRUE(Matches<workforce::v1::SupervisorLink>("elements:LINE_MANAGEMENT", kLink));
  EXPECT_TRUE(Matches<workforce::v1::SupervisorLink>("elements = ELEMENT_LEARNING_AND_CAREER", kLink));
  EXPECT_FALSE(Matches<workforce::v1::SupervisorLink>("elements:CASELOAD_AND_WORKLOAD", kLink));
  EXPECT_TRUE(Matches<workforce::v1::SupervisorLink>("elements:*", kLink));
  EXPECT_FALSE(Matches<workforce::v1::SupervisorLink>("elements:*", ""));
}

TEST(FilterTest, WhatIsWrongIsNamed) {
  struct Case {
    std::string filter;
    const char* says;
  };
  const Case cases[] = {
      {"colour = red", "no field `colour`"},
      {"team.name = x", "`team` has no fields"},
      {"external_ids.colour = red", "no field `colour`"},
      {"external_ids = x", "fields of its own"},
      {"start_date = yesterday", "`start_date` must be compared with a date"},
      {"start_date = 2023-02-29", "a date"},
      {"create_time > 2024-01-01", "an instant"},
      {"career_stage = GENIUS", "`career_stage` must be compared with a value of CareerStage"},
      {"career_stage > ADVANCED", "no order"},
      {"team < x", "no order"},
      {"case_holding = yes", "true or false"},
      {"full_time_equivalent = half", "a number"},
      {"team = *", "`*` goes with `:`"},
      {"case_holding = true OR team = x", "expected AND"},
      {"(case_holding = true)", "expected a field"},
      {"case_holding", "expected =, !=, <"},
      {"case_holding =", "expected a value"},
      {"team = \"x", "does not end"},
      {"team = \"x\"y", "expected a blank"},
      {"team = x AND", "expected a field"},
      {"AND team = x", "expected =, !=, <"},
      {std::string(2001, 'x'), "at most 2000"},
  };
  Registry registry;
  const Kind& kind = registry.Add(KindOf(workforce::v1::Post::default_instance()));
  for (const Case& c : cases) {
    const auto filter = Filter::Parse(kind, c.filter);
    EXPECT_THAT(filter, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS")) << c.filter;
    EXPECT_THAT(filter.status().message(), HasSubstr(c.says)) << c.filter;
    EXPECT_THAT(testing::FieldsOf(filter.status()), ::testing::ElementsAre("filter")) << c.filter;
  }
  std::string many = "team:*";
  for (int i = 0; i < 20; ++i) many += " AND team:*";
  EXPECT_THAT(Filter::Parse(kind, many), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FilterTest, IndexColumnsNarrowTheSearchAndNothingElseDoes) {
  Registry registry;
  const Kind& kind = registry.Add(
      KindOf(workforce::v1::SupervisorLink::default_instance(),
             {TextColumn("supervisor"), DateColumn("start_date", "begin_day"), EnumColumn("function")}));
  const auto conditions = [&](const std::string& filter) {
    const auto parsed = Filter::Parse(kind, filter);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    std::vector<std::string> texts;
    for (const Condition& condition : parsed->conditions()) {
      texts.push_back(condition.column + condition.comparison);
    }
    return texts;
  };
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(conditions("supervisor = x AND start_date >= 2024-01-01 AND function = PROFESSIONAL"),
              ElementsAre("supervisor=", "begin_day>=", "function="));
  EXPECT_THAT(conditions("supervisor = \"\""), IsEmpty()) << "stored as NULL";
  EXPECT_THAT(conditions("supervisor != x AND start_date != 2024-01-01"), IsEmpty()) << "NULL differs too";
  EXPECT_THAT(conditions("NOT supervisor = x AND supervisor:* AND end_date < 2024-01-01"), IsEmpty());
}

}  // namespace
}  // namespace oversight::resource
