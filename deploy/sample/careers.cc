#include "deploy/sample/careers.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "deploy/sample/posts.h"
#include "deploy/sample/random.h"

namespace oversight::sample {
namespace {

// A year's turnover in an authority with 260 workers.
constexpr int kMeanWorkers = 260;
constexpr int kLeaversOfYear = 34;
constexpr int kNewSeatsOfYear = 5;
constexpr int kAgencyShare = 35;
constexpr int kLongestVacancy = 40;
// A newly qualified worker starts with a smaller caseload.
constexpr int kSmallCaseload = 16;

bool MayBeAgency(Role role) {
  return role == Role::kSocialWorker || role == Role::kDutySocialWorker ||
         role == Role::kSupervisingSocialWorker;
}

class CareerBuilder {
 public:
  explicit CareerBuilder(Authority& authority)
      : authority_(authority), history_(authority.history), random_(authority.options.seed, "careers") {}

  void Build() {
    ChooseNewSeats();
    for (Seat& seat : authority_.seats) {
      if (seat.role == Role::kStudent) {
        FillWithStudents(seat);
      } else if (!IsNew(seat)) {
        seat.occupants.push_back({Hire(seat, EarlierStart(seat.role)), {}});
        seat.occupants.back().period = authority_.workers.back().employment;
      }
    }
    FillNewSeats();
    Turnover();
    SetEmployments();
    BuildPosts(authority_, random_);
  }

 private:
  bool IsNew(const Seat& seat) const {
    return std::find(new_seats_.begin(), new_seats_.end(), &seat) != new_seats_.end();
  }

  int OfWindow(int of_year) const {
    const Options& options = authority_.options;
    return std::max(1, of_year * options.workers * options.months / (12 * kMeanWorkers));
  }

  // Small caseloads first, because newly qualified workers start there.
  std::vector<Seat*> SmallSocialWorkerSeats() {
    std::vector<Seat*> seats;
    for (Seat& seat : authority_.seats) {
      if (seat.role == Role::kSocialWorker && seat.caseload <= kSmallCaseload) seats.push_back(&seat);
    }
    random_.Shuffle(seats);
    return seats;
  }

  void ChooseNewSeats() {
    const std::vector<Seat*> seats = SmallSocialWorkerSeats();
    const int count = std::min<int>(OfWindow(kNewSeatsOfYear), static_cast<int>(seats.size()) / 2);
    new_seats_.assign(seats.begin(), seats.begin() + count);
  }

  CivilDay EarlierStart(Role role) {
    const int years = role == Role::kSocialWorker ? 6 : 12;
    return history_.start - random_.Between(20, years * 365);
  }

  int Hire(const Seat& seat, CivilDay start) {
    Worker worker;
    worker.id = absl::StrFormat("SW-%04d", authority_.workers.size() + 1);
    worker.employment = Period{start};
    worker.registered = seat.role != Role::kFamilyPractitioner && seat.role != Role::kPersonalAdviser &&
                        seat.role != Role::kResidentialWorker && seat.role != Role::kVolunteer &&
                        seat.role != Role::kStudent && seat.role != Role::kChiefExecutive;
    // Teams for children with disabilities are run with the health service, by managers of its professions.
    const bool of_health =
        seat.role == Role::kTeamManager && authority_.teams[seat.team].area == Area::kDisabilities;
    worker.registered = worker.registered && !of_health;
    if (seat.role == Role::kStudent) worker.basis = Basis::kStudent;
    if (seat.role == Role::kVolunteer) worker.basis = Basis::kVolunteer;
    const bool recent = start > history_.start - 330;
    if (seat.role == Role::kSocialWorker && seat.caseload <= kSmallCaseload && recent) {
      worker.newly_qualified = start >= history_.start ? random_.Percent(75) : random_.Percent(60);
    }
    if (!worker.newly_qualified && MayBeAgency(seat.role) && random_.Percent(kAgencyShare)) {
      worker.basis = Basis::kAgency;
      worker.employment.start = std::max(start, history_.start - random_.Between(20, 500));
    }
    if (worker.basis == Basis::kPermanent && random_.Percent(22)) {
      worker.tenths_of_full_time = random_.Between(5, 9);
    }
    worker.neglected = random_.Percent(14);
    authority_.workers.push_back(std::move(worker));
    return static_cast<int>(authority_.workers.size()) - 1;
  }

  // New positions go to newly qualified workers, several of them in the first twelve weeks on the last day.
  void FillNewSeats() {
    for (size_t i = 0; i < new_seats_.size(); ++i) {
      Seat& seat = *new_seats_[i];
      const int weeks_ago = i % 3 == 0 ? random_.Between(1, 5) : i % 3 == 1 ? random_.Between(7, 11) : 0;
      CivilDay start = authority_.today() - weeks_ago * 7;
      if (weeks_ago == 0) start = random_.DayOf(history_);
      start = std::max(MondayBefore(start), history_.start);
      const int worker = Hire(seat, start);
      authority_.workers[worker].newly_qualified = true;
      authority_.workers[worker].basis = Basis::kPermanent;
      seat.occupants.push_back({worker, Period{start}});
    }
  }

  static CivilDay MondayBefore(CivilDay day) { return day - static_cast<int>(absl::GetWeekday(day.civil())); }

  void Turnover() {
    std::vector<Seat*> seats;
    for (Seat& seat : authority_.seats) {
      if (seat.rank >= Rank::kTeamManager && seat.role != Role::kStudent && !IsNew(seat))
        seats.push_back(&seat);
    }
    random_.Shuffle(seats);
    const size_t leavers = std::min<size_t>(seats.size() / 2, OfWindow(kLeaversOfYear));
    for (size_t i = 0; i < leavers; ++i) {
      const CivilDay left = random_.DayOf({history_.start + 10, history_.end - 3});
      seats[i]->occupants.back().period.end = left;
      // Some successors come from another team, whose position is then filled anew.
      Seat* mover = i % 5 == 0 ? FindMover(seats, leavers, *seats[i]) : nullptr;
      if (mover != nullptr) {
        Move(*mover, *seats[i], left);
      } else {
        FillVacancy(*seats[i], left);
      }
    }
    // Two have given notice.
    for (size_t i = leavers; i < std::min(seats.size(), leavers + 2); ++i) {
      Occupancy& occupancy = seats[i]->occupants.back();
      if (occupancy.period.Open()) occupancy.period.end = authority_.today() + random_.Between(8, 40);
    }
  }

  Seat* FindMover(const std::vector<Seat*>& seats, size_t first, const Seat& vacant) {
    for (size_t i = first + 2; i < seats.size(); ++i) {
      const Seat& seat = *seats[i];
      const bool settled =
          seat.occupants.size() == 1 && !authority_.workers[seat.occupants[0].worker].newly_qualified;
      if (settled && seat.role == vacant.role && seat.team != vacant.team) return seats[i];
    }
    return nullptr;
  }

  void Move(Seat& from, Seat& to, CivilDay vacant_since) {
    const CivilDay day = vacant_since + random_.Between(0, kLongestVacancy);
    if (day > authority_.today()) return;
    from.occupants.back().period.end = day;
    to.occupants.push_back({from.occupants.back().worker, Period{day}});
    FillVacancy(from, day);
  }

  void FillVacancy(Seat& seat, CivilDay vacant_since) {
    const CivilDay start = MondayBefore(vacant_since + random_.Between(7, kLongestVacancy));
    if (start > authority_.today()) return;
    seat.occupants.push_back({Hire(seat, start), Period{start}});
  }

  void FillWithStudents(Seat& seat) {
    // One in four is employed by the authority and stays; the others come from a university for one
    // placement.
    if (random_.Percent(25)) {
      const CivilDay start = history_.start - random_.Between(20, 300);
      const int worker = Hire(seat, start);
      seat.occupants.push_back({worker, Period{start}});
      const absl::string_view route = random_.Percent(50) ? "apprentice" : "employed_student";
      const CivilDay first = history_.start + random_.Between(10, 60);
      const CivilDay last = authority_.today() - random_.Between(20, 110);
      AddPlacement(worker, route, "first", {first, first + 100});
      if (last > first + 110) AddPlacement(worker, route, "last", {last, last + 140});
      return;
    }
    CivilDay start = MondayBefore(history_.start + random_.Between(0, 60));
    while (start + 10 < authority_.today()) {
      const Period placement{start, start + random_.Between(110, 170)};
      const int worker = Hire(seat, start);
      authority_.workers[worker].employment = placement;
      seat.occupants.push_back({worker, placement});
      AddPlacement(worker, "university", random_.Percent(50) ? "first" : "last", placement);
      start = MondayBefore(placement.end + random_.Between(10, 50));
    }
  }

  void AddPlacement(int worker, absl::string_view route, absl::string_view sequence, Period period) {
    authority_.workers[worker].placements.push_back(
        {route, sequence, absl::StrFormat("Synthetic University %d", random_.Between(1, 3)), period});
  }

  // From the first position to the end of the last one.
  void SetEmployments() {
    std::vector<Period> employments(authority_.workers.size(), Period{CivilDay::Max(), CivilDay::Min()});
    for (const Seat& seat : authority_.seats) {
      for (const Occupancy& occupancy : seat.occupants) {
        Period& employment = employments[occupancy.worker];
        employment.start = std::min(employment.start, occupancy.period.start);
        employment.end = std::max(employment.end, occupancy.period.end);
      }
    }
    for (size_t i = 0; i < employments.size(); ++i) authority_.workers[i].employment = employments[i];
  }

  Authority& authority_;
  const Period history_;
  Random random_;
  std::vector<Seat*> new_seats_;
};

}  // namespace

void BuildCareers(Authority& authority) { CareerBuilder(authority).Build(); }

int OccupantOn(const Seat& seat, CivilDay day) {
  for (const Occupancy& occupancy : seat.occupants) {
    if (occupancy.period.Contains(day)) return occupancy.worker;
  }
  return -1;
}

bool HoldsCases(Role role) {
  return role == Role::kSocialWorker || role == Role::kFamilyPractitioner || role == Role::kPersonalAdviser ||
         role == Role::kSupervisingSocialWorker;
}

}  // namespace oversight::sample
