#include "deploy/sample/supervisors.h"

#include <algorithm>
#include <set>

#include "deploy/sample/careers.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"

namespace oversight::sample {
namespace {

// Shorter absences of a supervisor are waited for.
constexpr int kDaysThatNeedCover = 12;

class SupervisorBuilder {
 public:
  explicit SupervisorBuilder(Authority& authority)
      : authority_(authority), random_(authority.options.seed, "supervisors") {}

  void Build() {
    for (size_t seat = 0; seat < authority_.seats.size(); ++seat) {
      for (const Occupancy& occupancy : authority_.seats[seat].occupants)
        LinkOccupant(static_cast<int>(seat), occupancy);
    }
    const size_t line_links = authority_.links.size();
    for (size_t i = 0; i < line_links; ++i) AddCover(authority_.links[i]);
    AddProfessionalSupervisors(line_links);
    AddPracticeEducators();
  }

 private:
  static int SupervisorSeat(const Seat& seat, CivilDay day) {
    return seat.regrouped_on && day >= *seat.regrouped_on ? seat.supervisor_after : seat.supervisor;
  }

  // The occupant of the supervising position or, while that is vacant, of the one above it.
  int SupervisorOn(int seat, CivilDay day) const {
    for (int above = SupervisorSeat(authority_.seats[seat], day); above >= 0;
         above = SupervisorSeat(authority_.seats[above], day)) {
      const int worker = OccupantOn(authority_.seats[above], day);
      if (worker >= 0) return worker;
    }
    return -1;
  }

  // Every day on which the supervisor of the position may change.
  std::set<CivilDay> Changes(int seat, const Period& period) const {
    std::set<CivilDay> days = {period.start};
    const auto add = [&](CivilDay day) {
      if (period.Contains(day)) days.insert(day);
    };
    if (authority_.seats[seat].regrouped_on) add(*authority_.seats[seat].regrouped_on);
    std::vector<int> above = {authority_.seats[seat].supervisor, authority_.seats[seat].supervisor_after};
    for (size_t i = 0; i < above.size(); ++i) {
      if (above[i] < 0) continue;
      for (const Occupancy& occupancy : authority_.seats[above[i]].occupants) {
        add(occupancy.period.start);
        add(occupancy.period.end);
      }
      above.push_back(authority_.seats[above[i]].supervisor);
    }
    return days;
  }

  void LinkOccupant(int seat, const Occupancy& occupancy) {
    const std::set<CivilDay> changes = Changes(seat, occupancy.period);
    for (auto it = changes.begin(); it != changes.end(); ++it) {
      const CivilDay end = std::next(it) == changes.end() ? occupancy.period.end : *std::next(it);
      const int supervisor = SupervisorOn(seat, *it);
      if (supervisor < 0) continue;
      std::vector<SupervisorLink>& links = authority_.links;
      const bool goes_on = !links.empty() && links.back().worker == occupancy.worker &&
                           links.back().supervisor == supervisor && links.back().period.end == *it;
      if (goes_on) {
        links.back().period.end = end;
      } else if (end > authority_.history.start) {
        // Who supervised before the history began is not on record.
        links.push_back({occupancy.worker, supervisor, "line_management", -1, Period{*it, end}});
      }
    }
  }

  // By value: adding links moves the list.
  void AddCover(SupervisorLink link) {
    for (const Absence& absence : authority_.workers[link.supervisor].absences) {
      if (absence.last != CivilDay::Max() && absence.last - absence.first < kDaysThatNeedCover) continue;
      const Period away{absence.first, absence.last == CivilDay::Max() ? CivilDay::Max() : absence.last + 1};
      const Period covered = away.Intersection(link.period);
      if (covered.Empty() || covered.start > authority_.today()) continue;
      // The same answer for all supervisees of the absent supervisor.
      if ((absence.first.number() + link.supervisor) % 4 == 0) continue;
      const int cover = SupervisorAbove(link.supervisor, covered.start);
      if (cover < 0 || authority_.workers[cover].AwayOn(covered.start)) continue;
      const Period employed = covered.Intersection(authority_.workers[cover].employment);
      authority_.links.push_back({link.worker, cover, "line_management", link.supervisor, employed});
    }
  }

  int SupervisorAbove(int worker, CivilDay day) const {
    for (size_t seat = 0; seat < authority_.seats.size(); ++seat) {
      if (OccupantOn(authority_.seats[seat], day) == worker) return SupervisorOn(static_cast<int>(seat), day);
    }
    return -1;
  }

  // Whose line manager is no social worker has a professional supervisor besides, mostly; so have some others
  // of teams with many unregistered colleagues.
  void AddProfessionalSupervisors(size_t line_links) {
    Slips alone(6);
    for (size_t i = 0; i < line_links; ++i) {
      const SupervisorLink link = authority_.links[i];
      const Worker& worker = authority_.workers[link.worker];
      const bool suitable = worker.registered && worker.basis == Basis::kPermanent && link.period.Open() &&
                            worker.posts.back().case_holding;
      const bool needed = worker.registered && link.cover_for < 0 && link.period.end > authority_.today() &&
                          !authority_.workers[link.supervisor].registered;
      if (needed ? alone.Next() : !suitable || !random_.Percent(4)) continue;
      const CivilDay start = std::max(link.period.start, authority_.history.start);
      const int supervisor = SupervisorAbove(link.supervisor, authority_.today());
      if (supervisor < 0) continue;
      const Period together = Period{start}.Intersection(authority_.workers[supervisor].employment);
      if (!together.Empty())
        authority_.links.push_back({link.worker, supervisor, "professional", -1, together});
    }
  }

  // A practitioner of the student's team who has been there throughout the placement.
  void AddPracticeEducators() {
    for (size_t i = 0; i < authority_.workers.size(); ++i) {
      const Worker& student = authority_.workers[i];
      for (const StudentPlacement& placement : student.placements) {
        std::vector<int> educators;
        for (const Seat& seat : authority_.seats) {
          if (seat.role != Role::kSocialWorker || seat.team != student.posts[0].team) continue;
          const int worker = OccupantOn(seat, placement.period.start);
          if (worker < 0 || authority_.workers[worker].newly_qualified) continue;
          if (authority_.workers[worker].employment.end >= placement.period.end) educators.push_back(worker);
        }
        if (educators.empty() || random_.Percent(10)) continue;
        authority_.links.push_back(
            {static_cast<int>(i), random_.Pick(educators), "practice_education", -1, placement.period});
      }
    }
  }

  Authority& authority_;
  Random random_;
};

}  // namespace

void BuildSupervisorLinks(Authority& authority) { SupervisorBuilder(authority).Build(); }

SupervisorIndex::SupervisorIndex(const Authority& authority) : links_(authority.workers.size()) {
  for (const SupervisorLink& link : authority.links) links_[link.worker].push_back(link);
}

template <typename Condition>
int SupervisorIndex::Find(int worker, CivilDay day, Condition condition) const {
  for (const SupervisorLink& link : links_[worker]) {
    if (link.period.Contains(day) && condition(link)) return link.supervisor;
  }
  return -1;
}

int SupervisorIndex::LineManager(int worker, CivilDay day) const {
  return Find(worker, day, [](const SupervisorLink& link) {
    return link.function == "line_management" && link.cover_for < 0;
  });
}

int SupervisorIndex::Cover(int worker, CivilDay day) const {
  return Find(worker, day, [](const SupervisorLink& link) { return link.cover_for >= 0; });
}

int SupervisorIndex::InFunction(int worker, absl::string_view function, CivilDay day) const {
  return Find(worker, day, [function](const SupervisorLink& link) { return link.function == function; });
}

}  // namespace oversight::sample
