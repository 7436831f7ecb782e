#include "services/compliance/engine/generate.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace oversight::engine::testing {

Generator::Generator(uint32_t seed) : random_(seed) {
  // Half of them run over 29 February 2024.
  first_ = Chance(50) ? CivilDay(2023, 7, 1) + Number(0, 120) : CivilDay(2021, 12, 1) + Number(0, 900);
}

int Generator::Number(int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(random_);
}

CivilDay Generator::Day() {
  const CivilDay day = first_ + Number(0, kLength);
  if (!Chance(40)) return day;
  const absl::CivilMonth month(day.civil());
  const CivilDay month_start(static_cast<int>(month.year()), month.month(), 1);
  return Chance(50) ? month_start : AddMonths(month_start, 1) - 1;
}

absl::string_view Generator::Worker() { return kWorkers[Chance(80) ? 0 : 1]; }
absl::string_view Generator::Supervisor() { return Keep(absl::StrCat("s", Number(0, 2))); }
absl::string_view Generator::Team() { return Keep(absl::StrCat("t", Number(0, 2))); }

Period Generator::RandomPeriod() {
  const CivilDay start = Day();
  if (Chance(30)) return {start, CivilDay::Max()};
  if (Chance(40)) return {start, std::max(start, Day())};
  return {start, start + Number(0, 150)};
}

std::vector<Period> Generator::Sequence(int count) {
  std::vector<Period> periods;
  CivilDay start = Chance(50) ? first_ - Number(0, 60) : Day();
  for (int i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    const CivilDay end = last && Chance(60) ? CivilDay::Max() : start + Number(3, 220);
    periods.push_back({start, end});
    if (end == CivilDay::Max()) break;
    start = Chance(40) ? end : end + (Chance(70) ? Number(1, 12) : Number(10, 90));
  }
  return periods;
}

void Generator::Add(World& world, absl::string_view prefix, AnyFact fact) {
  world.facts[absl::StrCat(prefix, "-", Number(0, 1'000'000))] = std::move(fact);
}

PostFact Generator::RandomPost(absl::string_view worker, Period period) {
  return {.worker = worker,
          .career_stage =
              Pick({CareerStage::kNewlyQualified, CareerStage::kNewlyQualified, CareerStage::kSocialWorker,
                    CareerStage::kStrategic, CareerStage::kUnregisteredPractitioner}),
          .employment_basis = Pick({EmploymentBasis::kPermanent, EmploymentBasis::kAgency}),
          .team = Chance(80) ? Team() : "",
          .case_holding = Chance(80),
          .period = period};
}

SupervisorLinkFact Generator::RandomLink(absl::string_view worker, Period period) {
  return {.worker = worker,
          .supervisor = Supervisor(),
          .function = Pick({SupervisorFunction::kLineManagement, SupervisorFunction::kLineManagement,
                            SupervisorFunction::kProfessional, SupervisorFunction::kPracticeEducation}),
          .cover = Chance(20),
          .period = period};
}

AbsenceFact Generator::RandomAbsence(absl::string_view worker) {
  const CivilDay first = Day();
  if (Chance(8)) return {.worker = worker, .first = first};
  const int length = Pick({1, 2, 4, 5, 6, 7, 8, 12, 27, 28, 29, 45, 80});
  return {.worker = worker, .first = first, .last = first + (length - 1)};
}

SessionFact Generator::RandomSession(absl::string_view worker, CivilDay day) {
  SessionFact session{
      .supervisee = worker,
      .supervisor = Supervisor(),
      .kind = Chance(75) ? SessionKind::kFormalOneToOne
                         : Pick({SessionKind::kProfessional, SessionKind::kPracticeEducation,
                                 SessionKind::kGroup, SessionKind::kInformal}),
      .state = Chance(88) ? SessionState::kHeld : Pick({SessionState::kCancelled, SessionState::kScheduled})};
  if (Chance(97)) session.day = day;
  return session;
}

void Generator::AddSessions(World& world, absl::string_view worker) {
  const int every = Pick({5, 7, 8, 14, 25, 31, 50});
  for (CivilDay day = first_ + Number(0, 20); day < last_day(); day = day + Number(1, 2 * every)) {
    const absl::string_view name = Keep(absl::StrCat("session-", Number(0, 1'000'000)));
    world.facts[std::string(name)] = RandomSession(worker, day);
    if (Chance(50)) Add(world, "discussion", DiscussionFact{name, kCases[0]});
    if (Chance(30)) Add(world, "discussion", DiscussionFact{name, kCases[1]});
  }
}

void Generator::AddWorker(World& world, absl::string_view worker) {
  WorkerFact fact;
  if (Chance(88)) fact.employment_start = first_ + Number(-100, 200);
  if (Chance(12)) fact.employment_end = Day();
  world.facts[std::string(worker)] = fact;
  for (const Period& period : Sequence(Number(0, 3))) Add(world, "post", RandomPost(worker, period));
  if (Chance(55)) {
    const CivilDay start = fact.employment_start.value_or(Day());
    AsyeFact asye{worker, {start + Number(0, 5), Chance(40) ? start + Number(0, 420) : CivilDay::Max()}};
    for (CivilDay day = start; Chance(30);) {
      const CivilDay from = day + Number(0, 90);
      day = from + Pick({1, 7, 28, 60});
      asye.pauses.push_back({from, Chance(90) ? day : CivilDay::Max()});
    }
    Add(world, "asye", asye);
  }
  if (Chance(45)) {
    for (const Period& period : Sequence(Number(1, 3))) {
      Add(world, "student",
          StudentPlacementFact{worker, Pick({StudentRoute::kUniversity, StudentRoute::kApprentice}), period});
    }
  }
  for (const Period& period : Sequence(Number(1, 3))) Add(world, "link", RandomLink(worker, period));
  for (absl::string_view supervisor : {"s0", "s1"}) {
    if (!Chance(70)) continue;
    SupervisorLinkFact link = RandomLink(worker, {first_ - 10, CivilDay::Max()});
    link.supervisor = supervisor;
    Add(world, "link", link);
  }
  for (int i = Number(0, 4); i > 0; --i) {
    const AbsenceFact absence = RandomAbsence(worker);
    Add(world, "absence", absence);
    // The next one follows closely, perhaps over a weekend.
    if (absence.last != CivilDay::Max() && Chance(40)) {
      const CivilDay first = absence.last + Number(1, 5);
      Add(world, "absence", AbsenceFact{worker, first, first + Number(0, 30)});
    }
  }
  AddSessions(world, worker);
}

PlacementFact Generator::RandomPlacement(absl::string_view case_name, Period period) {
  PlacementFact placement{
      .case_name = case_name,
      .type = Pick({PlacementType::kFoster, PlacementType::kFoster, PlacementType::kResidential,
                    PlacementType::kWithParents, PlacementType::kForAdoption, PlacementType::kOther}),
      .carer_or_home = Chance(85) ? Keep(absl::StrCat("carer-", Number(0, 1))) : "",
      .respite = Chance(15),
      .new_address = Chance(15),
      .period = period};
  if (Chance(35)) placement.permanence_implemented = Day();
  return placement;
}

AgreementFact Generator::RandomAgreement(absl::string_view case_name) {
  return {.case_name = case_name,
          .ground = Pick({AgreementGround::kSupportOnly, AgreementGround::kDirectPaymentsOnly,
                          AgreementGround::kUnspecified}),
          .low_risk = Chance(85),
          .no_carer_deficits = Chance(75),
          .agreed_by = Chance(90) ? "s0" : "",
          .agreed_on = Chance(90) ? std::optional(Day()) : std::nullopt,
          .period = RandomPeriod()};
}

AllocationFact Generator::RandomAllocation(absl::string_view case_name, Period period) {
  return {.case_name = case_name,
          .worker = Worker(),
          .role = Chance(75)
                      ? AllocationRole::kKeyworker
                      : Pick({AllocationRole::kCoworker, AllocationRole::kInvolvedWorker,
                              AllocationRole::kPersonalAdviser, AllocationRole::kSupervisingSocialWorker}),
          .team = Chance(85) ? Team() : "",
          .covers_keyworker = Chance(10),
          .period = period};
}

void Generator::AddCase(World& world, absl::string_view case_name) {
  CaseFact fact;
  fact.open = Sequence(Number(1, 3));
  if (Chance(70)) fact.open = {{first_ - 5, Chance(70) ? CivilDay::Max() : Day()}};
  world.facts[std::string(case_name)] = fact;
  const auto status = [&] {
    return Pick({CaseStatus::kAssessment, CaseStatus::kChildInNeed, CaseStatus::kChildProtection,
                 CaseStatus::kPreProceedings, CaseStatus::kPublicLawProceedings, CaseStatus::kLookedAfter,
                 CaseStatus::kLookedAfter, CaseStatus::kLookedAfter});
  };
  for (int line = Number(1, 2); line > 0; --line) {
    for (const Period& period : Sequence(Number(1, 4))) {
      Add(world, "status", StatusPeriodFact{case_name, status(), period});
    }
  }
  // Sometimes two lines of placements, so that they overlap and lie within each other.
  for (int line = Chance(75) ? Number(1, 2) : 0; line > 0; --line) {
    for (const Period& period : Sequence(Number(1, 5))) {
      Add(world, "placement", RandomPlacement(case_name, period));
    }
  }
  for (int i = Number(0, 2); i > 0; --i) Add(world, "agreement", RandomAgreement(case_name));
  for (const Period& period : Sequence(Number(1, 3))) {
    Add(world, "allocation", RandomAllocation(case_name, period));
  }
  if (Chance(70)) {
    AllocationFact steady = RandomAllocation(case_name, {first_ - 5, CivilDay::Max()});
    steady.worker = kWorkers[0];
    Add(world, "allocation", steady);
  }
}

World Generator::MakeWorld() {
  World world;
  for (int team = 0; team < 3; ++team) {
    world.facts[absl::StrCat("t", team)] =
        TeamFact{Pick({ServiceArea::kChildInNeed, ServiceArea::kChildrenWithDisabilities})};
  }
  for (const absl::string_view worker : kWorkers) AddWorker(world, worker);
  for (const absl::string_view case_name : kCases) AddCase(world, case_name);
  if (Chance(30)) world.records_complete_from = first_ + Number(-30, 200);
  return world;
}

void Generator::AddAgreedIntervals(World& world, SubjectKind kind, absl::string_view subject, bool rivals) {
  for (int line = Number(0, 3); line > 0; --line) {
    for (const Period& period : Sequence(Number(1, 3))) {
      AgreedIntervalFact agreed{.kind = kind, .subject = subject, .period = period};
      if (Chance(35)) {
        agreed.months = Pick({1, 1, 2, 3, 4});
      } else if (Chance(85)) {
        agreed.days =
            rivals ? Pick({5, 7, 10, 21, 28, 29, 30, 31, 59, 60, 61, 62, 91}) : Pick({5, 7, 10, 21, 45, 75});
      }
      Add(world, "agreed", agreed);
    }
  }
}

std::pair<std::string, AnyFact> Generator::AnyFactAtAll() {
  const absl::string_view worker = Worker();
  const absl::string_view case_name = kCases[Number(0, 1)];
  const auto named = [&](absl::string_view prefix, AnyFact fact) {
    return std::pair(absl::StrCat(prefix, "-", Number(0, 3)), std::move(fact));
  };
  switch (Number(0, 13)) {
    case 0: {
      WorkerFact fact;
      if (Chance(85)) fact.employment_start = Day();
      if (Chance(20)) fact.employment_end = Day();
      return {std::string(worker), fact};
    }
    case 1:
      return named("more-post", RandomPost(worker, RandomPeriod()));
    case 2:
      return named("more-asye", AsyeFact{worker, RandomPeriod()});
    case 3:
      return named("more-student", StudentPlacementFact{worker, StudentRoute::kApprentice, RandomPeriod()});
    case 4:
      return named("more-link", RandomLink(worker, RandomPeriod()));
    case 5:
      return named("more-absence", RandomAbsence(worker));
    case 6:
      return {std::string(Team()),
              TeamFact{Pick({ServiceArea::kChildInNeed, ServiceArea::kChildrenWithDisabilities})}};
    case 7:
      return {std::string(case_name), CaseFact{{RandomPeriod(), RandomPeriod()}}};
    case 8:
      return named("more-status",
                   StatusPeriodFact{case_name, Pick({CaseStatus::kChildInNeed, CaseStatus::kLookedAfter}),
                                    RandomPeriod()});
    case 9:
      return named("more-placement", RandomPlacement(case_name, RandomPeriod()));
    case 10:
      return named("more-agreement", RandomAgreement(case_name));
    case 11:
      return named("more-allocation", RandomAllocation(case_name, RandomPeriod()));
    case 12:
      return named("more-session", RandomSession(worker, Day()));
    default:
      return named("more-discussion",
                   DiscussionFact{Keep(absl::StrCat("more-session-", Number(0, 3))), case_name});
  }
}

Assignment Generator::MakeAssignment() {
  Assignment assignment;
  assignment.effective_from = first_ + (Chance(60) ? Number(-90, 0) : Number(0, 200));
  if (Chance(25)) assignment.effective_until = assignment.effective_from + Number(1, kLength);
  return assignment;
}

Rule Generator::VaryIntervals(Rule rule) {
  for (Row& row : rule.rows) {
    if (row.IsUnknown() || row.every_of) continue;
    row.every = Chance(50) ? Interval::Days(Pick({7, 14, 28, 29, 30, 31, 59, 60, 61, 62}))
                           : Interval::Months(Number(1, 3));
  }
  if (Chance(20)) rule.notice_days = Number(0, 20);
  if (Chance(30)) rule.bridge_working_days = Number(0, 9);
  return rule;
}

std::vector<CivilDay> InterestingDays(const World& world, Generator& generator, int more) {
  std::set<CivilDay> days;
  const auto add = [&](CivilDay day) {
    if (day < generator.first_day() - 120 || day > generator.last_day() + 300) return;
    for (int offset = -1; offset <= 1; ++offset) days.insert(day + offset);
  };
  const auto add_period = [&](const Period& period) {
    add(period.start);
    add(period.end);
  };
  for (const auto& [name, any] : world.facts) {
    std::visit(
        [&](const auto& fact) {
          using Fact = std::decay_t<decltype(fact)>;
          if constexpr (std::is_same_v<Fact, AbsenceFact>) {
            add(fact.first);
            add(fact.last);
          } else if constexpr (std::is_same_v<Fact, CaseFact>) {
            for (const Period& period : fact.open) add_period(period);
          } else if constexpr (requires { fact.period; }) {
            add_period(fact.period);
          }
        },
        any);
  }
  for (int i = 0; i < more; ++i) days.insert(generator.first_day() + generator.Number(-20, 700));
  return {days.begin(), days.end()};
}

}  // namespace oversight::engine::testing
