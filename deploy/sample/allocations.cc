#include "deploy/sample/allocations.h"

#include <algorithm>
#include <map>

#include "deploy/sample/careers.h"
#include "deploy/sample/organisation.h"
#include "deploy/sample/random.h"

namespace oversight::sample {
namespace {

// After an absence that long the cases go to a colleague, some days into it.
constexpr int kLongAbsence = 28;
constexpr int kDaysToReallocate = 6;

struct Presence {
  int worker;
  Period period;
  absl::string_view end_reason;
};

class AllocationBuilder {
 public:
  explicit AllocationBuilder(Authority& authority)
      : authority_(authority),
        today_(authority.today()),
        random_(authority.options.seed, "allocations"),
        presences_(authority.seats.size()) {}

  void Build() {
    for (size_t seat = 0; seat < authority_.seats.size(); ++seat) {
      if (!HoldsCases(authority_.seats[seat].role)) continue;
      presences_[seat] = PresencesOf(authority_.seats[seat]);
      seats_[authority_.teams[authority_.seats[seat].team].area].push_back(static_cast<int>(seat));
    }
    PlanLastStages();
    for (size_t i = 0; i < authority_.cases.size(); ++i) AllocateCase(static_cast<int>(i));
    for (Case& open_case : authority_.cases) AddCoworker(open_case);
    for (size_t i = 0; i < authority_.workers.size(); ++i) AddStudentCases(static_cast<int>(i));
    EntrustOneToAStudent();
  }

 private:
  // When somebody in the position could hold cases.
  std::vector<Presence> PresencesOf(const Seat& seat) {
    std::vector<Presence> presences;
    for (const Occupancy& occupancy : seat.occupants) {
      Period rest = occupancy.period;
      for (const Absence& absence : authority_.workers[occupancy.worker].absences) {
        const bool open = absence.last == CivilDay::Max();
        if ((!open && absence.last - absence.first < kLongAbsence) || random_.Percent(40)) continue;
        const Period before = rest.Intersection({rest.start, absence.first + kDaysToReallocate});
        if (before.Empty() || before.end == rest.end) continue;
        presences.push_back({occupancy.worker, before, "ABSENC"});
        rest.start = open ? rest.end : absence.last + 1;
      }
      // Notice given for a day to come is not known to the case management system yet.
      if (rest.end > today_) rest.end = CivilDay::Max();
      if (!rest.Empty()) presences.push_back({occupancy.worker, rest, "LEFTRL"});
    }
    return presences;
  }

  // Deals the open cases of each area to the positions, each as many as it is to hold, some to nobody.
  void PlanLastStages() {
    last_seat_.assign(authority_.cases.size(), -1);
    std::map<Area, std::vector<int>> slots;
    for (const auto& [area, seats] : seats_) {
      for (const int seat : seats)
        slots[area].insert(slots[area].end(), authority_.seats[seat].caseload, seat);
    }
    const std::map<Area, int> unallocated = UnallocatedByArea(authority_.options.cases);
    for (auto& [area, list] : slots) {
      const auto it = unallocated.find(area);
      if (it != unallocated.end()) list.insert(list.end(), it->second, -1);
      random_.Shuffle(list);
    }
    for (size_t i = 0; i < authority_.cases.size(); ++i) {
      const Case& open_case = authority_.cases[i];
      if (!open_case.open.Open()) continue;
      std::vector<int>& list = slots[open_case.stages.back().area];
      if (list.empty()) continue;
      last_seat_[i] = list.back();
      list.pop_back();
    }
  }

  int SomeSeat(Area area) {
    const std::vector<int>& seats = seats_[area];
    std::vector<int> weights;
    for (const int seat : seats) weights.push_back(authority_.seats[seat].caseload + 1);
    return seats[random_.Weighted(weights)];
  }

  void AllocateCase(int index) {
    Case& subject = authority_.cases[index];
    CivilDay from = subject.open.start + static_cast<int>(random_.Weighted({55, 27, 13, 1, 1, 1, 1, 1}));
    for (size_t i = 0; i < subject.stages.size(); ++i) {
      const bool last_of_open = i + 1 == subject.stages.size() && subject.open.Open();
      Period period = subject.stages[i].period;
      period.start = std::max(period.start, from);
      int seat = last_of_open ? last_seat_[index] : SomeSeat(subject.stages[i].area);
      if (seat < 0) {
        // Allocated until some days ago, or never yet.
        seat = SomeSeat(subject.stages[i].area);
        period.end = today_ - random_.Between(0, 30);
      }
      if (!period.Empty() && period.start <= today_) AllocateStage(subject, seat, period);
    }
  }

  void AllocateStage(Case& subject, int seat, const Period& stage) {
    CivilDay day = stage.start;
    for (const Presence& presence : presences_[seat]) {
      const Period held = presence.period.Intersection(stage);
      if (held.Empty()) continue;
      if (held.start > day) FillGap(subject, seat, {day, held.start});
      AddHolder(subject, seat, presence, held, stage);
      day = held.end;
    }
    if (day < stage.end) FillGap(subject, seat, {day, stage.end});
  }

  // A colleague of the same area takes over; now and then nobody does.
  void FillGap(Case& subject, int seat, Period gap) {
    gap.start = std::max(gap.start, authority_.history.start);
    if (gap.Empty() || gap.start > today_ || random_.Percent(7)) return;
    const std::vector<int>& seats = seats_[authority_.teams[authority_.seats[seat].team].area];
    for (int attempt = 0; attempt < 8; ++attempt) {
      const int other = random_.Pick(seats);
      if (other == seat) continue;
      for (const Presence& presence : presences_[other]) {
        if (!presence.period.Contains(gap.start)) continue;
        const Period held = presence.period.Intersection(gap);
        AddHolder(subject, other, presence, held, gap);
        if (held.end < gap.end) FillGap(subject, seat, {held.end, gap.end});
        return;
      }
    }
  }

  void AddHolder(Case& subject, int seat, const Presence& presence, const Period& held, const Period& stage) {
    if (held.start > today_) return;
    Allocation allocation;
    allocation.worker = presence.worker;
    allocation.team = authority_.seats[seat].team;
    allocation.role = authority_.seats[seat].role == Role::kPersonalAdviser ? AllocationRole::kPersonalAdviser
                                                                            : AllocationRole::kKeyworker;
    allocation.period = held;
    // What is planned for a day to come is not in the extract yet.
    if (held.end > today_) allocation.period.end = CivilDay::Max();
    const bool closed = held.end == subject.open.end;
    if (!closed && held.end < stage.end) {
      allocation.end_reason = presence.end_reason;
    } else if (!closed) {
      allocation.end_reason = "TSPROC";
    }
    subject.allocations.push_back(allocation);
  }

  void AddCoworker(Case& subject) {
    if (!random_.Percent(5) || subject.allocations.empty()) return;
    const Allocation held = subject.allocations.back();
    const int seat = SomeSeat(subject.stages.back().area);
    const int worker = OccupantOn(authority_.seats[seat], held.period.start);
    if (worker < 0 || worker == held.worker) return;
    const Period together = held.period.Intersection(authority_.workers[worker].employment);
    subject.allocations.push_back(
        {worker, authority_.seats[seat].team, AllocationRole::kCoworker, together, held.end_reason});
  }

  // Cases of the student's team, never as their keyworker.
  void AddStudentCases(int student) {
    const Worker& worker = authority_.workers[student];
    for (const StudentPlacement& placement : worker.placements) {
      int wanted = random_.Between(2, 4);
      const size_t offset =
          static_cast<size_t>(random_.Between(0, static_cast<int>(authority_.cases.size()) - 1));
      for (size_t i = 0; i < authority_.cases.size() && wanted > 0; ++i) {
        Case& subject = authority_.cases[(i + offset) % authority_.cases.size()];
        if (InvolveStudent(subject, student, worker.posts[0].team, placement.period)) --wanted;
      }
    }
  }

  bool InvolveStudent(Case& subject, int student, int team, const Period& placement) {
    for (const Allocation& held : subject.allocations) {
      if (held.role != AllocationRole::kKeyworker || held.team != team) continue;
      Period together = held.period.Intersection(placement);
      together.start = together.start + 14;
      if (together.Empty() || together.start > today_) continue;
      if (together.end > today_) together.end = CivilDay::Max();
      subject.allocations.push_back({student, team, AllocationRole::kSupervisedStudent, together, ""});
      return true;
    }
    return false;
  }

  // The one mistake of its kind: until a keyworker was found, somebody let a student hold a case.
  void EntrustOneToAStudent() {
    Case* chosen = nullptr;
    Allocation mistake;
    for (size_t i = 0; i < authority_.workers.size(); ++i) {
      for (const StudentPlacement& placement : authority_.workers[i].placements) {
        for (Case& subject : authority_.cases) {
          const Period waited = WaitedForKeyworker(subject);
          const bool later = chosen == nullptr || waited.start > mistake.period.start;
          if (waited.Empty() || !later || !placement.period.Contains(waited.start)) continue;
          chosen = &subject;
          mistake = {static_cast<int>(i), authority_.workers[i].posts[0].team, AllocationRole::kKeyworker,
                     waited, "TSPROC"};
        }
      }
    }
    if (chosen != nullptr) chosen->allocations.push_back(mistake);
  }

  // Some days after the case was opened.
  static Period WaitedForKeyworker(const Case& subject) {
    CivilDay first = CivilDay::Max();
    for (const Allocation& allocation : subject.allocations) first = std::min(first, allocation.period.start);
    if (first == CivilDay::Max() || first - subject.open.start < 3) return {first, first};
    return {subject.open.start, first};
  }

  Authority& authority_;
  const CivilDay today_;
  Random random_;
  std::vector<std::vector<Presence>> presences_;  // by seat
  std::map<Area, std::vector<int>> seats_;        // that hold cases
  std::vector<int> last_seat_;                    // by case
};

}  // namespace

void BuildAllocations(Authority& authority) { AllocationBuilder(authority).Build(); }

}  // namespace oversight::sample
