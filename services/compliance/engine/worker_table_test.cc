// knowsley.supervision-frequency, as a practice supervisor would check it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/table_for_test.h"
#include "services/compliance/engine/world.h"

namespace oversight::engine::testing {
namespace {

void Check(absl::string_view facts, absl::string_view worker, const std::vector<Expected>& table) {
  for (const Expected& line : table) {
    EXPECT_EQ(Judged(KnowsleyRule("supervision-frequency"), facts, worker, line.as_of),
              std::string(line.finding))
        << "as of " << std::string(line.as_of) << "\n"
        << std::string(facts);
  }
}

// A social worker who started on a Monday long ago.
constexpr absl::string_view kBen = R"(
    worker ben employed 2022-05-02
    post ben social-worker 2022-05-02..
    supervisor ben mona 2022-05-02..)";

TEST(WorkerTableTest, FirstYearStepsDownAfterSixAndTwelveWeeks) {
  Check(R"(
    worker anna employed 2025-01-06
    post anna newly-qualified 2025-01-06..
    asye anna 2025-01-06..2026-01-06
    supervisor anna mona 2025-01-06..
    session anna mona 2025-01-13
    session anna mona 2025-02-14
    session anna mona 2025-03-28
    session anna mona 2025-12-29)",
        "anna",
        {
            {"2025-01-05", "none"},
            {"2025-01-06", "PENDING asye-weeks-1-6, from 2025-01-06, due 2025-01-13"},
            {"2025-01-10", "PENDING asye-weeks-1-6, from 2025-01-06, due 2025-01-13"},
            // Two days of notice for a weekly obligation; the session of the 13th is held that day.
            {"2025-01-11", "DUE_SOON asye-weeks-1-6, from 2025-01-06, due 2025-01-13"},
            {"2025-01-12", "DUE_SOON asye-weeks-1-6, from 2025-01-06, due 2025-01-13"},
            {"2025-01-13", "MET asye-weeks-1-6, from 2025-01-13, due 2025-01-20"},
            {"2025-01-20", "DUE_SOON asye-weeks-1-6, from 2025-01-13, due 2025-01-20"},
            {"2025-01-21", "OVERDUE asye-weeks-1-6, from 2025-01-13, due 2025-01-20, 1 days overdue"},
            {"2025-02-13", "OVERDUE asye-weeks-1-6, from 2025-01-13, due 2025-01-20, 24 days overdue"},
            // The last day of the six weeks, and the first after them: the interval has widened by the 21st.
            {"2025-02-16", "MET asye-weeks-1-6, from 2025-02-14, due 2025-02-28"},
            {"2025-02-17", "MET asye-weeks-7-12, from 2025-02-14, due 2025-02-28"},
            {"2025-03-30", "MET asye-weeks-7-12, from 2025-03-28, due 2025-04-28"},
            {"2025-03-31", "MET asye-after, from 2025-03-28, due 2025-04-28"},
            // The programme is completed on 6 January: an ordinary social worker from then on.
            {"2026-01-05", "MET asye-after, from 2025-12-29, due 2026-01-29"},
            {"2026-01-06", "MET registered, from 2025-12-29, due 2026-01-29"},
        });
}

TEST(WorkerTableTest, WhoNeverCompletesStaysInTheProgramme) {
  Check(R"(
    worker anna employed 2025-01-06
    post anna newly-qualified 2025-01-06..
    asye anna 2025-01-06..)",
        "anna", {{"2026-06-01", "OVERDUE asye-after, from 2025-01-06, due 2025-01-13, 504 days overdue"}});
}

TEST(WorkerTableTest, StudentsByTheWeeksOfEachPlacement) {
  Check(R"(
    worker sam
    placement-of-student sam university 2025-01-06..2025-03-31
    placement-of-student sam university 2025-03-31..
    supervisor sam pat practice-educator 2025-01-06..
    session sam pat 2025-02-10 practice-education
    session sam pat 2025-02-14 practice-education
    session sam pat 2025-03-28 practice-education)",
        "sam",
        {
            {"2025-01-05", "none"},
            {"2025-02-12", "MET student-weeks-1-6, from 2025-02-10, due 2025-02-17"},
            {"2025-02-16", "MET student-weeks-1-6, from 2025-02-14, due 2025-02-28"},
            {"2025-02-17", "MET student-after, from 2025-02-14, due 2025-02-28"},
            // Nothing falls due before the placement ends.
            {"2025-03-30", "MET student-after, from 2025-03-28, due never"},
            // The next one starts anew, though it follows at once.
            {"2025-03-31", "PENDING student-weeks-1-6, from 2025-03-31, due 2025-04-07"},
        });
}

TEST(WorkerTableTest, MonthsAreCutToTheLastDayOfTheMonth) {
  const auto last_session = [](absl::string_view day) {
    return absl::StrCat(std::string(kBen), "\n session ben mona ", std::string(day));
  };
  Check(last_session("2025-01-31"), "ben",
        {{"2025-02-01", "MET registered, from 2025-01-31, due 2025-02-28"}});
  Check(last_session("2024-01-31"), "ben",
        {{"2024-02-01", "MET registered, from 2024-01-31, due 2024-02-29"}});
  // 29 March 2024 is Good Friday, 1 April Easter Monday.
  Check(last_session("2024-02-29"), "ben",
        {{"2024-03-01", "MET registered, from 2024-02-29, due 2024-04-02"}});
  // 28 June 2025 is a Saturday.
  Check(last_session("2025-05-28"), "ben",
        {{"2025-06-01", "MET registered, from 2025-05-28, due 2025-06-30"},
         {"2025-06-30", "DUE_SOON registered, from 2025-05-28, due 2025-06-30"},
         {"2025-07-01", "OVERDUE registered, from 2025-05-28, due 2025-06-30, 1 days overdue"}});
}

// Held on 3 March 2025, due on Thursday 3 April.
TEST(WorkerTableTest, AbsencesMoveTheDueDate) {
  const auto away = [](absl::string_view absences) {
    return absl::StrCat(std::string(kBen), "\n session ben mona 2025-03-03\n", std::string(absences));
  };
  // Four working days: the first working day after.
  Check(away("away ben 2025-04-01..2025-04-04"), "ben",
        {{"2025-03-20", "MET registered, from 2025-03-03, due 2025-04-07"},
         {"2025-04-02", "EXCUSED registered, from 2025-03-03, due 2025-04-07"},
         {"2025-04-07", "DUE_SOON registered, from 2025-03-03, due 2025-04-07"},
         {"2025-04-08", "OVERDUE registered, from 2025-03-03, due 2025-04-07, 1 days overdue"}});
  // Five: the fifth working day after.
  Check(away("away ben 2025-03-31..2025-04-04"), "ben",
        {{"2025-04-04", "EXCUSED registered, from 2025-03-03, due 2025-04-11"},
         {"2025-04-05", "DUE_SOON registered, from 2025-03-03, due 2025-04-11"}});
  // Two absences with only a weekend between them are one: of four working days, of five.
  Check(away("away ben 2025-04-03..2025-04-04\n away ben 2025-04-07..2025-04-08"), "ben",
        {{"2025-04-05", "EXCUSED registered, from 2025-03-03, due 2025-04-09"}});
  Check(away("away ben 2025-04-03..2025-04-04\n away ben 2025-04-07..2025-04-09"), "ben",
        {{"2025-04-05", "EXCUSED registered, from 2025-03-03, due 2025-04-16"}});
  // With a working day between them they are two.
  Check(away("away ben 2025-04-02..2025-04-03\n away ben 2025-04-07..2025-04-11"), "ben",
        {{"2025-04-04", "DUE_SOON registered, from 2025-03-03, due 2025-04-04"}});
  // The date to which one absence moves it lies in another: on to the end of that.
  Check(away("away ben 2025-03-31..2025-04-04\n away ben 2025-04-11..2025-04-11"), "ben",
        {{"2025-04-07", "DUE_SOON registered, from 2025-03-03, due 2025-04-14"}});
  // An absence that ends before the due date moves nothing; that day is excused all the same.
  Check(away("away ben 2025-03-10..2025-03-28"), "ben",
        {{"2025-03-15", "EXCUSED registered, from 2025-03-03, due 2025-04-03"},
         {"2025-04-01", "DUE_SOON registered, from 2025-03-03, due 2025-04-03"}});
}

TEST(WorkerTableTest, AbsencesOverEasterAreOne) {
  // Due on Thursday 17 April; Good Friday is the 18th, Easter Monday the 21st.
  Check(absl::StrCat(std::string(kBen), R"(
    session ben mona 2025-03-17
    away ben 2025-04-15..2025-04-17
    away ben 2025-04-22..2025-04-23)"),
        "ben", {{"2025-04-20", "EXCUSED registered, from 2025-03-17, due 2025-04-30"}});
}

TEST(WorkerTableTest, AnAbsenceWithoutEndExcusesUntilItIsClosed) {
  Check(absl::StrCat(std::string(kBen), "\n session ben mona 2025-03-03\n away ben 2025-04-01.."), "ben",
        {{"2025-03-31", "MET registered, from 2025-03-03, due never"},
         {"2025-04-01", "EXCUSED registered, from 2025-03-03, due never"},
         {"2026-01-15", "EXCUSED registered, from 2025-03-03, due never"}});
  // What was overdue before it stays so, and does not grow.
  Check(absl::StrCat(std::string(kBen), "\n session ben mona 2025-03-03\n away ben 2025-04-07.."), "ben",
        {{"2025-04-06", "OVERDUE registered, from 2025-03-03, due 2025-04-03, 3 days overdue"},
         {"2025-06-01", "EXCUSED registered, from 2025-03-03, due 2025-04-03, 3 days overdue"}});
}

TEST(WorkerTableTest, DaysOfAbsenceAreNotDaysOverdue) {
  Check(absl::StrCat(std::string(kBen), "\n session ben mona 2025-03-03\n away ben 2025-04-07..2025-04-11"),
        "ben",
        {{"2025-04-09", "EXCUSED registered, from 2025-03-03, due 2025-04-03, 3 days overdue"},
         {"2025-04-14", "OVERDUE registered, from 2025-03-03, due 2025-04-03, 6 days overdue"}});
}

TEST(WorkerTableTest, TheFirstSixWeeksPauseInAbsencesOfMoreThanTwentyEightDays) {
  const auto anna = [](absl::string_view absence) {
    return absl::StrCat(R"(
    worker anna employed 2025-01-06
    post anna newly-qualified 2025-01-06..
    asye anna 2025-01-06..
    supervisor anna mona 2025-01-06..
    session anna mona 2025-02-14
    session anna mona 2025-03-17
    )",
                        std::string(absence));
  };
  // 28 days: the weeks go on.
  Check(anna("away anna 2025-01-13..2025-02-09"), "anna",
        {{"2025-02-16", "MET asye-weeks-1-6, from 2025-02-14, due 2025-02-28"},
         {"2025-02-17", "MET asye-weeks-7-12, from 2025-02-14, due 2025-02-28"}});
  // 29 days: a week before it, five more after it.
  Check(anna("away anna 2025-01-13..2025-02-10"), "anna",
        {{"2025-01-20", "EXCUSED asye-weeks-1-6, from 2025-01-06, due 2025-02-17"},
         {"2025-02-17", "MET asye-weeks-1-6, from 2025-02-14, due 2025-02-21"},
         {"2025-03-17", "MET asye-weeks-1-6, from 2025-03-17, due 2025-03-31"},
         {"2025-03-18", "MET asye-weeks-7-12, from 2025-03-17, due 2025-03-31"}});
}

TEST(WorkerTableTest, AsyeStagesStandStillWhileTheProgrammeIsPaused) {
  const auto anna = [](absl::string_view pauses) {
    return absl::StrCat(R"(
    worker anna employed 2025-01-06
    post anna newly-qualified 2025-01-06..
    supervisor anna mona 2025-01-06..
    session anna mona 2025-02-14
    session anna mona 2025-03-17
    asye anna )",
                        std::string(pauses));
  };
  // Two weeks: the first six weeks last until 2 March. She is on the programme all the time, and weekly.
  constexpr absl::string_view kTwoWeeks = "2025-01-06.. paused 2025-01-20..2025-02-03";
  Check(anna(kTwoWeeks), "anna",
        {{"2025-01-20", "OVERDUE asye-weeks-1-6, from 2025-01-06, due 2025-01-13, 7 days overdue"},
         {"2025-02-17", "MET asye-weeks-1-6, from 2025-02-14, due 2025-02-21"},
         {"2025-03-02", "OVERDUE asye-weeks-1-6, from 2025-02-14, due 2025-02-21, 9 days overdue"},
         {"2025-03-03", "OVERDUE asye-weeks-7-12, from 2025-02-14, due 2025-02-21, 10 days overdue"}});
  // Each day counts, and two pauses add up.
  constexpr absl::string_view kTwice =
      "2025-01-06.. paused 2025-01-20..2025-01-21 paused 2025-01-27..2025-01-28";
  Check(anna(kTwice), "anna",
        {{"2025-02-18", "MET asye-weeks-1-6, from 2025-02-14, due 2025-02-28"},
         {"2025-02-19", "MET asye-weeks-7-12, from 2025-02-14, due 2025-02-28"}});
  // A pause that goes on: so does the stage.
  Check(anna("2025-01-06.. paused 2025-01-20.."), "anna",
        {{"2025-03-17", "MET asye-weeks-1-6, from 2025-03-17, due 2025-03-24"}});
  // Within a long absence it is not counted twice.
  Check(
      absl::StrCat(anna("2025-01-06.. paused 2025-01-20..2025-01-27"), "\naway anna 2025-01-13..2025-02-10"),
      "anna",
      {{"2025-03-17", "MET asye-weeks-1-6, from 2025-03-17, due 2025-03-31"},
       {"2025-03-18", "MET asye-weeks-7-12, from 2025-03-17, due 2025-03-31"}});
  // What is outside the programme pauses nothing.
  Check(anna("2025-01-06.. paused 2024-12-02..2025-01-06"), "anna",
        {{"2025-02-17", "MET asye-weeks-7-12, from 2025-02-14, due 2025-02-28"}});
}

TEST(WorkerTableTest, AnInterruptionOfUpToFiveWorkingDaysIsBridged) {
  const auto posts = [](absl::string_view until, absl::string_view from) {
    return absl::StrCat("worker ben employed 2022-05-02\n supervisor ben mona 2022-05-02..\n",
                        "post ben social-worker 2022-05-02..", std::string(until), "\n", "post ben advanced ",
                        std::string(from), "..\n session ben mona 2025-02-20\n session ben mona 2025-04-22");
  };
  // A working week without a post, from Monday to Friday.
  Check(posts("2025-03-03", "2025-03-10"), "ben",
        {{"2025-03-02", "MET registered, from 2025-02-20, due 2025-03-20"},
         {"2025-03-03", "none"},
         {"2025-03-09", "none"},
         {"2025-03-10", "MET registered, from 2025-02-20, due 2025-03-20"}});
  // One working day more: a new beginning.
  Check(posts("2025-03-03", "2025-03-11"), "ben",
        {{"2025-03-02", "MET registered, from 2025-02-20, due never"},
         {"2025-03-10", "none"},
         {"2025-03-11", "PENDING registered, from 2025-03-11, due 2025-04-11"}});
  // 5 May 2025 is a bank holiday: five working days in ten.
  Check(posts("2025-05-02", "2025-05-12"), "ben",
        {{"2025-05-12", "MET registered, from 2025-04-22, due 2025-05-22"}});
}

TEST(WorkerTableTest, ANewPostTeamOrSupervisorStartsNoNewClock) {
  Check(R"(
    worker ben employed 2022-05-02
    post ben social-worker 2022-05-02..2025-03-03 team red
    post ben advanced 2025-03-03.. team blue
    supervisor ben mona 2022-05-02..2025-03-03
    supervisor ben nina 2025-03-03..
    session ben mona 2025-02-20)",
        "ben", {{"2025-03-03", "MET registered, from 2025-02-20, due 2025-03-20"}});
}

TEST(WorkerTableTest, WhichSessionsCount) {
  const auto with = [](absl::string_view more) {
    return absl::StrCat(std::string(kBen), "\n session ben mona 2025-03-03\n", std::string(more));
  };
  const absl::string_view since_march =
      "OVERDUE registered, from 2025-03-03, due 2025-04-03, 27 days overdue";
  const absl::string_view since_april = "MET registered, from 2025-04-22, due 2025-05-22";
  for (const absl::string_view counts : {
           "session ben mona 2025-04-22",
           "session ben mona 2025-04-22 professional",
           "supervisor ben nina professional 2025-04-01..\n session ben nina 2025-04-22",
           // Cover for the absent supervisor, on its last day.
           "supervisor ben nina cover 2025-04-14..2025-04-23\n session ben nina 2025-04-22",
           // Written in the wrong order, and twice on one day.
           "session ben mona 2025-04-22\n session ben mona 2025-04-01\n session ben mona 2025-04-22",
       }) {
    Check(with(counts), "ben", {{"2025-04-30", since_april}});
  }
  for (const absl::string_view does_not : {
           "session ben mona 2025-04-22 group",
           "session ben mona 2025-04-22 informal",
           "session ben mona 2025-04-22 cancelled",
           "session ben mona 2025-04-22 scheduled",
           "session ben nina 2025-04-22",
           "supervisor ben nina cover 2025-04-14..2025-04-22\n session ben nina 2025-04-22",
           "worker carl\n supervisor carl mona 2022-05-02..\n session carl mona 2025-04-22",
           "session ben mona 2025-05-01",
       }) {
    Check(with(does_not), "ben", {{"2025-04-30", since_march}});
  }
}

TEST(WorkerTableTest, WhoIsInScope) {
  // No post that the policy speaks of, or none any more.
  Check("worker vic employed 2025-01-06\n post vic volunteer 2025-01-06..", "vic", {{"2025-02-01", "none"}});
  Check("worker ulla employed 2025-01-06\n post ulla unregistered 2025-01-06..", "ulla",
        {{"2025-02-01", "none"}});
  Check(R"(
    worker ben employed 2022-05-02..2025-03-01
    post ben social-worker 2022-05-02..)",
        "ben",
        {{"2025-02-28", "OVERDUE registered, from 2024-01-01, due 2024-02-01, 393 days overdue"},
         {"2025-03-01", "none"}});
  // When the employment began is not known: how often is not either, until the programme is completed.
  Check(R"(
    worker anna
    post anna newly-qualified 2025-01-06..
    asye anna 2025-01-06..2026-01-06)",
        "anna",
        {{"2025-03-01", "UNKNOWN asye-weeks-1-6, from 2025-01-06, due 2026-02-06"},
         {"2026-01-06", "PENDING registered, from 2025-01-06, due 2026-02-06"}});
}

TEST(WorkerTableTest, NothingIsJudgedBeforeRecordsAreComplete) {
  Check(absl::StrCat(std::string(kBen), "\n records complete from 2025-02-03\n session ben mona 2025-01-31"),
        "ben",
        {{"2025-02-02", "none"}, {"2025-02-03", "PENDING registered, from 2025-02-03, due 2025-03-03"}});
}

// Facts bear days of Europe/London: half past midnight in summer is the evening before in UTC.
TEST(WorkerTableTest, BothClockChanges) {
  const auto judge = [](const char* instant) {
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, instant, &time, &error)) << error;
    return Judged(KnowsleyRule("supervision-frequency"),
                  absl::StrCat(R"(
    worker sam
    placement-of-student sam university 2025-03-24..2025-04-28
    placement-of-student sam university 2025-10-20..
    supervisor sam pat practice-educator 2025-01-06..
    session sam pat )",
                               CivilDay::Of(time).ToString()),
                  "sam", CivilDay::Of(time).ToString());
  };
  // 30 March: 01:00 becomes 02:00.
  EXPECT_EQ(judge("2025-03-29T23:59:59Z"), "MET student-weeks-1-6, from 2025-03-29, due 2025-04-07");
  EXPECT_EQ(judge("2025-03-30T00:00:00Z"), "MET student-weeks-1-6, from 2025-03-30, due 2025-04-07");
  EXPECT_EQ(judge("2025-03-30T22:59:59Z"), "MET student-weeks-1-6, from 2025-03-30, due 2025-04-07");
  EXPECT_EQ(judge("2025-03-30T23:00:00Z"), "MET student-weeks-1-6, from 2025-03-31, due 2025-04-07");
  // 26 October: 02:00 becomes 01:00.
  EXPECT_EQ(judge("2025-10-25T22:59:59Z"), "MET student-weeks-1-6, from 2025-10-25, due 2025-11-03");
  EXPECT_EQ(judge("2025-10-25T23:00:00Z"), "MET student-weeks-1-6, from 2025-10-26, due 2025-11-03");
  EXPECT_EQ(judge("2025-10-26T23:59:59Z"), "MET student-weeks-1-6, from 2025-10-26, due 2025-11-03");
  EXPECT_EQ(judge("2025-10-27T00:00:00Z"), "MET student-weeks-1-6, from 2025-10-27, due 2025-11-03");
}

// The design's example: weekly to day 42, then fortnightly. Day 0 is Monday 6 January 2025.
TEST(WorkerTableTest, WorkedExampleOfTheDesign) {
  const CivilDay day_0(2025, 1, 6);
  const std::pair<int, int> due_after_session_on[] = {{30, 37}, {35, 42}, {40, 54}};
  for (const auto& [session, due] : due_after_session_on) {
    AuthorityFacts facts;
    Fill(facts, WorldFromText(absl::StrCat(R"(
    worker anna employed 2025-01-06
    post anna newly-qualified 2025-01-06..
    asye anna 2025-01-06..
    supervisor anna mona 2025-01-06..
    session anna mona )",
                                           (day_0 + session).ToString())));
    const Evaluator evaluator(KnowsleyRule("supervision-frequency"), {.effective_from = CivilDay(2024, 1, 1)},
                              WorkingDays::EnglandAndWales());
    for (int day = session; day < 60; ++day) {
      EXPECT_EQ(evaluator.Evaluate(facts, facts.FindWorker("anna")->index, day_0 + day)->unadjusted_due,
                day_0 + due)
          << "session on day " << session << ", as of day " << day;
    }
  }
}

}  // namespace
}  // namespace oversight::engine::testing
