#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/supervision/domain/case_discussion.h"
#include "services/supervision/domain/session.h"
#include "services/supervision/domain/session_state.h"

namespace oversight::supervision {
namespace {

using enum SessionState;
using enum SessionAction;

TEST(SessionStateTest, EachStateAndAction) {
  struct Case {
    SessionState state;
    SessionAction action;
    std::optional<SessionState> next;
  };
  const std::optional<SessionState> refused;
  const Case cases[] = {
      {kNone, kSchedule, kScheduled}, {kNone, kHold, refused},
      {kNone, kCancel, refused},      {kNone, kMiss, refused},
      {kNone, kCorrect, refused},     {kScheduled, kSchedule, refused},
      {kScheduled, kHold, kHeld},     {kScheduled, kCancel, kCancelled},
      {kScheduled, kMiss, kMissed},   {kScheduled, kCorrect, kScheduled},
      {kHeld, kSchedule, refused},    {kHeld, kHold, refused},
      {kHeld, kCancel, refused},      {kHeld, kMiss, refused},
      {kHeld, kCorrect, kHeld},       {kCancelled, kSchedule, refused},
      {kCancelled, kHold, refused},   {kCancelled, kCancel, refused},
      {kCancelled, kMiss, refused},   {kCancelled, kCorrect, kCancelled},
      {kMissed, kSchedule, refused},  {kMissed, kHold, refused},
      {kMissed, kCancel, refused},    {kMissed, kMiss, refused},
      {kMissed, kCorrect, kMissed},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Next(c.state, c.action), c.next)
        << NameOf(c.state) << ", action " << static_cast<int>(c.action);
  }
}

// A held session of 1 April 2026 that breaks no rule.
Session Held() {
  return {.name = "s1",
          .supervisee = "w1",
          .supervisor = "w2",
          .state = kHeld,
          .date = CivilDay(2026, 4, 1),
          .start = std::nullopt,
          .end = std::nullopt,
          .cancellation_reason = "",
          .replacement = "",
          .continues = ""};
}
Session Cancelled() {
  Session session = Held();
  session.state = kCancelled;
  session.cancellation_reason = "ill";
  return session;
}
absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}
std::vector<std::string> FieldsOf(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}
std::vector<std::string> WrongFields(const Session& session) {
  std::vector<FieldViolation> violations;
  Check(session, violations);
  return FieldsOf(violations);
}
std::vector<std::string> WrongFieldsAsOf(const Session& session, CivilDay today) {
  std::vector<FieldViolation> violations;
  CheckAsOf(session, today, violations);
  return FieldsOf(violations);
}

TEST(SessionTest, DayIsThatOfTheStartInLondon) {
  struct Case {
    const char* start;
    CivilDay day;
  };
  const Case cases[] = {
      {"2026-03-28T23:59:59Z", {2026, 3, 28}},  // winter: London is UTC
      {"2026-03-29T00:59:59Z", {2026, 3, 29}},  // the clocks go forward at 01:00
      {"2026-03-29T22:59:59Z", {2026, 3, 29}},
      {"2026-03-29T23:00:00Z", {2026, 3, 30}},  // summer: an hour ahead
      {"2026-10-24T23:00:00Z", {2026, 10, 25}},
      {"2026-10-25T23:00:00Z", {2026, 10, 25}},  // the clocks went back at 01:00
      {"2028-02-29T12:00:00Z", {2028, 2, 29}},
      {"2125-07-31T23:30:00Z", {2125, 8, 1}},
  };
  for (const Case& c : cases) {
    Session session = Held();
    session.start = Utc(c.start);
    session.date = std::nullopt;
    EXPECT_EQ(DayOfSession(session), c.day) << c.start;
    EXPECT_THAT(WrongFields(session), ::testing::IsEmpty()) << c.start;
    session.date = c.day;
    EXPECT_THAT(WrongFields(session), ::testing::IsEmpty()) << c.start;
    session.date = c.day + 1;
    EXPECT_THAT(WrongFields(session), ::testing::ElementsAre("date")) << c.start;
  }
}

TEST(SessionTest, EachRuleNamesItsField) {
  struct Case {
    const char* what;
    Session session;
    std::vector<std::string> wrong;
  };
  const auto changed = [](Session session, auto change) {
    change(session);
    return session;
  };
  const Case cases[] = {
      {"held", Held(), {}},
      {"cancelled", Cancelled(), {}},
      {"cancelled in the past for no known reason",
       changed(Cancelled(), [](Session& s) { s.cancellation_reason.clear(); }),
       {}},
      {"replaced", changed(Cancelled(), [](Session& s) { s.replacement = "s2"; }), {}},
      {"replaced by itself",
       changed(Cancelled(), [](Session& s) { s.replacement = s.name; }),
       {"replacement"}},
      {"no day", changed(Held(), [](Session& s) { s.date.reset(); }), {"date"}},
      {"supervises themself",
       changed(Held(), [](Session& s) { s.supervisor = s.supervisee; }),
       {"supervisor"}},
      {"held, yet with a reason",
       changed(Held(), [](Session& s) { s.cancellation_reason = "ill"; }),
       {"cancellation_reason"}},
      {"missed, with reason and replacement",
       changed(Cancelled(),
               [](Session& s) {
                 s.state = kMissed;
                 s.replacement = "s2";
               }),
       {}},
      {"ends as it begins",
       changed(Held(), [](Session& s) { s.start = s.end = Utc("2026-04-01T09:00:00Z"); }),
       {}},
      {"ends before it begins",
       changed(Held(),
               [](Session& s) {
                 s.start = Utc("2026-04-01T09:00:00Z");
                 s.end = *s.start - absl::Microseconds(1);
               }),
       {"end_time"}},
      {"continues another", changed(Held(), [](Session& s) { s.continues = "s2"; }), {}},
      {"continues itself", changed(Held(), [](Session& s) { s.continues = s.name; }), {"continues"}},
      {"scheduled, yet replaced",
       changed(Held(),
               [](Session& s) {
                 s.state = kScheduled;
                 s.replacement = "s2";
               }),
       {"replacement"}},
  };
  for (const Case& c : cases) EXPECT_EQ(WrongFields(c.session), c.wrong) << c.what;
}

TEST(SessionTest, WhatIsRecordedNowHappenedAndSaysWhy) {
  const CivilDay day(2026, 4, 1);
  EXPECT_THAT(WrongFieldsAsOf(Held(), day), ::testing::IsEmpty());
  EXPECT_THAT(WrongFieldsAsOf(Held(), day - 1), ::testing::ElementsAre("date"));

  Session planned = Held();
  planned.state = kScheduled;
  EXPECT_THAT(WrongFieldsAsOf(planned, day - 1), ::testing::IsEmpty());

  Session missed = Held();
  missed.state = kMissed;
  EXPECT_THAT(WrongFieldsAsOf(missed, day), ::testing::IsEmpty()) << "nobody knows why";
  EXPECT_THAT(WrongFieldsAsOf(missed, day - 1), ::testing::ElementsAre("date"));

  Session cancelled = Cancelled();
  EXPECT_THAT(WrongFieldsAsOf(cancelled, day - 1), ::testing::IsEmpty());
  cancelled.cancellation_reason.clear();
  EXPECT_THAT(WrongFieldsAsOf(cancelled, day - 1), ::testing::ElementsAre("cancellation_reason"));
}

TEST(CaseDiscussionTest, NeedsASessionThatIsNotCancelled) {
  EXPECT_TRUE(CanHaveDiscussions(kScheduled));
  EXPECT_TRUE(CanHaveDiscussions(kHeld));
  EXPECT_FALSE(CanHaveDiscussions(kCancelled));
  EXPECT_FALSE(CanHaveDiscussions(kMissed));
  EXPECT_FALSE(CanHaveDiscussions(kNone));
}

TEST(CaseDiscussionTest, IsOnePerCase) {
  EXPECT_TRUE(Clash(CaseDiscussion{"c1"}, CaseDiscussion{"c1"}));
  EXPECT_FALSE(Clash(CaseDiscussion{"c1"}, CaseDiscussion{"c2"}));
}

}  // namespace
}  // namespace oversight::supervision
