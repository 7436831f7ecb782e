#include "services/oversightctl/import/statuses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace oversight::ctl {
namespace {

Period From(const std::string& start, const std::string& end = "") {
  return {*CivilDay::Parse(start), end.empty() ? CivilDay::Max() : *CivilDay::Parse(end)};
}

DatedRow Row(const std::string& id, const Period& period) { return {"table", id, {"file.csv", 2}, period}; }

LegalStatusRow Legal(const std::string& id, const std::string& code, const Period& period) {
  return {Row(id, period), *FindLegalStatusCode(code)};
}

std::string ToText(const Period& period) {
  return absl::StrCat(period.start.ToString(), "..", period.Open() ? "" : period.end.ToString());
}

// `child-in-need-e1 2024-01-01..2024-03-01, ...`, without the status where the id begins with it.
std::string StatusText(const DerivedCase& derived) {
  return absl::StrJoin(derived.statuses, ", ", [](std::string* out, const DerivedStatus& status) {
    absl::StrAppend(out, status.id, " ", ToText(status.period));
  });
}

std::string OpenText(const DerivedCase& derived) {
  return absl::StrJoin(derived.open, ", ",
                       [](std::string* out, const Period& period) { out->append(ToText(period)); });
}

struct StatusCase {
  const char* what;
  CaseRows rows;
  const char* statuses;
  const char* open;
};

TEST(StatusesTest, AreDerivedFromTheRows) {
  const std::vector<StatusCase> cases = {
      {"an open episode is a child in need",
       {.episodes = {Row("e1", From("2024-01-10"))}},
       "child-in-need-e1 2024-01-10..",
       "2024-01-10.."},
      {"reopened after closing",
       {.episodes = {Row("e2", From("2024-06-01")), Row("e1", From("2024-01-10", "2024-03-01"))}},
       "child-in-need-e1 2024-01-10..2024-03-01, child-in-need-e2 2024-06-01..",
       "2024-01-10..2024-03-01, 2024-06-01.."},
      {"closed on the day it was opened: never open",
       {.episodes = {Row("e1", From("2024-01-10", "2024-01-10"))}},
       "",
       ""},
      {"a protection plan takes its stretch out of child in need",
       {.episodes = {Row("e1", From("2024-01-10"))},
        .cp_plans = {Row("p1", From("2024-02-01", "2024-05-01"))}},
       "child-in-need-e1 2024-01-10..2024-02-01, child-protection-p1 2024-02-01..2024-05-01, "
       "child-in-need-e1.2 2024-05-01..",
       "2024-01-10.."},
      {"a plan from the first day leaves no empty stretch",
       {.episodes = {Row("e1", From("2024-01-10", "2024-05-01"))},
        .cp_plans = {Row("p1", From("2024-01-10", "2024-05-01"))}},
       "child-protection-p1 2024-01-10..2024-05-01",
       "2024-01-10..2024-05-01"},
      {"a child in need plan holds beside a protection plan",
       {.episodes = {Row("e1", From("2024-01-10"))},
        .cin_plans = {Row("n1", From("2024-02-15", "2024-03-15"))},
        .cp_plans = {Row("p1", From("2024-02-01", "2024-05-01"))}},
       "child-in-need-e1 2024-01-10..2024-02-01, child-protection-p1 2024-02-01..2024-05-01, "
       "child-in-need-n1 2024-02-15..2024-03-15, child-in-need-e1.2 2024-05-01..",
       "2024-01-10.."},
      {"legal statuses that adjoin are one looked-after period",
       {.legal_statuses = {Legal("l2", "C2", From("2024-04-01")),
                           Legal("l1", "V2", From("2024-01-10", "2024-04-01"))}},
       "looked-after-l1 2024-01-10..",
       "2024-01-10.."},
      {"a gap between them parts it",
       {.legal_statuses = {Legal("l1", "V2", From("2024-01-10", "2024-03-01")),
                           Legal("l2", "V2", From("2024-03-02"))}},
       "looked-after-l1 2024-01-10..2024-03-01, looked-after-l2 2024-03-02..",
       "2024-01-10..2024-03-01, 2024-03-02.."},
      {"short breaks are not looked after",
       {.episodes = {Row("e1", From("2024-01-10"))},
        .legal_statuses = {Legal("l1", "V4", From("2024-02-01"))}},
       "child-in-need-e1 2024-01-10..",
       "2024-01-10.."},
      {"looked after ends on the 18th birthday",
       {.legal_statuses = {Legal("l1", "C2", From("2020-01-10"))},
        .eighteenth_birthday = CivilDay(2024, 2, 29)},
       "looked-after-l1 2020-01-10..2024-02-29",
       "2020-01-10..2024-02-29"},
      {"an interim care order is also public law proceedings",
       {.legal_statuses = {Legal("l1", "C1", From("2024-01-10", "2024-07-01")),
                           Legal("l2", "C2", From("2024-07-01"))}},
       "public-law-proceedings-l1 2024-01-10..2024-07-01, looked-after-l1 2024-01-10..",
       "2024-01-10.."},
      {"pre-proceedings until the step down",
       {.episodes = {Row("e1", From("2024-01-10"))},
        .pre_proceedings = {{Row("q1", From("2024-02-01", "2024-05-01")), std::nullopt}}},
       "child-in-need-e1 2024-01-10..2024-02-01, pre-proceedings-q1 2024-02-01..2024-05-01, "
       "child-in-need-e1.2 2024-05-01..",
       "2024-01-10.."},
      {"to court, then an interim order, then the care order",
       {.episodes = {Row("e1", From("2024-01-10"))},
        .legal_statuses = {Legal("l1", "C1", From("2024-06-01", "2024-09-01")),
                           Legal("l2", "C2", From("2024-09-01"))},
        .pre_proceedings = {{Row("q1", From("2024-02-01")), CivilDay(2024, 5, 1)}}},
       "child-in-need-e1 2024-01-10..2024-02-01, pre-proceedings-q1 2024-02-01..2024-05-01, "
       "public-law-proceedings-q1 2024-05-01..2024-09-01, looked-after-l1 2024-06-01..",
       "2024-01-10.."},
      {"to court without an order: until the episode closes",
       {.episodes = {Row("e1", From("2024-01-10", "2024-08-01"))},
        .pre_proceedings = {{Row("q1", From("2024-02-01")), CivilDay(2024, 5, 1)}}},
       "child-in-need-e1 2024-01-10..2024-02-01, pre-proceedings-q1 2024-02-01..2024-05-01, "
       "public-law-proceedings-q1 2024-05-01..2024-08-01",
       "2024-01-10..2024-08-01"},
      {"a care leaver since care ended",
       {.legal_statuses = {Legal("l1", "C2", From("2020-01-10"))},
        .care_leaver = {{Row("c1", {}), CivilDay(2024, 5, 1)}},
        .eighteenth_birthday = CivilDay(2024, 2, 29)},
       "looked-after-l1 2020-01-10..2024-02-29, care-leaver-c1 2024-02-29..",
       "2020-01-10.."},
      {"not a care leaver while looked after",
       {.legal_statuses = {Legal("l1", "C2", From("2020-01-10"))},
        .care_leaver = {{Row("c1", {}), std::nullopt}}},
       "looked-after-l1 2020-01-10..",
       "2020-01-10.."},
      {"a care leaver without legal status: since the episode of the latest contact",
       {.episodes = {Row("e1", From("2023-01-10"))}, .care_leaver = {{Row("c1", {}), CivilDay(2024, 5, 1)}}},
       "care-leaver-c1 2023-01-10..",
       "2023-01-10.."},
      {"else since the latest contact",
       {.care_leaver = {{Row("c1", {}), CivilDay(2024, 5, 1)}}},
       "care-leaver-c1 2024-05-01..",
       "2024-05-01.."},
      {"looked after outside an episode keeps the case open",
       {.episodes = {Row("e1", From("2024-01-10", "2024-02-01"))},
        .legal_statuses = {Legal("l1", "V2", From("2024-01-20", "2024-06-01"))}},
       "child-in-need-e1 2024-01-10..2024-01-20, looked-after-l1 2024-01-20..2024-06-01",
       "2024-01-10..2024-06-01"},
  };
  for (const StatusCase& c : cases) {
    SCOPED_TRACE(c.what);
    const DerivedCase derived = DeriveStatuses(c.rows);
    EXPECT_EQ(StatusText(derived), c.statuses);
    EXPECT_EQ(OpenText(derived), c.open);
    EXPECT_TRUE(derived.undated.empty());
  }
}

TEST(StatusesTest, NamesTheKindOfCase) {
  EXPECT_EQ(DeriveStatuses({.episodes = {Row("e1", From("2024-01-10"))}}).kind,
            caseload::v1::Case::KIND_CHILD);
  const CaseRows leaver{.legal_statuses = {Legal("l1", "C2", From("2020-01-10", "2024-01-01"))},
                        .care_leaver = {{Row("c1", {}), std::nullopt}}};
  EXPECT_EQ(DeriveStatuses(leaver).kind, caseload::v1::Case::KIND_CARE_LEAVER);
}

TEST(StatusesTest, SaysWhenNothingTellsSinceWhenSomeoneIsACareLeaver) {
  const DerivedCase derived = DeriveStatuses({.care_leaver = {{Row("c1", {}), std::nullopt}}});
  ASSERT_EQ(derived.undated.size(), 1u);
  EXPECT_EQ(derived.undated[0].id, "c1");
}

TEST(StatusesTest, KeepsEveryRowOfWhichAPeriodIsMade) {
  const DerivedCase derived =
      DeriveStatuses({.legal_statuses = {Legal("l1", "V2", From("2024-01-10", "2024-04-01")),
                                         Legal("l2", "V2", From("2024-04-01"))}});
  ASSERT_EQ(derived.statuses.size(), 1u);
  ASSERT_EQ(derived.statuses[0].rows.size(), 2u);
  EXPECT_EQ(derived.statuses[0].rows[0].id, "l1");
  EXPECT_EQ(derived.statuses[0].rows[1].id, "l2");
}

}  // namespace
}  // namespace oversight::ctl
