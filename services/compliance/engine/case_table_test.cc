// knowsley.case-discussion, as a practice supervisor would check it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/table_for_test.h"

namespace oversight::engine::testing {
namespace {

void Check(absl::string_view facts, const std::vector<Expected>& table) {
  for (const Expected& line : table) {
    EXPECT_EQ(Judged(KnowsleyRule("case-discussion"), facts, "c1", line.as_of), std::string(line.finding))
        << "as of " << std::string(line.as_of) << "\n"
        << std::string(facts);
  }
}

// Anna holds the case; mona supervises her.
constexpr absl::string_view kHeld = R"(
    worker anna
    supervisor anna mona 2022-05-02..
    case c1 2024-01-15..
    allocation c1 anna keyworker 2024-01-15..
)";

std::string Case(absl::string_view more) { return absl::StrCat(std::string(kHeld), std::string(more)); }

// The row that governs on a day, in one word; `none` when the rule does not apply.
std::string RowOn(absl::string_view facts, absl::string_view day) {
  const std::string judged = Judged(KnowsleyRule("case-discussion"), facts, "c1", day);
  if (judged == "none") return judged;
  const size_t space = judged.find(' ');
  return judged.substr(space + 1, judged.find(',') - space - 1);
}

TEST(CaseTableTest, FirstAndLastDayOfEveryStatus) {
  const std::pair<absl::string_view, absl::string_view> rows[] = {
      {"child-in-need", "child-in-need"},
      {"child-protection", "child-protection"},
      {"pre-proceedings", "pre-proceedings"},
      {"public-law-proceedings", "public-law-proceedings"},
      // The policy names no frequency for these.
      {"assessment", "none"},
      {"care-leaver", "none"},
      {"family-placement", "none"},
  };
  for (const auto& [status, row] : rows) {
    const std::string facts =
        Case(absl::StrCat("status c1 ", std::string(status), " 2024-02-29..2024-08-31"));
    EXPECT_EQ(RowOn(facts, "2024-02-28"), "none") << std::string(status);
    EXPECT_EQ(RowOn(facts, "2024-02-29"), std::string(row));
    EXPECT_EQ(RowOn(facts, "2024-08-30"), std::string(row));
    EXPECT_EQ(RowOn(facts, "2024-08-31"), "none") << std::string(status);
  }
}

TEST(CaseTableTest, FirstAndLastDayOfEveryPlacement) {
  for (const absl::string_view type : {"with-parents", "for-adoption"}) {
    const std::string facts = Case(absl::StrCat("status c1 looked-after 2024-02-01..\n placement c1 ",
                                                std::string(type), " home 2024-02-29..2024-12-31"));
    const std::string row = type == "with-parents" ? "placed-with-parents" : "placed-for-adoption";
    EXPECT_EQ(RowOn(facts, "2024-02-28"), "looked-after-elsewhere");
    EXPECT_EQ(RowOn(facts, "2024-02-29"), row);
    EXPECT_EQ(RowOn(facts, "2024-12-30"), row);
    EXPECT_EQ(RowOn(facts, "2024-12-31"), "looked-after-elsewhere");
  }
  const std::pair<absl::string_view, std::string> kinds[] = {{"foster", "foster-care"},
                                                             {"residential", "residential"}};
  for (const auto& [type, row] : kinds) {
    // 30 November and three months is 29 February, 31 January and three months 30 April.
    const std::string leap = Case(absl::StrCat("status c1 looked-after 2023-11-30..\n placement c1 ",
                                               std::string(type), " home 2023-11-30.."));
    EXPECT_EQ(RowOn(leap, "2024-02-28"), row + "-first-3-months");
    EXPECT_EQ(RowOn(leap, "2024-02-29"), row + "-to-permanence");
    const std::string facts =
        Case(absl::StrCat("status c1 looked-after 2025-01-31..\n placement c1 ", std::string(type),
                          " home 2025-01-31..2026-01-01 permanent 2025-09-01"));
    EXPECT_EQ(RowOn(facts, "2025-01-30"), "none");
    EXPECT_EQ(RowOn(facts, "2025-01-31"), row + "-first-3-months");
    EXPECT_EQ(RowOn(facts, "2025-04-29"), row + "-first-3-months");
    EXPECT_EQ(RowOn(facts, "2025-04-30"), row + "-to-permanence");
    EXPECT_EQ(RowOn(facts, "2025-08-31"), row + "-to-permanence");
    EXPECT_EQ(RowOn(facts, "2025-09-01"), row + "-stable");
    EXPECT_EQ(RowOn(facts, "2025-12-31"), row + "-stable");
    EXPECT_EQ(RowOn(facts, "2026-01-01"), "looked-after-elsewhere");
  }
}

TEST(CaseTableTest, PermanenceWithinTheFirstThreeMonthsWaitsForTheirEnd) {
  const std::string facts = Case(
      "status c1 looked-after 2025-01-31..\n placement c1 foster home 2025-01-31.. permanent 2025-02-15");
  EXPECT_EQ(RowOn(facts, "2025-04-29"), "foster-care-first-3-months");
  EXPECT_EQ(RowOn(facts, "2025-04-30"), "foster-care-stable");
}

TEST(CaseTableTest, ANewPlacementIsAChangeOfCarerNotOfLegalStatusNorRespite) {
  const auto row = [](absl::string_view placements, absl::string_view day) {
    return RowOn(Case(absl::StrCat("status c1 looked-after 2024-02-01..\n", std::string(placements))), day);
  };
  // Another record with the same carer.
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..2025-01-01\n placement c1 foster jo 2025-01-01..",
                "2025-01-15"),
            "foster-care-to-permanence");
  // A respite stay in between, or at the same time.
  EXPECT_EQ(row(R"(placement c1 foster jo 2024-02-01..2025-01-01
                   placement c1 foster kim 2025-01-01..2025-01-11 respite
                   placement c1 foster jo 2025-01-11..)",
                "2025-01-15"),
            "foster-care-to-permanence");
  EXPECT_EQ(row(R"(placement c1 foster jo 2024-02-01..2025-01-01
                   placement c1 foster kim 2025-01-01..2025-01-11 respite
                   placement c1 foster jo 2025-01-11..)",
                "2025-01-05"),
            "foster-care-to-permanence");
  EXPECT_EQ(
      row("placement c1 foster jo 2024-02-01..\n placement c1 foster kim 2025-01-01..2025-01-20 respite",
          "2025-01-15"),
      "foster-care-to-permanence");
  // Another carer, the same again after a break, or a carer not known.
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..2025-01-01\n placement c1 foster kim 2025-01-01..",
                "2025-01-15"),
            "foster-care-first-3-months");
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..2025-01-01\n placement c1 foster jo 2025-01-02..",
                "2025-01-15"),
            "foster-care-first-3-months");
  EXPECT_EQ(
      row("placement c1 foster unknown 2024-02-01..2025-01-01\n placement c1 foster unknown 2025-01-01..",
          "2025-01-15"),
      "foster-care-first-3-months");
  // Permanence reached under the earlier record holds on with the same carer, not with another.
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..2025-01-01 permanent 2024-09-01\n placement c1 foster jo "
                "2025-01-01..",
                "2025-01-15"),
            "foster-care-stable");
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..2025-01-01 permanent 2024-09-01\n placement c1 foster "
                "kim 2025-01-01..",
                "2025-05-01"),
            "foster-care-to-permanence");
}

TEST(CaseTableTest, AChangeOfAddressWithTheSameCarerIsANewPlacement) {
  const auto row = [](absl::string_view placements, absl::string_view day) {
    return RowOn(Case(absl::StrCat("status c1 looked-after 2024-02-01..\n", std::string(placements))), day);
  };
  constexpr absl::string_view kMoved =
      "placement c1 foster jo 2024-02-01..2025-01-01\n placement c1 foster jo 2025-01-01.. new-address";
  EXPECT_EQ(row(kMoved, "2024-12-31"), "foster-care-to-permanence");
  EXPECT_EQ(row(kMoved, "2025-01-01"), "foster-care-first-3-months");
  EXPECT_EQ(row(kMoved, "2025-03-31"), "foster-care-first-3-months");
  EXPECT_EQ(row(kMoved, "2025-04-01"), "foster-care-to-permanence");
  // They stay at that address: a later record that says nothing of it goes on.
  EXPECT_EQ(row(R"(placement c1 foster jo 2024-02-01..2025-01-01
                   placement c1 foster jo 2025-01-01..2025-02-01 new-address
                   placement c1 foster jo 2025-02-01..)",
                "2025-04-01"),
            "foster-care-to-permanence");
  // A plan implemented at the former address is not the new placement's.
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..2025-01-01 permanent 2024-09-01\n"
                "placement c1 foster jo 2025-01-01.. new-address",
                "2025-04-01"),
            "foster-care-to-permanence");
  // The child comes out of respite to the new address: placed there from that day, and as before until then.
  constexpr absl::string_view kOverRespite = R"(placement c1 foster jo 2024-02-01..2025-01-01
                   placement c1 foster kim 2025-01-01..2025-01-11 respite
                   placement c1 foster jo 2025-01-11.. new-address)";
  EXPECT_EQ(row(kOverRespite, "2025-01-10"), "foster-care-to-permanence");
  EXPECT_EQ(row(kOverRespite, "2025-01-11"), "foster-care-first-3-months");
  // Respite at another address is no placement.
  EXPECT_EQ(row("placement c1 foster jo 2024-02-01..\n"
                "placement c1 foster kim 2025-01-01..2025-01-20 respite new-address",
                "2025-01-10"),
            "foster-care-to-permanence");
}

TEST(CaseTableTest, LookedAfterElsewhereIsUnknownNeverSilent) {
  Check(
      Case("status c1 looked-after 2025-01-06..\n placement c1 other hostel 2025-01-06.."),
      {{"2025-01-05", "none"}, {"2025-06-01", "UNKNOWN looked-after-elsewhere, from 2025-01-06, due never"}});
  // In need as well: that row holds.
  Check(Case("status c1 looked-after 2025-01-06..\n status c1 child-in-need 2025-01-06.."),
        {{"2025-01-07", "PENDING child-in-need, from 2025-01-06, due 2025-03-06"}});
  // What was missed before stays overdue; what was not yet due then cannot be judged.
  const std::string moved = Case(R"(
    status c1 looked-after 2024-02-01..
    placement c1 foster jo 2024-02-01..2025-03-01
    placement c1 other hostel 2025-03-01..
    discussed c1 anna mona )");
  Check(moved + "2024-12-15", {{"2025-03-10",
                                "OVERDUE looked-after-elsewhere, from 2024-12-15, due 2025-02-15, "
                                "23 days overdue"}});
  Check(moved + "2025-01-15",
        {{"2025-04-10", "UNKNOWN looked-after-elsewhere, from 2025-01-15, due 2025-03-15"}});
}

TEST(CaseTableTest, TheShortestRowWins) {
  Check(Case(R"(
    status c1 looked-after 2024-02-01..
    placement c1 foster jo 2024-02-01.. permanent 2024-06-01
    status c1 child-protection 2024-02-01..2025-02-01
    discussed c1 anna mona 2024-12-31)"),
        {{"2025-01-10", "MET child-protection, from 2024-12-31, due 2025-03-31"},
         {"2025-02-01", "MET foster-care-stable, from 2024-12-31, due 2025-03-31"}});
}

TEST(CaseTableTest, ReducedFrequencyNeedsAllThatThePolicyAsks) {
  const auto row = [](absl::string_view team, absl::string_view agreement) {
    return RowOn(absl::StrCat(R"(
    team cwd children-with-disabilities
    team cin child-in-need
    case c1 2024-01-15..
    status c1 child-in-need 2024-01-15..
    allocation c1 anna keyworker 2024-01-15.. team )",
                              std::string(team), "\n", std::string(agreement)),
                 "2025-03-01");
  };
  const absl::string_view agreed = "agreement c1 direct-payments-only by mona on 2025-02-20 2025-03-01..";
  EXPECT_EQ(row("cwd", agreed), "reduced-frequency");
  EXPECT_EQ(row("cwd", "agreement c1 support-only no-deficits by mona on 2025-02-20 2025-03-01.."),
            "reduced-frequency");
  EXPECT_EQ(row("cwd", "agreement c1 support-only by mona on 2025-02-20 2025-03-01.."), "child-in-need");
  EXPECT_EQ(row("cwd", "agreement c1 direct-payments-only at-risk by mona on 2025-02-20 2025-03-01.."),
            "child-in-need");
  EXPECT_EQ(row("cwd", "agreement c1 direct-payments-only on 2025-02-20 2025-03-01.."), "child-in-need");
  EXPECT_EQ(row("cwd", "agreement c1 direct-payments-only by mona 2025-03-01.."), "child-in-need");
  // Agreed only later, ended on the day, or the case of another team.
  EXPECT_EQ(row("cwd", "agreement c1 direct-payments-only by mona on 2025-03-02 2025-03-01.."),
            "child-in-need");
  EXPECT_EQ(row("cwd", "agreement c1 direct-payments-only by mona on 2025-02-20 2025-02-20..2025-03-01"),
            "child-in-need");
  EXPECT_EQ(row("cin", agreed), "child-in-need");
  EXPECT_EQ(row("cwd", ""), "child-in-need");
}

TEST(CaseTableTest, AReducedFrequencyYieldsToAStricterStatus) {
  EXPECT_EQ(RowOn(R"(
    team cwd children-with-disabilities
    case c1 2024-01-15..
    status c1 child-in-need 2024-01-15..
    status c1 child-protection 2025-02-01..
    allocation c1 anna keyworker 2024-01-15.. team cwd
    agreement c1 direct-payments-only by mona on 2025-01-01 2025-01-01..)",
                  "2025-03-01"),
            "child-protection");
}

TEST(CaseTableTest, WhichDiscussionsCount) {
  const auto with = [](absl::string_view more) {
    return Case(absl::StrCat(R"(
    worker carl
    supervisor carl mona 2022-05-02..
    case c2 2024-01-15..
    status c1 child-in-need 2024-01-15..
    discussed c1 anna mona 2025-01-10
    )",
                             std::string(more)));
  };
  for (const absl::string_view counts : {
           "discussed c1 anna mona 2025-03-03",
           "supervisor anna nina cover 2025-03-01..2025-03-04\n discussed c1 anna nina 2025-03-03",
           // With the one who covers for the keyworker.
           "allocation c1 carl coworker 2025-03-01..2025-03-04 cover\n discussed c1 carl mona 2025-03-03",
           "allocation c1 carl personal-adviser 2025-03-01.. \n discussed c1 carl mona 2025-03-03",
           "allocation c1 carl supervising-social-worker 2025-03-01.. \n discussed c1 carl mona 2025-03-03",
       }) {
    Check(with(counts), {{"2025-03-20", "MET child-in-need, from 2025-03-03, due 2025-05-03"}});
  }
  for (const absl::string_view does_not : {
           "discussed c2 anna mona 2025-03-03",  // a sibling
           "session anna mona 2025-03-03",
           "discussed c1 anna mona 2025-03-03 group",
           "discussed c1 anna mona 2025-03-03 professional",
           "discussed c1 anna mona 2025-03-03 cancelled",
           "discussed c1 anna nina 2025-03-03",
           "discussed c1 carl mona 2025-03-03",
           "allocation c1 carl involved 2025-03-01.. \n discussed c1 carl mona 2025-03-03",
           "allocation c1 carl coworker 2025-03-01..2025-03-03 cover\n discussed c1 carl mona 2025-03-03",
       }) {
    Check(with(does_not),
          {{"2025-03-20", "OVERDUE child-in-need, from 2025-01-10, due 2025-03-10, 10 days overdue"}});
  }
}

TEST(CaseTableTest, ANewKeyworkerStartsNoNewClock) {
  Check(R"(
    worker anna
    worker carl
    supervisor anna mona 2022-05-02..
    supervisor carl mona 2022-05-02..
    case c1 2024-01-15..
    status c1 child-in-need 2024-01-15..
    allocation c1 anna keyworker 2024-01-15..2025-02-01
    allocation c1 carl keyworker 2025-02-01..
    discussed c1 anna mona 2025-01-10)",
        {{"2025-02-01", "MET child-in-need, from 2025-01-10, due 2025-03-10"}});
}

TEST(CaseTableTest, CaseDatesNeverMove) {
  // 25 December and a Saturday; the worker's absence excuses nothing.
  Check(Case("status c1 child-in-need 2024-01-15..\n discussed c1 anna mona 2024-10-25\n away anna "
             "2024-12-01.."),
        {{"2024-12-25", "DUE_SOON child-in-need, from 2024-10-25, due 2024-12-25"},
         {"2024-12-26", "OVERDUE child-in-need, from 2024-10-25, due 2024-12-25, 1 days overdue"}});
  Check(Case("status c1 child-in-need 2024-01-15..\n discussed c1 anna mona 2025-01-15"),
        {{"2025-03-16", "OVERDUE child-in-need, from 2025-01-15, due 2025-03-15, 1 days overdue"}});
  // 31 December + 2 months, in a leap year and not.
  Check(Case("status c1 child-in-need 2024-01-15..\n discussed c1 anna mona 2024-12-31"),
        {{"2025-01-10", "MET child-in-need, from 2024-12-31, due 2025-02-28"}});
  Check("case c1 2023-01-01..\n status c1 child-in-need 2023-01-01..",
        {{"2024-01-01", "PENDING child-in-need, from 2024-01-01, due 2024-03-01"}});
}

TEST(CaseTableTest, ClosedAndReopened) {
  const auto opened = [](absl::string_view periods) {
    return absl::StrCat(R"(
    worker anna
    supervisor anna mona 2022-05-02..
    allocation c1 anna keyworker 2024-01-15..
    status c1 child-in-need 2024-01-15..
    discussed c1 anna mona 2025-01-10
    case c1 )",
                        std::string(periods));
  };
  // Closed after the date had passed: no finding any more.
  Check(opened("2024-01-15..2025-03-17"),
        {{"2025-03-16", "OVERDUE child-in-need, from 2025-01-10, due 2025-03-10, 6 days overdue"},
         {"2025-03-17", "none"}});
  // Known to close before the date comes: nothing is due.
  Check(opened("2024-01-15..2025-03-09"), {{"2025-03-08", "MET child-in-need, from 2025-01-10, due never"}});
  // Reopened within five working days, and after six.
  Check(opened("2024-01-15..2025-02-03 2025-02-10.."),
        {{"2025-02-05", "none"}, {"2025-02-10", "MET child-in-need, from 2025-01-10, due 2025-03-10"}});
  Check(opened("2024-01-15..2025-02-03 2025-02-11.."),
        {{"2025-02-11", "PENDING child-in-need, from 2025-02-11, due 2025-04-11"}});
}

TEST(CaseTableTest, ADeadlineThatHasPassedStaysOverdue) {
  // Monthly until 1 February, every two months after.
  Check(Case(R"(
    status c1 pre-proceedings 2024-02-01..2025-02-01
    status c1 child-in-need 2024-02-01..
    discussed c1 anna mona 2024-12-20)"),
        {{"2025-01-31", "OVERDUE pre-proceedings, from 2024-12-20, due 2025-01-20, 11 days overdue"},
         {"2025-02-10", "OVERDUE child-in-need, from 2024-12-20, due 2025-01-20, 21 days overdue"}});
}

// The design's example: every three months from 1 May; monthly from 20 June; every two months from 15 July.
TEST(CaseTableTest, WorkedExampleOfTheDesign) {
  const absl::string_view stable = R"(
    status c1 looked-after 2024-01-15..
    placement c1 foster jo 2024-01-15.. permanent 2024-06-01
    discussed c1 anna mona 2025-05-01
    )";
  // As it was known before 15 July.
  const std::string step_up =
      Case(absl::StrCat(std::string(stable), "status c1 pre-proceedings 2025-06-20.."));
  Check(step_up, {{"2025-06-19", "MET foster-care-stable, from 2025-05-01, due 2025-07-20"},
                  {"2025-06-20", "MET pre-proceedings, from 2025-05-01, due 2025-07-20"},
                  {"2025-07-13", "DUE_SOON pre-proceedings, from 2025-05-01, due 2025-07-20"}});
  const std::string step_down = Case(absl::StrCat(std::string(stable), R"(
    status c1 pre-proceedings 2025-06-20..2025-07-15
    status c1 child-in-need 2025-07-15..)"));
  Check(step_down,
        {{"2025-07-15", "MET child-in-need, from 2025-05-01, due 2025-08-01"},
         {"2025-08-02", "OVERDUE child-in-need, from 2025-05-01, due 2025-08-01, 1 days overdue"}});
  // Before anything changed.
  Check(Case(stable), {{"2025-06-01", "MET foster-care-stable, from 2025-05-01, due 2025-08-01"}});
}

}  // namespace
}  // namespace oversight::engine::testing
