#include "deploy/sample/generate.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "common/time/working_days.h"
#include "deploy/sample/organisation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::sample {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Options OptionsOf(uint64_t seed, const char* end_day) {
  Options options;
  options.seed = seed;
  options.end_day = CivilDay::Parse(end_day).value();
  return options;
}

struct Setting {
  uint64_t seed;
  const char* end_day;
  int workers, cases, months;
};

// The invariants hold whatever chance decides: several seeds, ends on a Sunday, a leap day and a bank
// holiday.
class GenerateTest : public ::testing::TestWithParam<Setting> {
 protected:
  // Made once for all tests of a setting.
  static const Authority& Make(const Setting& setting) {
    static std::map<uint64_t, Authority>& made = *new std::map<uint64_t, Authority>();
    const auto it = made.find(setting.seed);
    if (it != made.end()) return it->second;
    Options options = OptionsOf(setting.seed, setting.end_day);
    options.workers = setting.workers;
    options.cases = setting.cases;
    options.months = setting.months;
    return made.emplace(setting.seed, Generate(options).value()).first->second;
  }
  const Authority& authority_ = Make(GetParam());
  const CivilDay today_ = authority_.today();
};

INSTANTIATE_TEST_SUITE_P(
    Settings, GenerateTest,
    ::testing::Values(Setting{1, "2026-11-21", 260, 3000, 14}, Setting{2, "2028-02-29", 260, 3000, 14},
                      Setting{3, "2025-12-25", 260, 3000, 14}, Setting{4, "2026-03-29", 40, 400, 6},
                      Setting{5, "2026-08-31", 20, 20, 4}, Setting{6, "2026-01-01", 700, 6000, 24}));

bool Disjoint(std::vector<Period> periods) {
  std::sort(periods.begin(), periods.end());
  for (size_t i = 1; i < periods.size(); ++i) {
    if (periods[i - 1].end > periods[i].start) return false;
  }
  return true;
}

bool Inside(const Period& inner, const Period& outer) {
  return !inner.Empty() && outer.start <= inner.start && inner.end <= outer.end;
}

TEST_P(GenerateTest, PostsLieWithinTheEmploymentAndDoNotOverlapInATeam) {
  for (const Worker& worker : authority_.workers) {
    std::map<int, std::vector<Period>> by_team;
    for (const Post& post : worker.posts) {
      EXPECT_TRUE(Inside(post.period, worker.employment)) << worker.id;
      EXPECT_FALSE(post.career_stage.empty()) << worker.id;
      by_team[post.team].push_back(post.period);
    }
    for (const auto& [team, periods] : by_team) EXPECT_TRUE(Disjoint(periods)) << worker.id;
  }
}

TEST_P(GenerateTest, NewlyQualifiedWorkersHaveAProgramme) {
  for (const Worker& worker : authority_.workers) {
    EXPECT_EQ(worker.asye.has_value(), worker.newly_qualified) << worker.id;
    if (!worker.asye) continue;
    EXPECT_EQ(worker.asye->start, worker.employment.start);
    EXPECT_EQ(worker.asye->planned_end, AddMonths(worker.asye->start, 12));
    EXPECT_LE(worker.asye->completed.value_or(today_), today_) << worker.id;
  }
}

TEST_P(GenerateTest, StudentPlacementsOfAStudentDoNotOverlap) {
  for (const Worker& worker : authority_.workers) {
    std::vector<Period> periods;
    for (const StudentPlacement& placement : worker.placements) {
      EXPECT_TRUE(Inside(placement.period, worker.employment)) << worker.id;
      periods.push_back(placement.period);
    }
    EXPECT_TRUE(Disjoint(periods)) << worker.id;
  }
}

TEST_P(GenerateTest, AbsencesBeginOnWorkingDaysWithinTheEmployment) {
  for (const Worker& worker : authority_.workers) {
    CivilDay free = CivilDay::Min();
    for (const Absence& absence : worker.absences) {
      EXPECT_TRUE(WorkingDays::EnglandAndWales().IsWorkingDay(absence.first)) << worker.id;
      EXPECT_TRUE(worker.employment.Contains(absence.first)) << worker.id;
      EXPECT_LE(absence.first, absence.last) << worker.id;
      EXPECT_LT(free, absence.first) << worker.id;
      free = absence.last;
    }
  }
}

TEST_P(GenerateTest, SupervisorsAreEmployedWhileTheySupervise) {
  for (const SupervisorLink& link : authority_.links) {
    EXPECT_TRUE(Inside(link.period, authority_.workers[link.worker].employment));
    EXPECT_TRUE(Inside(link.period, authority_.workers[link.supervisor].employment));
    EXPECT_NE(link.supervisor, link.cover_for);
  }
}

TEST_P(GenerateTest, OnNoDayDoSupervisorsFormACycle) {
  std::set<CivilDay> days;
  for (const SupervisorLink& link : authority_.links) days.insert(link.period.start);
  for (const CivilDay day : days) {
    std::multimap<int, int> above;
    for (const SupervisorLink& link : authority_.links) {
      if (link.period.Contains(day)) above.emplace(link.worker, link.supervisor);
    }
    // Takes away whoever has no supervisor left until nobody is; a cycle would stay.
    bool changed = true;
    while (changed) {
      changed = false;
      for (auto it = above.begin(); it != above.end();) {
        const bool top = above.count(it->second) == 0;
        it = top ? above.erase(it) : std::next(it);
        changed = changed || top;
      }
    }
    ASSERT_THAT(above, IsEmpty()) << day;
  }
}

TEST_P(GenerateTest, DatedFactsOfACaseDoNotOverlap) {
  for (const Case& subject : authority_.cases) {
    std::vector<Period> legal, placements, stages, keyworkers;
    for (const LegalStatus& status : subject.legal_statuses) legal.push_back(status.period);
    for (const Placement& placement : subject.placements) {
      EXPECT_TRUE(Inside(placement.period, subject.open)) << subject.id;
      if (!placement.respite) placements.push_back(placement.period);
    }
    for (const Stage& stage : subject.stages) stages.push_back(stage.period);
    for (const Allocation& allocation : subject.allocations) {
      const bool holds = allocation.role == AllocationRole::kKeyworker ||
                         allocation.role == AllocationRole::kPersonalAdviser ||
                         allocation.role == AllocationRole::kSupervisingSocialWorker;
      if (holds) keyworkers.push_back(allocation.period);
    }
    for (const auto& periods : {legal, placements, stages, keyworkers, subject.cin_plans, subject.cp_plans}) {
      EXPECT_TRUE(Disjoint(periods)) << subject.id;
      for (const Period& period : periods) {
        EXPECT_FALSE(period.Empty()) << subject.id;
        EXPECT_LE(period.start, today_) << subject.id;
        EXPECT_TRUE(period.Open() || period.end <= today_) << subject.id;
      }
    }
  }
}

TEST_P(GenerateTest, PreProceedingsFollowEachOther) {
  for (const Case& subject : authority_.cases) {
    std::vector<Period> periods;
    for (const PreProceedings& meeting : subject.pre_proceedings) {
      EXPECT_FALSE(meeting.stepped_down && meeting.care_proceedings_letter) << subject.id;
      Period period{meeting.letter};
      if (meeting.stepped_down) period.end = *meeting.stepped_down;
      if (meeting.care_proceedings_letter) period.end = *meeting.care_proceedings_letter;
      EXPECT_FALSE(period.Empty()) << subject.id;
      EXPECT_TRUE(subject.open.Contains(period.start)) << subject.id;
      periods.push_back(period);
    }
    EXPECT_TRUE(Disjoint(periods)) << subject.id;
  }
}

TEST_P(GenerateTest, CasesAreHeldByWorkersEmployedThen) {
  int entrusted = 0;
  for (const Case& subject : authority_.cases) {
    for (const Allocation& allocation : subject.allocations) {
      const Worker& worker = authority_.workers[allocation.worker];
      EXPECT_TRUE(worker.employment.Contains(allocation.period.start)) << subject.id;
      EXPECT_TRUE(allocation.period.end <= worker.employment.end || worker.employment.end > today_)
          << subject.id;
      const bool student = worker.basis == Basis::kStudent;
      const bool mistake = student && allocation.role == AllocationRole::kKeyworker;
      entrusted += mistake;
      EXPECT_EQ(student, mistake || allocation.role == AllocationRole::kSupervisedStudent) << subject.id;
    }
  }
  EXPECT_LE(entrusted, 1) << "a student holds a case by a rare mistake only";
}

TEST_P(GenerateTest, AgreementsAreMadeInAdvanceByATeamManager) {
  for (const Case& subject : authority_.cases) {
    for (const ReducedFrequency& agreement : subject.agreements) {
      EXPECT_LE(agreement.agreed, agreement.period.start) << subject.id;
      EXPECT_LE(agreement.agreed, today_) << subject.id;
      EXPECT_FALSE(agreement.period.Empty()) << subject.id;
      EXPECT_EQ(authority_.workers[agreement.agreed_by].posts.back().title, "Team manager");
    }
  }
}

TEST_P(GenerateTest, SessionsFallOnWorkingDaysOfBothPeople) {
  for (const Session& session : authority_.sessions) {
    const Worker& supervisee = authority_.workers[session.supervisee];
    const Worker& supervisor = authority_.workers[session.supervisor];
    EXPECT_TRUE(WorkingDays::EnglandAndWales().IsWorkingDay(session.date)) << session.id;
    EXPECT_TRUE(supervisee.employment.Contains(session.date)) << session.id;
    EXPECT_TRUE(supervisor.employment.Contains(session.date)) << session.id;
    EXPECT_FALSE(supervisee.AwayOn(session.date) || supervisor.AwayOn(session.date)) << session.id;
    EXPECT_NE(session.supervisee, session.supervisor) << session.id;
  }
}

TEST_P(GenerateTest, NothingIsHeldInTheFutureAndCancellationsAreExplained) {
  std::map<std::string, const Session*> by_id;
  for (const Session& session : authority_.sessions) by_id[session.id] = &session;
  EXPECT_EQ(by_id.size(), authority_.sessions.size());
  for (const Session& session : authority_.sessions) {
    EXPECT_EQ(session.date > today_, session.state == SessionState::kScheduled) << session.id;
    EXPECT_EQ(!session.cancellation_reason.empty(), session.state == SessionState::kCancelled) << session.id;
    if (session.replacement_id.empty()) continue;
    EXPECT_EQ(session.state, SessionState::kCancelled);
    ASSERT_TRUE(by_id.contains(session.replacement_id)) << session.id;
    EXPECT_EQ(by_id[session.replacement_id]->supervisee, session.supervisee);
    EXPECT_GT(by_id[session.replacement_id]->date, session.date);
  }
}

TEST_P(GenerateTest, OpenCasesAreDiscussedInHeldSessionsOncePerSession) {
  for (const Session& session : authority_.sessions) {
    std::set<int> cases;
    for (const CaseDiscussion& discussion : session.discussions) {
      EXPECT_EQ(session.state, SessionState::kHeld) << session.id;
      EXPECT_TRUE(authority_.cases[discussion.case_index].open.Contains(session.date)) << session.id;
      EXPECT_TRUE(cases.insert(discussion.case_index).second) << session.id;
    }
  }
}

TEST_P(GenerateTest, HasAsManyOpenCasesAsAskedFor) {
  std::map<Area, int> open;
  for (const Case& subject : authority_.cases) {
    if (subject.open.Open() && !subject.carer) ++open[subject.stages.back().area];
    EXPECT_LE(subject.open.start, today_);
  }
  std::map<Area, int> planned = CasesByArea(GetParam().cases);
  std::erase_if(planned, [](const auto& entry) { return entry.second == 0; });
  EXPECT_EQ(open, planned);
}

TEST(GenerateOptionsTest, RefusesSizesOutOfBounds) {
  for (const auto& [workers, cases, months, option] :
       {std::tuple(19, 3000, 14, "--workers"), std::tuple(260, 0, 14, "--cases"),
        std::tuple(260, 3000, 3, "--months"), std::tuple(9001, 3000, 14, "--workers"),
        std::tuple(260, 3000, 37, "--months")}) {
    Options options = OptionsOf(1, "2026-11-21");
    options.workers = workers;
    options.cases = cases;
    options.months = months;
    const absl::StatusOr<Authority> authority = Generate(options);
    EXPECT_EQ(authority.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(authority.status().message()), HasSubstr(option));
  }
}

}  // namespace
}  // namespace oversight::sample
