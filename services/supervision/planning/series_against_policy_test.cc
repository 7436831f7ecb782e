// A year's planned series of a whole authority, judged by the compliance engine itself: as planned, nobody is
// ever late.

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/working_days.h"
#include "gtest/gtest.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/policy/load.h"
#include "services/supervision/domain/series_plan.h"

namespace oversight::supervision {
namespace {

constexpr int kWorkers = 260;

enum class Career { kRegistered, kAsye, kStudent };

struct Worker {
  std::string name;
  Career career = Career::kRegistered;
  std::vector<Period> absences;
};

// Most are registered for long, some newly qualified, some students; each is away now and then.
std::vector<Worker> Authority(CivilDay start, std::mt19937& random) {
  std::vector<Worker> workers;
  for (int i = 0; i < kWorkers; ++i) {
    Worker worker = {absl::StrCat("w", i),
                     i % 10 == 0   ? Career::kAsye
                     : i % 10 == 1 ? Career::kStudent
                                   : Career::kRegistered,
                     {}};
    for (int away = 0; away < 4; ++away) {
      // Apart from each other: more than 28 days away would stop the clock of the first weeks, and the
      // frequencies with it, which are the caller's to give.
      const CivilDay first = start + away * 90 + static_cast<int>(random() % 55);
      worker.absences.push_back({first, first + static_cast<int>(1 + random() % 26)});
    }
    workers.push_back(std::move(worker));
  }
  return workers;
}

std::vector<Frequency> FrequenciesOf(Career career, CivilDay start) {
  switch (career) {
    case Career::kAsye:
      return {{start, 7, 0}, {start + 42, 14, 0}, {start + 84, 0, 1}};
    case Career::kStudent:
      return {{start, 7, 0}, {start + 42, 14, 0}};
    case Career::kRegistered:
      break;
  }
  return {{start, 0, 1}};
}

void TellOf(const Worker& worker, CivilDay start, CivilDay end, engine::AuthorityFacts& facts) {
  const std::string& name = worker.name;
  facts.Upsert(name, engine::WorkerFact{
                         .employment_start = worker.career == Career::kRegistered ? start - 2000 : start,
                         .employment_end = CivilDay::Max()});
  facts.Upsert(name + "/posts/p", engine::PostFact{.worker = name,
                                                   .career_stage = worker.career == Career::kStudent
                                                                       ? engine::CareerStage::kPointOfEntry
                                                                       : engine::CareerStage::kSocialWorker,
                                                   .employment_basis = engine::EmploymentBasis::kPermanent,
                                                   .team = "t1",
                                                   .case_holding = true,
                                                   .period = {start - 2000, CivilDay::Max()}});
  facts.Upsert(name + "/supervisorLinks/l",
               engine::SupervisorLinkFact{.worker = name,
                                          .supervisor = "boss",
                                          .function = engine::SupervisorFunction::kLineManagement,
                                          .cover = false,
                                          .period = {start - 2000, CivilDay::Max()}});
  if (worker.career == Career::kAsye) {
    facts.Upsert(name + "/asyeProgrammes/a",
                 engine::AsyeFact{.worker = name, .period = {start, CivilDay::Max()}});
  }
  if (worker.career == Career::kStudent) {
    facts.Upsert(name + "/studentPlacements/s",
                 engine::StudentPlacementFact{
                     .worker = name, .route = engine::StudentRoute::kUniversity, .period = {start, end}});
  }
  for (size_t i = 0; i < worker.absences.size(); ++i) {
    facts.Upsert(absl::StrCat(name, "/absences/", i),
                 engine::AbsenceFact{
                     .worker = name, .first = worker.absences[i].start, .last = worker.absences[i].end - 1});
  }
}

TEST(SeriesAgainstPolicyTest, AYearOfTwoHundredAndSixtyWorkersHasNoGap) {
  const auto policy = policy::LoadFile(OVERSIGHT_POLICIES_DIR "/knowsley/knowsley.txtpb");
  ASSERT_TRUE(policy.ok()) << policy.status();
  const engine::Rule* rule = nullptr;
  for (const engine::Rule& candidate : policy->policy.rules) {
    if (candidate.id == "knowsley.supervision-frequency") rule = &candidate;
  }
  ASSERT_NE(rule, nullptr);

  const WorkingDays& calendar = WorkingDays::EnglandAndWales();
  const CivilDay start(2025, 1, 6);
  const CivilDay end = AddMonths(start, 12);
  std::mt19937 random(20261121);
  engine::AuthorityFacts facts;
  int sessions = 0;
  for (const Worker& worker : Authority(start, random)) {
    TellOf(worker, start, end, facts);
    const SeriesPlan plan = PlanSeries({.start = start,
                                        .end = end,
                                        .frequencies = FrequenciesOf(worker.career, start),
                                        .last_session = std::nullopt,
                                        .available = [&](CivilDay day) {
                                          if (!calendar.IsWorkingDay(day)) return false;
                                          for (const Period& absence : worker.absences) {
                                            if (absence.Contains(day)) return false;
                                          }
                                          return true;
                                        }});
    for (const CivilDay day : plan.days) {
      facts.Upsert(absl::StrCat("sessions/s", ++sessions),
                   engine::SessionFact{.supervisee = worker.name,
                                       .supervisor = "boss",
                                       .kind = engine::SessionKind::kFormalOneToOne,
                                       .state = engine::SessionState::kHeld,
                                       .day = day});
    }
  }
  const engine::Evaluator evaluator(*rule, {.effective_from = start}, calendar);
  int gaps = 0;
  for (uint32_t worker = 0; worker < facts.worker_count(); ++worker) {
    for (const engine::Gap& gap : evaluator.History(facts, worker, end - 1)) {
      ++gaps;
      EXPECT_NE(gap.outcome, engine::Outcome::kLate)
          << facts.Name(engine::FactKind::kWorker, worker) << " since " << gap.base << ", due " << gap.due;
      EXPECT_NE(gap.outcome, engine::Outcome::kUnknown) << facts.Name(engine::FactKind::kWorker, worker);
      EXPECT_EQ(gap.days_overdue, 0) << facts.Name(engine::FactKind::kWorker, worker) << " since " << gap.base
                                     << ", due " << gap.due;
    }
  }
  // Monthly for most, weekly and fortnightly for some.
  EXPECT_GT(gaps, kWorkers * 12);
  EXPECT_GT(sessions, kWorkers * 12);
}

}  // namespace
}  // namespace oversight::supervision
