// A year's planned series of a whole authority, planned from what compliance says the policies in force ask
// for, and judged by the compliance engine itself: nobody is ever late.

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/dates.h"
#include "common/time/working_days.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/generate.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/questions/frequency.h"
#include "services/supervision/planning/required_frequency.h"

namespace oversight::supervision {
namespace {

namespace workforce = workforce::v1;
using ::testing::Contains;

constexpr int kWorkers = 260;
const CivilDay kToday(2026, 1, 5);
const CivilDay kEnd(2027, 1, 5);
const CivilDay kLong(2019, 9, 2);

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

const std::vector<policy::LoadedPolicy>& Packs() {
  static const auto* packs =
      new std::vector<policy::LoadedPolicy>(*policy::LoadDirectory(OVERSIGHT_POLICIES_DIR));
  return *packs;
}

// What the engine makes of one policy, assigned since three months.
class Judge {
 public:
  explicit Judge(const engine::Policy& policy) : policy_(policy) {
    for (const engine::Rule& rule : policy.rules) {
      evaluators_.emplace_back(rule, engine::Assignment{.effective_from = kToday - 90}, Calendar());
    }
  }
  const engine::Policy& policy() const { return policy_; }
  const std::vector<engine::Evaluator>& evaluators() const { return evaluators_; }

 private:
  const engine::Policy& policy_;
  std::vector<engine::Evaluator> evaluators_;
};

// An authority of workers supervised by `boss`, told as the services' ledgers tell.
class Authority {
 public:
  explicit Authority(uint32_t seed) : random_(seed) {
    AddTeam("in-need", workforce::SERVICE_AREA_CHILD_IN_NEED);
    AddTeam("residential", workforce::SERVICE_AREA_RESIDENTIAL);
    AddTeam("adults", workforce::SERVICE_AREA_ADULTS);
    for (int i = 0; i < kWorkers; ++i) AddWorker(i);
  }

  const engine::AuthorityFacts& facts() const { return facts_; }
  bool IsAway(uint32_t worker, CivilDay day) const {
    const auto absences = absences_.find(Name(worker));
    if (absences == absences_.end()) return false;
    return std::any_of(absences->second.begin(), absences->second.end(),
                       [day](const Period& absence) { return absence.Contains(day); });
  }
  std::string Name(uint32_t worker) const {
    return std::string(facts_.Name(engine::FactKind::kWorker, worker));
  }
  uint32_t Boss() const { return facts_.FindWorker("workers/boss")->index; }
  void Hold(const std::string& worker, CivilDay day) {
    v1::Session session;
    session.set_supervisee("authorities/a/" + worker);
    session.set_supervisor("authorities/a/workers/boss");
    session.set_kind(v1::Session::KIND_FORMAL_ONE_TO_ONE);
    session.set_state(v1::Session::STATE_HELD);
    session.set_threshold_decisions(true);
    *session.mutable_date() = resource::ToDate(day);
    Put(absl::StrCat("sessions/s", ++sessions_), session);
  }
  int sessions() const { return sessions_; }

 private:
  int Number(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  void Put(const std::string& name, const google::protobuf::Message& message) {
    compliance::PutMessage(facts_, name, message);
  }
  template <typename Message>
  static void SetPeriod(Message& message, CivilDay from, std::optional<CivilDay> until = std::nullopt) {
    *message.mutable_start_date() = resource::ToDate(from);
    if (until) *message.mutable_end_date() = resource::ToDate(*until);
  }

  void AddTeam(const std::string& id, workforce::ServiceArea area) {
    workforce::Team team;
    team.set_service_area(area);
    Put("teams/" + id, team);
  }
  void AddPost(const std::string& worker, workforce::CareerStage stage, CivilDay from,
               const std::string& team = "in-need",
               workforce::Position position = workforce::POSITION_PRACTITIONER,
               std::optional<CivilDay> until = std::nullopt) {
    workforce::Post post;
    post.set_career_stage(stage);
    post.set_position(position);
    post.set_team("authorities/a/teams/" + team);
    SetPeriod(post, from, until);
    Put(absl::StrCat(worker, "/posts/", from.ToString()), post);
  }
  void AddEmployment(const std::string& name, CivilDay from, std::optional<CivilDay> until = std::nullopt) {
    workforce::Worker worker;
    *worker.mutable_employment_start_date() = resource::ToDate(from);
    if (until) *worker.mutable_employment_end_date() = resource::ToDate(*until);
    Put(name, worker);
    workforce::SupervisorLink link;
    link.set_supervisor("authorities/a/workers/boss");
    link.set_function(workforce::SupervisorLink::FUNCTION_LINE_MANAGEMENT);
    SetPeriod(link, from, until);
    Put(name + "/supervisorLinks/l", link);
  }
  void AddPlacement(const std::string& worker, workforce::StudentPlacement::Route route, CivilDay from,
                    CivilDay until) {
    workforce::StudentPlacement placement;
    placement.set_route(route);
    SetPeriod(placement, from, until);
    Put(absl::StrCat(worker, "/studentPlacements/", from.ToString()), placement);
  }
  void AddAgreement(const std::string& worker, int days, CivilDay from, CivilDay until) {
    v1::Agreement agreement;
    agreement.set_supervisee("authorities/a/" + worker);
    agreement.set_supervisor("authorities/a/workers/boss");
    agreement.set_agreed_days(days);
    SetPeriod(agreement, from, until);
    Put(absl::StrCat("agreements/a", ++agreements_), agreement);
  }
  void AddCase(const std::string& worker, CivilDay from, CivilDay until) {
    const std::string name = absl::StrCat("cases/c", ++cases_);
    caseload::v1::Case record;
    SetPeriod(*record.add_open_periods(), kLong);
    Put(name, record);
    caseload::v1::Allocation allocation;
    allocation.set_worker("authorities/a/" + worker);
    allocation.set_role(caseload::v1::ALLOCATION_ROLE_KEYWORKER);
    SetPeriod(allocation, from, until);
    Put(name + "/allocations/k", allocation);
  }
  void AddAbsence(const std::string& worker, CivilDay first, int days) {
    workforce::Absence absence;
    *absence.mutable_first_date() = resource::ToDate(first);
    *absence.mutable_last_date() = resource::ToDate(first + (days - 1));
    Put(absl::StrCat(worker, "/absences/", first.ToString()), absence);
    absences_[worker].push_back({first, first + days});
  }

  void AddWorker(int i) {
    const std::string name = absl::StrCat("workers/w", i);
    const CivilDay lately = kToday - Number(0, 80);
    switch (i % 13) {
      case 0:  // newly qualified, in the first weeks of employment today
        AddEmployment(name, lately);
        AddPost(name, workforce::CAREER_STAGE_NEWLY_QUALIFIED, lately);
        AddAsye(name, lately, std::nullopt);
        break;
      case 1: {  // starts within the year; the programme is completed before it is over
        const CivilDay start = kToday + Number(10, 120);
        AddEmployment(name, start);
        AddPost(name, workforce::CAREER_STAGE_NEWLY_QUALIFIED, start);
        AddAsye(name, start, start + Number(30, 100));
        break;
      }
      case 2: {  // a university student on two placements
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_READINESS_FOR_PRACTICE, kLong);
        const CivilDay second = kToday + Number(110, 160);
        AddPlacement(name, workforce::StudentPlacement::ROUTE_UNIVERSITY, lately, second - Number(0, 20));
        AddPlacement(name, workforce::StudentPlacement::ROUTE_UNIVERSITY, second, second + 100);
        break;
      }
      case 3:  // an apprentice, at work beside the placement
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_END_OF_FIRST_PLACEMENT, kLong);
        AddPlacement(name, workforce::StudentPlacement::ROUTE_APPRENTICE, kToday + Number(0, 60), kEnd - 90);
        break;
      case 4:  // holds cases, later none
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_SOCIAL_WORKER, kLong);
        AddCase(name, kLong, kToday + Number(0, 365));
        break;
      case 5:  // not qualified, holds none
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_UNREGISTERED_PRACTITIONER, kLong);
        break;
      case 6:  // with stricter frequencies agreed
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_SOCIAL_WORKER, kLong);
        AddAgreement(name, 7, kToday + Number(0, 60), kToday + 130);
        AddAgreement(name, Number(8, 21), kToday + Number(60, 160), kEnd + 30);
        break;
      case 7:  // a volunteer in a home
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_VOLUNTEER, kLong, "residential");
        break;
      case 8:  // supervises others
        AddEmployment(name, kLong);
        AddPost(
            name, workforce::CAREER_STAGE_ADVANCED, kLong, "in-need",
            i % 2 == 0 ? workforce::POSITION_PRACTICE_SUPERVISOR : workforce::POSITION_DEPUTY_TEAM_MANAGER);
        break;
      case 9: {  // moves between teams, with some days between
        AddEmployment(name, kLong);
        const CivilDay left = kToday + Number(30, 200);
        AddPost(name, workforce::CAREER_STAGE_SOCIAL_WORKER, kLong, "in-need",
                workforce::POSITION_PRACTITIONER, left);
        AddPost(name, workforce::CAREER_STAGE_EXPERIENCED_SOCIAL_WORKER, left + Number(0, 25), "adults");
        break;
      }
      case 10: {  // leaves
        const CivilDay leaves = kToday + Number(20, 340);
        AddEmployment(name, kLong, leaves);
        AddPost(name, workforce::CAREER_STAGE_SOCIAL_WORKER, kLong, "in-need",
                workforce::POSITION_PRACTITIONER, leaves);
        break;
      }
      case 11:  // newly qualified, and long away: the clock of the first weeks stands still
        AddEmployment(name, kToday);
        AddPost(name, workforce::CAREER_STAGE_NEWLY_QUALIFIED, kToday);
        AddAsye(name, kToday, std::nullopt);
        AddAbsence(name, kToday + Number(5, 60), Number(29, 70));
        break;
      default:
        AddEmployment(name, kLong);
        AddPost(name, workforce::CAREER_STAGE_SOCIAL_WORKER, kLong);
        break;
    }
    for (int away = 0; away < 4; ++away) AddAbsence(name, kToday + away * 90 + Number(0, 80), Number(1, 40));
    // What was held before, and was in time by every rule so far or was not.
    for (CivilDay day = kToday - Number(1, 12); day > kToday - 90; day = day - Number(3, 12)) {
      Hold(name, day);
    }
  }
  void AddAsye(const std::string& worker, CivilDay from, std::optional<CivilDay> completed) {
    workforce::AsyeProgramme programme;
    *programme.mutable_start_date() = resource::ToDate(from);
    if (completed) *programme.mutable_completed_date() = resource::ToDate(*completed);
    Put(worker + "/asyeProgrammes/a", programme);
  }

  std::mt19937 random_;
  engine::AuthorityFacts facts_;
  std::map<std::string, std::vector<Period>> absences_;
  int sessions_ = 0;
  int agreements_ = 0;
  int cases_ = 0;
};

compliance::v1::ProjectFrequencyResponse Said(const std::vector<Judge>& judges,
                                              const engine::AuthorityFacts& facts,
                                              const engine::FrequencyQuestion& question) {
  compliance::v1::ProjectFrequencyResponse said;
  for (const Judge& judge : judges) {
    for (const engine::Evaluator& evaluator : judge.evaluators()) {
      for (const auto& required : engine::RequiredFrequencies(evaluator, facts, question)) {
        *said.add_requirements() = compliance::ToProto(judge.policy(), evaluator.rule(), required);
      }
    }
  }
  return said;
}

// Plans a year for everybody by these policies, lets it happen as planned, and has it judged. Returns the
// rows that governed a planned gap.
std::set<std::string> PlanAndJudge(const std::vector<Judge>& judges, Authority& authority) {
  std::map<uint32_t, SeriesPlan> plans;
  for (uint32_t worker = 0; worker < authority.facts().worker_count(); ++worker) {
    if (authority.Name(worker) == "workers/boss") continue;
    const auto said = Said(judges, authority.facts(),
                           {.worker = worker,
                            .supervisor = authority.Boss(),
                            .kind = engine::SessionKind::kFormalOneToOne,
                            .days = {kToday, kEnd},
                            .as_of = kToday});
    if (said.requirements().empty()) continue;
    plans[worker] = PlanSeries(
        {.start = kToday,
         .end = kEnd,
         .frequencies = {},
         .last_session = std::nullopt,
         .available =
             [&](CivilDay day) { return Calendar().IsWorkingDay(day) && !authority.IsAway(worker, day); },
         .requirements = RequirementsOf(said),
         .others = {}});
  }
  for (const auto& [worker, plan] : plans) {
    for (const CivilDay day : plan.days) authority.Hold(authority.Name(worker), day);
  }
  std::set<std::string> rows;
  for (const Judge& judge : judges) {
    for (const engine::Evaluator& evaluator : judge.evaluators()) {
      const engine::Rule& rule = evaluator.rule();
      if (rule.subject != engine::SubjectKind::kWorker || rule.session_kinds == 0 || rule.event) continue;
      if (!rule.As<engine::Recurring>() && !rule.As<engine::CalendarMonth>()) continue;
      for (const auto& [worker, plan] : plans) {
        for (const engine::Gap& gap : evaluator.History(authority.facts(), worker, kEnd - 1)) {
          // What ended before the plan began is no work of the plan.
          if (gap.closed <= kToday) continue;
          const bool late = gap.outcome == engine::Outcome::kLate ||
                            gap.outcome == engine::Outcome::kUnknown || gap.days_overdue > 0;
          // Overdue already when it was planned: the plan says so, and does what can be done.
          if (late && gap.due < kToday) {
            EXPECT_THAT(plan.unmet, Contains(gap.unadjusted_due)) << rule.id << " " << authority.Name(worker);
            continue;
          }
          EXPECT_FALSE(late) << rule.id << " " << authority.Name(worker) << " since " << gap.base << ", due "
                             << gap.due << ", closed " << gap.closed;
          const auto finding = evaluator.Evaluate(authority.facts(), worker, gap.base);
          if (finding && finding->row >= 0) rows.insert(rule.rows[static_cast<size_t>(finding->row)].id);
        }
        for (const CivilDay unmet : plan.unmet) {
          EXPECT_LT(unmet, kToday) << authority.Name(worker);
        }
      }
    }
  }
  return rows;
}

class SeriesInForceTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SeriesInForceTest, AYearOfTwoHundredAndSixtyWorkersHasNoGap) {
  const std::map<std::string, std::vector<std::string>> rows_of = {
      {"national", {"nqsw-weeks-1-6", "nqsw-to-6-months", "thereafter"}},
      {"knowsley",
       {"asye-weeks-1-6", "asye-weeks-7-12", "asye-after", "student-weeks-1-6", "student-after", "registered",
        "monthly"}},
      {"islington", {"case-holding", "non-case-holding", "as-agreed"}},
      {"walsall", {"as-agreed", "monthly"}},
      {"lincolnshire", {"employed-student", "university-placement"}}};
  std::vector<Judge> judges;
  for (const policy::LoadedPolicy& pack : Packs()) {
    if (GetParam() == "all" || pack.policy.id == GetParam()) judges.emplace_back(pack.policy);
  }
  ASSERT_EQ(judges.size(), GetParam() == "all" ? 5u : 1u);
  Authority authority(20261128);
  const int before = authority.sessions();
  const std::set<std::string> rows = PlanAndJudge(judges, authority);
  for (const auto& [pack, ids] : rows_of) {
    if (GetParam() != "all" && GetParam() != pack) continue;
    for (const std::string& id : ids) EXPECT_THAT(rows, Contains(id)) << pack;
  }
  // Enough that nobody was left out: absences excuse some months, and some join or leave.
  EXPECT_GT(authority.sessions() - before, kWorkers * (GetParam() == "lincolnshire" ? 2 : 8));
}

INSTANTIATE_TEST_SUITE_P(Packs, SeriesInForceTest,
                         ::testing::Values("national", "knowsley", "islington", "walsall", "lincolnshire",
                                           "all"),
                         [](const auto& info) { return info.param; });

// Whatever is on record: generated histories of all rows with other intervals, corrections, short
// interruptions, unknown beginnings of employment, absences without end.
TEST(SeriesInForceGeneratedTest, NoGapIsOverdueUnlessThePlanSaysSo) {
  int planned = 0;
  for (uint32_t seed = 1; seed <= 1500; ++seed) {
    engine::testing::Generator generator(seed);
    engine::testing::World world = generator.MakeWorld();
    const CivilDay today = generator.first_day() + 200;
    const CivilDay end = today + 365;
    // `s0` supervises throughout; what has not happened yet has not been held.
    world.facts["link-of-s0"] =
        engine::SupervisorLinkFact{.worker = "w0",
                                   .supervisor = "s0",
                                   .function = engine::SupervisorFunction::kLineManagement,
                                   .cover = false,
                                   .period = {generator.first_day() - 500, CivilDay::Max()}};
    std::erase_if(world.facts, [&](const auto& fact) {
      const auto* session = std::get_if<engine::SessionFact>(&fact.second);
      return session != nullptr && session->day && *session->day > today;
    });
    engine::AuthorityFacts facts;
    engine::testing::Fill(facts, world);
    const uint32_t worker = facts.FindWorker("w0")->index;
    const uint32_t supervisor = facts.FindWorker("s0")->index;
    const engine::Rule rule = generator.VaryIntervals(engine::testing::KnowsleyRule("supervision-frequency"));
    const engine::Evaluator evaluator(rule, generator.MakeAssignment(), Calendar());
    compliance::v1::ProjectFrequencyResponse said;
    for (const auto& required : engine::RequiredFrequencies(evaluator, facts,
                                                            {.worker = worker,
                                                            .supervisor = supervisor,
                                                            .kind = engine::SessionKind::kFormalOneToOne,
                                                            .days = {today, end},
                                                            .as_of = today})) {
      *said.add_requirements() = compliance::ToProto(engine::testing::Knowsley(), rule, required);
    }
    const engine::AbsenceCalendar absences = engine::AbsencesOf(facts.worker(worker), Calendar());
    const SeriesPlan plan = PlanSeries(
        {.start = today,
         .end = end,
         .frequencies = {},
         .last_session = std::nullopt,
         .available = [&](CivilDay day) { return Calendar().IsWorkingDay(day) && !absences.Contains(day); },
         .requirements = RequirementsOf(said),
         .others = {}});
    int number = 0;
    for (const CivilDay day : plan.days) {
      ++planned;
      facts.Upsert(absl::StrCat("planned", ++number),
                   engine::SessionFact{.supervisee = "w0",
                                       .supervisor = "s0",
                                       .kind = engine::SessionKind::kFormalOneToOne,
                                       .state = engine::SessionState::kHeld,
                                       .day = day});
    }
    for (const engine::Gap& gap : evaluator.History(facts, worker, end - 1)) {
      if (gap.closed <= today || gap.days_overdue == 0) continue;
      EXPECT_THAT(plan.unmet, Contains(gap.unadjusted_due))
          << "seed " << seed << " since " << gap.base << ", due " << gap.due << ", closed " << gap.closed;
      EXPECT_LT(gap.due, today) << "seed " << seed << " since " << gap.base;
    }
  }
  EXPECT_GT(planned, 5000);
}

}  // namespace
}  // namespace oversight::supervision
