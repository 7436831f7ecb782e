#include "services/compliance/policy_cases/fact_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::policy_cases {
namespace {

using ::testing::HasSubstr;

// A line of its own, columns from 1.
PlacedText At(int line, const std::string& text) {
  PlacedText placed{text, {}};
  for (size_t i = 0; i < text.size(); ++i) placed.places.push_back({line, static_cast<int>(i) + 1});
  return placed;
}

struct Given {
  FactSet facts;
  std::string faults;
};

Given Lines(const std::vector<std::string>& lines, bool check_references = false) {
  Given given;
  std::vector<policy::Fault> faults;
  for (size_t i = 0; i < lines.size(); ++i) given.facts.Apply(At(static_cast<int>(i) + 1, lines[i]), faults);
  if (check_references) given.facts.CheckReferences(faults);
  for (const policy::Fault& fault : faults)
    absl::StrAppend(&given.faults, fault.line, ":", fault.column, ": ", fault.message, "\n");
  return given;
}

template <typename Message>
Message Get(const Given& given, const std::string& name) {
  EXPECT_EQ(given.faults, "");
  const auto found = given.facts.all().find(name);
  if (found == given.facts.all().end()) {
    ADD_FAILURE() << "no " << name;
    return {};
  }
  return static_cast<const Message&>(*found->second.message);
}

std::string Text(const google::type::Date& date) {
  return absl::StrCat(date.year(), "-", date.month(), "-", date.day());
}

TEST(FactSetTest, ALineGivesAResourceItsFields) {
  const Given given = Lines({
      "workers/anna employment_start_date=2022-05-02 employer='the agency'",
      "workers/anna/posts/p1 team=north career_stage=newly_qualified case_holding full_time_equivalent=0.6 "
      "working_days=monday;friday 2024-02-29..",
      "cases/c1 kind=child open_periods=2023-01-09..2023-06-01;2024-01-15..",
  });
  const auto worker = Get<workforce::v1::Worker>(given, "workers/anna");
  EXPECT_EQ(Text(worker.employment_start_date()), "2022-5-2");
  EXPECT_EQ(worker.employer(), "the agency");
  const auto post = Get<workforce::v1::Post>(given, "workers/anna/posts/p1");
  EXPECT_EQ(post.team(), "teams/north");
  EXPECT_EQ(post.career_stage(), workforce::v1::CAREER_STAGE_NEWLY_QUALIFIED);
  EXPECT_TRUE(post.case_holding());
  EXPECT_EQ(post.full_time_equivalent(), 0.6);
  EXPECT_EQ(post.working_days_size(), 2);
  EXPECT_EQ(Text(post.start_date()), "2024-2-29");
  EXPECT_FALSE(post.has_end_date());
  const auto record = Get<caseload::v1::Case>(given, "cases/c1");
  ASSERT_EQ(record.open_periods_size(), 2);
  EXPECT_EQ(Text(record.open_periods(0).end_date()), "2023-6-1");
  EXPECT_FALSE(record.open_periods(1).has_end_date());
}

TEST(FactSetTest, ALaterLineChangesWhatItGivesAndLeavesTheRest) {
  const std::string first = "sessions/s1 supervisee=anna supervisor=mona date=2024-01-31 reflective";
  const auto changed = Get<supervision::v1::Session>(
      Lines({first, "sessions/s1 date=2024-02-01 reflective=no supervisor="}), "sessions/s1");
  EXPECT_EQ(Text(changed.date()), "2024-2-1");
  EXPECT_EQ(changed.supervisee(), "workers/anna");
  EXPECT_EQ(changed.supervisor(), "");
  EXPECT_FALSE(changed.reflective());

  const auto copied = Get<supervision::v1::Session>(
      Lines({first, "sessions/s2 like=sessions/s1 date=2024-02-14"}), "sessions/s2");
  EXPECT_EQ(Text(copied.date()), "2024-2-14");
  EXPECT_EQ(copied.supervisor(), "workers/mona");
}

TEST(FactSetTest, WhatIsTakenAwayTakesWhatLiesBeneathAlong) {
  const Given given =
      Lines({"sessions/s1", "sessions/s1/caseDiscussions/d1", "sessions/s10", "-sessions/s1"});
  EXPECT_EQ(given.faults, "");
  EXPECT_EQ(given.facts.Names(), std::vector<std::string>{"sessions/s10"});
}

TEST(FactSetTest, TheDayOfAnInstantFollowsInLondon) {
  const auto winter = Get<supervision::v1::Session>(
      Lines({"sessions/s1 start_time=2024-01-31T23:30Z agenda_shared_time=2024-01-31T09:00Z"}),
      "sessions/s1");
  EXPECT_EQ(Text(winter.date()), "2024-1-31");
  EXPECT_EQ(Text(winter.agenda_shared_date()), "2024-1-31");
  // Half past eleven in the evening, in UTC, is the next day in summer.
  const auto summer =
      Get<supervision::v1::Session>(Lines({"sessions/s1 start_time=2024-06-30T23:30Z"}), "sessions/s1");
  EXPECT_EQ(Text(summer.date()), "2024-7-1");
  EXPECT_EQ(
      Get<supervision::v1::Session>(Lines({"sessions/s1 start_time=2024-07-01T00:30+01:00"}), "sessions/s1")
          .start_time()
          .seconds(),
      summer.start_time().seconds());
  EXPECT_EQ(Lines({"sessions/s1 start_time=2024-06-30T23:30Z date=2024-06-30"}).faults,
            "1:1: `date` is not the day of `start_time`, 2024-07-01: expected the instant as well, or "
            "`start_time=` to clear it\n");
}

TEST(FactSetTest, EveryFaultSaysWhereAndWhatWouldBeRight) {
  const std::pair<std::string, std::string> lines[] = {
      {"wrokers/anna", "1:1: `wrokers/anna` names no kind of resource"},
      {"workers", "1:1: `workers` names no kind of resource"},
      {"workers/anna/", "1:1: `workers/anna/` names no kind of resource"},
      {"sessions/s1 dat=2024-01-31", "1:13: a Session has no field `dat`: did you mean `date`?"},
      {"sessions/s1 date=2024-02-30", "1:18: `date`: "},
      {"sessions/s1 date", "1:13: no value for `date`"},
      {"sessions/s1 kind=formal", "1:18: `kind`: `formal` is unknown: "},
      {"sessions/s1 reflective=perhaps", "1:24: `reflective`: `perhaps`: expected yes or no"},
      {"sessions/s1 uninterrupted_minutes=1.5",
       "1:35: `uninterrupted_minutes`: `1.5`: expected a whole number"},
      {"sessions/s1 start_time=2024-01-31", "1:24: `start_time`: `2024-01-31`: expected an instant"},
      {"sessions/s1 supervisor=cases/c1",
       "1:24: `supervisor`: `cases/c1`: expected the name of a Worker, workers/{worker}"},
      {"sessions/s1/caseDiscussions/d1 matters=m1",
       "1:40: `matters`: `m1`: expected the name of a Matter, "
       "cases/{case}/matters/{matter}"},
      {"workers/anna/absences/a day=2024-01-31", "1:25: an Absence has no field `day`"},
      {"sessions/s1 2024-01-01..", "1:13: a Session has no `start_date` and `end_date`"},
      {"sessions/s1 cancellation_reason='ill", "1:33: this quote does not end"},
      {"sessions/s1 like=sessions/s2", "1:13: there is no `sessions/s2`"},
      {"-sessions/s1", "1:1: there is no `sessions/s1` to take away"},
      {"cases/c1 open_periods=2024-01-15", "1:23: `open_periods`: `2024-01-15`: expected"},
      {"", "1:1: an empty fact"},
  };
  for (const auto& [line, fault] : lines) EXPECT_THAT(Lines({line}).faults, HasSubstr(fault)) << line;
}

TEST(FactSetTest, WhatIsReferredToMustBeThere) {
  EXPECT_EQ(
      Lines({"workers/mona", "workers/anna", "workers/anna/supervisorLinks/1 supervisor=mona", "authority"},
            true)
          .faults,
      "");
  EXPECT_EQ(Lines({"workers/mona", "sessions/s1 date=2024-01-31 supervisor=monna",
                   "cases/c1/statusPeriods/1 status=child_in_need", "sessions/s1/caseDiscussions/1 case=c2"},
                  true)
                .faults,
            "3:1: there is no `cases/c1` among the facts\n"
            "2:29: there is no `workers/monna` among the facts: did you mean `workers/mona`?\n"
            "4:31: there is no `cases/c2` among the facts\n");
}

}  // namespace
}  // namespace oversight::policy_cases
