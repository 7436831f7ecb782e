#include "deploy/sample/organisation.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace oversight::sample {
namespace {

// Shares of an authority with 260 workers, after the workforce statistics for England.
constexpr int kMeanWorkers = 260;
constexpr int kCaseHoldingSocialWorkers = 140;
constexpr int kPersonalAdvisers = 16;
constexpr int kFamilyPractitioners = 20;
constexpr int kStudents = 8;
constexpr int kHomes = 2;
constexpr int kStaffOfHome = 6;
constexpr int kStaffOfSmallHome = 2;
constexpr int kSeatsOfTeam = 11;
constexpr int kSeatsOfPracticeSupervisor = 6;

// Caseloads of social workers: share in percent, smallest and largest.
struct Band {
  int share, low, high;
};
constexpr Band kBands[] = {{9, 1, 4}, {11, 5, 9}, {19, 10, 14}, {29, 15, 19}, {20, 20, 24}, {12, 25, 33}};

struct AreaPlan {
  Area area;
  absl::string_view code;
  absl::string_view name;
  int department;
};
constexpr AreaPlan kAreas[] = {
    {Area::kFrontDoor, "FD", "Front door and assessment", 0},
    {Area::kChildInNeed, "CIN", "Child in need", 0},
    {Area::kChildProtection, "CP", "Child protection", 1},
    {Area::kLookedAfter, "LAC", "Children looked after", 2},
    {Area::kLeavingCare, "LC", "Leaving care", 2},
    {Area::kDisabilities, "CWD", "Children with disabilities", 3},
    {Area::kFamilyPlacement, "FP", "Family placement", 2},
    {Area::kOther, "QA", "Quality and review", 3},
};

int Scaled(int of_mean_authority, const Options& options, int at_least) {
  return std::max(at_least, (of_mean_authority * options.workers + kMeanWorkers / 2) / kMeanWorkers);
}

class OrganisationBuilder {
 public:
  explicit OrganisationBuilder(Authority& authority)
      : authority_(authority), options_(authority.options), random_(options_.seed, "organisation") {}

  void Build() {
    BuildTop();
    BuildHomes();
    const std::map<Area, std::vector<Role>> roles = RolesByArea();
    for (const AreaPlan& plan : kAreas) {
      const auto it = roles.find(plan.area);
      if (it != roles.end()) BuildTeams(plan, it->second);
    }
    for (const AreaPlan& plan : kAreas) SetCaseloads(plan.area);
    AddStudents();
    Regroup();
  }

 private:
  int AddSeat(int team, Role role, Rank rank, int supervisor) {
    Seat seat;
    seat.team = team;
    seat.role = role;
    seat.rank = rank;
    seat.supervisor = supervisor;
    authority_.seats.push_back(std::move(seat));
    return static_cast<int>(authority_.seats.size()) - 1;
  }

  int AddTeam(std::string id, std::string name, Area area, int parent) {
    authority_.teams.push_back(Team{std::move(id), std::move(name), area, parent});
    return static_cast<int>(authority_.teams.size()) - 1;
  }

  void BuildTop() {
    const int service = AddTeam("SERVICE-CHILDREN", "Children's social care", Area::kOther, -1);
    const int chief = AddSeat(service, Role::kChiefExecutive, Rank::kChiefExecutive, -1);
    const int director = AddSeat(service, Role::kDirector, Rank::kDirector, chief);
    constexpr absl::string_view kDepartments[][2] = {{"SERVICE-FAMILIES", "Assessment and family support"},
                                                     {"SERVICE-SAFEGUARDING", "Safeguarding"},
                                                     {"SERVICE-PERMANENCE", "Permanence"},
                                                     {"SERVICE-INCLUSION", "Inclusion and quality"}};
    for (const auto& department : kDepartments) {
      departments_.push_back(
          AddTeam(std::string(department[0]), std::string(department[1]), Area::kOther, service));
      managers_.push_back(
          AddSeat(departments_.back(), Role::kServiceManager, Rank::kServiceManager, director));
    }
  }

  // The authority's own homes for children, each with a volunteer.
  void BuildHomes() {
    const int homes = Scaled(kHomes, options_, 1);
    for (int i = 0; i < homes; ++i) {
      const int team = AddTeam(absl::StrCat("TEAM-RES-", i + 1), absl::StrCat("Children's home ", i + 1),
                               Area::kResidential, departments_[2]);
      const int manager = AddSeat(team, Role::kTeamManager, Rank::kTeamManager, managers_[2]);
      const int staff = options_.workers < kMeanWorkers / 2 ? kStaffOfSmallHome : kStaffOfHome;
      for (int j = 0; j < staff; ++j) AddSeat(team, Role::kResidentialWorker, Rank::kPractitioner, manager);
      AddSeat(team, Role::kVolunteer, Rank::kPractitioner, manager);
    }
  }

  // Who works in each area below the rank of a practice supervisor, students aside.
  std::map<Area, std::vector<Role>> RolesByArea() {
    std::map<Area, std::vector<Role>> roles;
    const int advisers = Scaled(kPersonalAdvisers, options_, 1);
    const int practitioners = Scaled(kFamilyPractitioners, options_, 1);
    const int social_workers = Scaled(kCaseHoldingSocialWorkers, options_, 5);
    roles[Area::kLeavingCare].assign(static_cast<size_t>(advisers), Role::kPersonalAdviser);
    roles[Area::kChildInNeed].assign(static_cast<size_t>(practitioners), Role::kFamilyPractitioner);

    std::map<Area, int> cases = CasesByArea(options_.cases);
    cases.erase(Area::kLeavingCare);
    // A third of the child-in-need cases that are held at all is with family practitioners.
    cases[Area::kChildInNeed] = cases[Area::kChildInNeed] * 7 / 10;
    const int total =
        std::max(1, std::accumulate(cases.begin(), cases.end(), 0,
                                    [](int sum, const auto& entry) { return sum + entry.second; }));
    for (const auto& [area, count] : cases) {
      const int seats = std::max(1, (social_workers * count + total / 2) / total);
      roles[area].insert(roles[area].end(), static_cast<size_t>(seats), Role::kSocialWorker);
    }
    AddSpecialists(roles);
    return roles;
  }

  // The rest of the workforce holds no cases.
  void AddSpecialists(std::map<Area, std::vector<Role>>& roles) {
    int planned = static_cast<int>(authority_.seats.size()) + Scaled(kStudents, options_, 1);
    for (const auto& [area, list] : roles) {
      const int seats = static_cast<int>(list.size());
      planned += seats + std::max(1, seats / kSeatsOfTeam) + seats / kSeatsOfPracticeSupervisor;
    }
    planned += 4;  // managers and practice supervisors of the two teams below
    // One of each at least.
    for (int i = 0; i < std::max(3, options_.workers - planned); ++i) {
      constexpr Area kTurns[] = {Area::kFamilyPlacement, Area::kOther, Area::kFrontDoor};
      constexpr Role kRoles[] = {Role::kSupervisingSocialWorker, Role::kReviewingOfficer,
                                 Role::kDutySocialWorker};
      roles[kTurns[i % 3]].push_back(kRoles[i % 3]);
    }
  }

  void BuildTeams(const AreaPlan& plan, std::vector<Role> roles) {
    random_.Shuffle(roles);
    const size_t count = std::max<size_t>(1, roles.size() / kSeatsOfTeam);
    for (size_t i = 0; i < count; ++i) {
      const int team = AddTeam(absl::StrCat("TEAM-", plan.code, "-", i + 1),
                               absl::StrCat(plan.name, " ", i + 1), plan.area, departments_[plan.department]);
      const std::vector<Role> members(roles.begin() + static_cast<long>(roles.size() * i / count),
                                      roles.begin() + static_cast<long>(roles.size() * (i + 1) / count));
      BuildTeam(team, managers_[plan.department], members);
    }
  }

  void BuildTeam(int team, int service_manager, const std::vector<Role>& members) {
    const int manager = AddSeat(team, Role::kTeamManager, Rank::kTeamManager, service_manager);
    std::vector<int> supervisors;
    for (size_t i = 0; i < members.size() / kSeatsOfPracticeSupervisor; ++i) {
      supervisors.push_back(AddSeat(team, Role::kPracticeSupervisor, Rank::kPracticeSupervisor, manager));
    }
    for (size_t i = 0; i < members.size(); ++i) {
      const bool by_manager = supervisors.empty() || random_.Percent(12);
      AddSeat(team, members[i], Rank::kPractitioner,
              by_manager ? manager : supervisors[i % supervisors.size()]);
    }
  }

  int DrawCaseload(Role role) {
    if (role != Role::kSocialWorker) return random_.Between(14, 24);
    std::vector<int> shares;
    for (const Band& band : kBands) shares.push_back(band.share);
    const Band& band = kBands[random_.Weighted(shares)];
    return random_.Between(band.low, band.high);
  }

  void SetCaseloads(Area area) {
    const int target = CasesByArea(options_.cases)[area] - UnallocatedByArea(options_.cases)[area];
    std::vector<Seat*> holders;
    for (Seat& seat : authority_.seats) {
      const bool holds_cases = seat.role == Role::kSocialWorker || seat.role == Role::kFamilyPractitioner ||
                               seat.role == Role::kPersonalAdviser;
      if (holds_cases && authority_.teams[seat.team].area == area) holders.push_back(&seat);
    }
    if (holders.empty() || target <= 0) return;
    int sum = 0;
    for (Seat* seat : holders) sum += seat->caseload = DrawCaseload(seat->role);
    const int drawn = sum;
    sum = 0;
    for (Seat* seat : holders) sum += seat->caseload = std::max(1, seat->caseload * target / drawn);
    while (sum != target) {
      Seat* seat = random_.Pick(holders);
      const int least = sum > static_cast<int>(holders.size()) ? 1 : 0;
      if (sum > target && seat->caseload <= least) continue;
      const int step = sum < target ? 1 : -1;
      seat->caseload += step;
      sum += step;
    }
  }

  void AddStudents() {
    std::vector<int> supervisors;
    for (size_t i = 0; i < authority_.seats.size(); ++i) {
      const Seat& seat = authority_.seats[i];
      const Area area = authority_.teams[seat.team].area;
      if (seat.role == Role::kPracticeSupervisor &&
          (area == Area::kChildInNeed || area == Area::kChildProtection || area == Area::kLookedAfter)) {
        supervisors.push_back(static_cast<int>(i));
      }
    }
    if (supervisors.empty()) {
      for (size_t i = 0; i < authority_.seats.size(); ++i) {
        if (authority_.seats[i].rank == Rank::kTeamManager) supervisors.push_back(static_cast<int>(i));
      }
    }
    random_.Shuffle(supervisors);
    for (int i = 0; i < Scaled(kStudents, options_, 1); ++i) {
      const int supervisor = supervisors[static_cast<size_t>(i) % supervisors.size()];
      AddSeat(authority_.seats[supervisor].team, Role::kStudent, Rank::kStudent, supervisor);
    }
  }

  // Some practitioners change to another supervisor of their team.
  void Regroup() {
    for (Seat& seat : authority_.seats) {
      if (seat.rank != Rank::kPractitioner || !random_.Percent(10)) continue;
      std::vector<int> others;
      for (size_t i = 0; i < authority_.seats.size(); ++i) {
        const Seat& other = authority_.seats[i];
        const bool supervises = other.rank == Rank::kPracticeSupervisor || other.rank == Rank::kTeamManager;
        if (supervises && other.team == seat.team && static_cast<int>(i) != seat.supervisor) {
          others.push_back(static_cast<int>(i));
        }
      }
      if (others.empty()) continue;
      seat.supervisor_after = random_.Pick(others);
      seat.regrouped_on = random_.DayOf(authority_.history);
    }
  }

  Authority& authority_;
  const Options& options_;
  Random random_;
  std::vector<int> departments_;
  std::vector<int> managers_;
};

}  // namespace

std::map<Area, int> CasesByArea(int total) {
  std::map<Area, int> cases = {
      {Area::kFrontDoor, total * 85 / 1000},    {Area::kChildProtection, total * 125 / 1000},
      {Area::kLookedAfter, total * 183 / 1000}, {Area::kLeavingCare, total * 100 / 1000},
      {Area::kDisabilities, total * 80 / 1000},
  };
  int rest = total;
  for (const auto& [area, count] : cases) rest -= count;
  cases[Area::kChildInNeed] = rest;
  return cases;
}

std::map<Area, int> UnallocatedByArea(int total) {
  return {{Area::kFrontDoor, total * 5 / 1000},
          {Area::kChildInNeed, total * 6 / 1000},
          {Area::kChildProtection, total / 1000}};
}

void BuildOrganisation(Authority& authority) { OrganisationBuilder(authority).Build(); }

}  // namespace oversight::sample
