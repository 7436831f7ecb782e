// Whether the sample looks like a real authority: the sizes of the sector's statistics, and failings of every
// kind but most of what was promised kept.

#include <algorithm>
#include <map>
#include <set>

#include "deploy/sample/generate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::sample {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

auto Within(int low, int high) { return AllOf(Ge(low), Le(high)); }

class ShapeTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  // Made once for all tests of a seed.
  static const Authority& Make(uint64_t seed) {
    static std::map<uint64_t, Authority>& made = *new std::map<uint64_t, Authority>();
    const auto it = made.find(seed);
    if (it != made.end()) return it->second;
    Options options;
    options.seed = seed;
    options.end_day = CivilDay(2026, 11, 21);
    return made.emplace(seed, Generate(options).value()).first->second;
  }

  template <typename Condition>
  int CountSessions(Condition condition) const {
    return static_cast<int>(std::count_if(authority_.sessions.begin(), authority_.sessions.end(), condition));
  }

  // The last formal session of each worker.
  std::map<int, CivilDay> LastFormal() const {
    std::map<int, CivilDay> last;
    for (const Session& session : authority_.sessions) {
      if (session.state != SessionState::kHeld || session.kind != "formal_one_to_one") continue;
      CivilDay& day = last.emplace(session.supervisee, session.date).first->second;
      day = std::max(day, session.date);
    }
    return last;
  }

  const Authority& authority_ = Make(GetParam());
  const CivilDay today_ = authority_.today();
  const Period last_year_{AddMonths(today_, -12) + 1, today_ + 1};
};

INSTANTIATE_TEST_SUITE_P(Seeds, ShapeTest, ::testing::Values(1, 2, 3, 20261121));

TEST_P(ShapeTest, People) {
  int employed = 0, starters = 0, leavers = 0, agency = 0;
  for (const Worker& worker : authority_.workers) {
    if (worker.basis == Basis::kStudent) continue;
    employed += worker.employment.Contains(today_);
    agency += worker.employment.Contains(today_) && worker.basis == Basis::kAgency;
    starters += last_year_.Contains(worker.employment.start);
    leavers += last_year_.Contains(worker.employment.end);
  }
  EXPECT_THAT(employed, Within(240, 268));
  EXPECT_THAT(agency, Within(38, 56));  // 47 of 264
  EXPECT_THAT(starters, Within(28, 48));
  EXPECT_THAT(leavers, Within(24, 42));
}

TEST_P(ShapeTest, StagesOfCareers) {
  std::map<std::string, int> posts;
  for (const Worker& worker : authority_.workers) {
    for (const Post& post : worker.posts)
      posts[std::string(post.career_stage)] += post.period.Contains(today_);
  }
  EXPECT_THAT(posts["newly_qualified"], Within(6, 25));
  EXPECT_THAT(posts["unregistered_practitioner"], Within(42, 52));  // 12 of them in homes
  EXPECT_THAT(posts["volunteer"], Within(1, 3));
  EXPECT_THAT(posts["readiness_for_practice"] + posts["end_of_first_placement"], Within(3, 10));
  EXPECT_THAT(posts["social_worker"] + posts["experienced_social_worker"], Within(120, 180));
}

TEST_P(ShapeTest, Caseloads) {
  std::map<int, int> caseloads;
  int unallocated = 0;
  for (const Case& subject : authority_.cases) {
    bool held = false;
    for (const Allocation& allocation : subject.allocations) {
      const bool social_worker =
          allocation.role == AllocationRole::kKeyworker && authority_.workers[allocation.worker].registered;
      if (!allocation.period.Contains(today_)) continue;
      held = held || allocation.role <= AllocationRole::kSupervisingSocialWorker;
      if (social_worker) ++caseloads[allocation.worker];
    }
    unallocated += subject.open.Open() && !held;
  }
  EXPECT_THAT(unallocated, Within(20, 90));
  const int holders = static_cast<int>(caseloads.size());
  EXPECT_THAT(holders, Within(120, 150));
  std::map<int, int> bands;
  int sum = 0;
  for (const auto& [worker, cases] : caseloads) {
    ++bands[std::min(cases / 5, 5)];
    sum += cases;
  }
  EXPECT_THAT(sum / holders, Within(15, 19));
  EXPECT_THAT(bands[0] * 100 / holders, Within(3, 15));   // 1 to 4 cases: 9 %
  EXPECT_THAT(bands[3] * 100 / holders, Within(18, 38));  // 15 to 19: 28 %
  EXPECT_THAT(bands[5] * 100 / holders, Within(5, 22));   // 25 and more: 12 %
}

TEST_P(ShapeTest, StatusesOfCases) {
  int protection = 0, looked_after = 0, proceedings = 0;
  for (const Case& subject : authority_.cases) {
    for (const Period& plan : subject.cp_plans) protection += plan.Open();
    for (const LegalStatus& status : subject.legal_statuses)
      looked_after += status.period.Open() && status.code != "V4";
    for (const PreProceedings& meeting : subject.pre_proceedings) {
      proceedings += !meeting.stepped_down && !meeting.care_proceedings_letter;
    }
  }
  EXPECT_THAT(protection, Within(300, 400));
  EXPECT_THAT(looked_after, Within(530, 570));
  EXPECT_THAT(proceedings, Within(20, 90));
}

TEST_P(ShapeTest, KindsOfPlacement) {
  std::map<std::string, int> placements;
  int respite = 0, same_carer = 0, permanent = 0;
  for (const Case& subject : authority_.cases) {
    for (const Placement& placement : subject.placements) {
      if (placement.period.Open()) ++placements[std::string(placement.type.substr(0, 1))];
      respite += placement.respite;
      same_carer += placement.change_reason == "PLACE";
      permanent += placement.permanence_implemented.has_value();
    }
  }
  EXPECT_THAT(placements["U"], Within(300, 450));
  EXPECT_THAT(placements["K"], Within(20, 80));
  EXPECT_GE(placements["P"], 20);
  EXPECT_GE(placements["A"], 3);
  EXPECT_GE(placements["H"], 5);
  EXPECT_GE(respite, 10);
  EXPECT_GE(same_carer, 10);
  EXPECT_GE(permanent, 200);
}

TEST_P(ShapeTest, SessionsOfAYear) {
  const auto in_year = [this](const Session& session) { return last_year_.Contains(session.date); };
  const int formal = CountSessions([&](const Session& session) {
    return in_year(session) && session.kind == "formal_one_to_one" && session.state == SessionState::kHeld;
  });
  const int cancelled = CountSessions(
      [&](const Session& session) { return in_year(session) && session.state == SessionState::kCancelled; });
  EXPECT_THAT(formal, Within(2600, 3400));
  EXPECT_THAT(cancelled * 100 / (formal + cancelled), Within(4, 8));
  for (const char* kind : {"group", "informal", "professional", "practice_education"}) {
    EXPECT_GE(CountSessions([&](const Session& session) { return session.kind == kind; }), 15) << kind;
  }
  EXPECT_GE(CountSessions([](const Session& session) { return session.state == SessionState::kScheduled; }),
            200);
}

TEST_P(ShapeTest, DiscussionsOfAYear) {
  int discussions = 0;
  for (const Session& session : authority_.sessions) {
    if (last_year_.Contains(session.date)) discussions += static_cast<int>(session.discussions.size());
  }
  EXPECT_THAT(discussions, Within(28500, 33500));  // about 31,000
}

// A rough measure only; the services judge by the policy's own table.
TEST_P(ShapeTest, MostWorkersButNotAllAreSupervisedMonthly) {
  const std::map<int, CivilDay> last = LastFormal();
  int present = 0, in_time = 0;
  for (size_t i = 0; i < authority_.workers.size(); ++i) {
    const Worker& worker = authority_.workers[i];
    if (!worker.employment.Contains(today_) || worker.AwayOn(today_) || worker.posts.empty()) continue;
    const auto it = last.find(static_cast<int>(i));
    ++present;
    in_time += it != last.end() && AddMonths(it->second, 1) >= today_;
  }
  EXPECT_THAT(in_time * 100 / present, Within(80, 95));
}

TEST_P(ShapeTest, EveryKindOfAbsenceHappens) {
  std::set<std::string> kinds;
  int open_ended = 0, over_christmas = 0;
  for (const Worker& worker : authority_.workers) {
    for (const Absence& absence : worker.absences) {
      kinds.insert(std::string(absence.kind));
      open_ended += absence.last == CivilDay::Max();
      over_christmas += absence.Covers(CivilDay(2025, 12, 25));
    }
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"annual_leave", "parental_leave", "sickness", "special_leave"}));
  EXPECT_GE(open_ended, 1);
  EXPECT_GE(over_christmas, 50);
}

}  // namespace
}  // namespace oversight::sample
