#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "deploy/sample/care.h"
#include "deploy/sample/careers.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

const char* RoleText(AllocationRole role) {
  switch (role) {
    case AllocationRole::kKeyworker:
      return "keyworker";
    case AllocationRole::kPersonalAdviser:
      return "personal_adviser";
    case AllocationRole::kSupervisingSocialWorker:
      return "supervising_social_worker";
    case AllocationRole::kCoworker:
      return "coworker";
    case AllocationRole::kSupervisedStudent:
      return "involved_worker_supervised_student";
  }
  return "";
}

class CaseFileBuilder {
 public:
  explicit CaseFileBuilder(const Authority& authority)
      : authority_(authority), today_(authority.today()), random_(authority.options.seed, "case files") {}

  std::vector<CsvFile> Build() {
    for (const Case& subject : authority_.cases) {
      if (subject.carer) AddCarer(subject);
      AddAllocations(subject);
      AddPlacements(subject);
      AddReduced(subject);
      AddStricter(subject);
    }
    AddHomes();
    std::vector<CsvFile> files;
    for (CsvFile* file : {&cases_, &details_, &placements_, &reduced_, &stricter_, &allocations_, &matters_,
                          &settings_, &staff_}) {
      files.push_back(std::move(*file));
    }
    return files;
  }

 private:
  const std::string& IdOf(int worker) const { return authority_.workers[worker].id; }

  void AddCarer(const Case& carer) {
    cases_.AddRow({carer.id, "foster_carer", DateText(carer.open.start), DateText(carer.open.end)});
    settings_.AddRow({absl::StrCat("CS-", carer.id.substr(2)), "foster_carer", carer.id, ""});
    for (const Matter& matter : carer.matters) {
      matters_.AddRow({matter.id, carer.id, std::string(matter.kind), DateText(matter.raised),
                       OptionalDate(matter.resolved)});
    }
  }

  // The practice supervisor of the team on that day, else one of the same area, else any, else the team
  // manager.
  int Allocator(int team, CivilDay day) const {
    int of_area = -1, any = -1, manager = -1;
    for (const Seat& seat : authority_.seats) {
      const int occupant = OccupantOn(seat, day);
      if (occupant < 0) continue;
      if (seat.team == team && seat.rank == Rank::kTeamManager) manager = occupant;
      if (seat.rank != Rank::kPracticeSupervisor) continue;
      if (seat.team == team) return occupant;
      any = occupant;
      if (authority_.teams[seat.team].area == authority_.teams[team].area) of_area = occupant;
    }
    return of_area >= 0 ? of_area : any >= 0 ? any : manager;
  }

  // The extract brings the allocations of children; here stands what was recorded of those made in the time
  // for which records are kept. A carer's are here alone.
  void AddAllocations(const Case& subject) {
    int number = 0;
    for (const Allocation& allocation : subject.allocations) {
      ++number;
      const CivilDay start = allocation.period.start;
      const bool recent = start >= authority_.history.start;
      if (!recent && !subject.carer) continue;
      const int by = recent && !unrecorded_.Next() ? Allocator(allocation.team, start) : -1;
      if (by < 0 && !subject.carer) continue;
      const bool spoken = random_.Percent(70);
      const std::string id = subject.carer ? absl::StrCat("FINV-", subject.id.substr(2), "-", number)
                                           : absl::StrCat("INV-", subject.id.substr(2), "-", number);
      allocations_.AddRow({id, subject.id, subject.carer ? IdOf(allocation.worker) : "",
                           subject.carer ? RoleText(allocation.role) : "",
                           subject.carer ? authority_.teams[allocation.team].id : "", by < 0 ? "" : IdOf(by),
                           by < 0            ? ""
                           : unclear_.Next() ? ""
                                             : "read the file;visit within a week",
                           by < 0   ? ""
                           : spoken ? "spoken_to_directly"
                                    : "written_direction",
                           by < 0 ? "" : DateText(start), subject.carer ? DateText(start) : "",
                           subject.carer ? DateText(allocation.period.end) : "",
                           subject.carer ? std::string(allocation.end_reason) : ""});
    }
  }

  void AddPlacements(const Case& subject) {
    const std::string number = subject.id.substr(2);
    for (size_t i = 0; i < subject.placements.size(); ++i) {
      const Placement& placement = subject.placements[i];
      const std::string id = absl::StrCat("PL-", number, "-", i + 1);
      details_.AddRow({id, placement.carer_or_home, Flag(placement.respite),
                       OptionalDate(placement.permanence_implemented)});
      std::string home;
      for (const Team& team : authority_.teams) {
        if (team.area == Area::kResidential && HomeOf(team) == placement.carer_or_home) home = HomeOf(team);
      }
      const bool stable = placement.permanence_implemented && random_.Percent(70);
      if (home.empty() && !stable) continue;
      placements_.AddRow(
          {id, subject.id, home, stable ? OptionalDate(placement.permanence_implemented) : ""});
    }
  }

  void AddReduced(const Case& subject) {
    for (size_t i = 0; i < subject.agreements.size(); ++i) {
      const ReducedFrequency& agreement = subject.agreements[i];
      reduced_.AddRow(
          {absl::StrCat("RF-", subject.id.substr(2), "-", i + 1), subject.id, std::string(agreement.ground),
           Flag(agreement.low_risk), Flag(agreement.no_carer_deficits), IdOf(agreement.agreed_by),
           DateText(agreement.agreed), DateText(agreement.period.start), DateText(agreement.period.end)});
    }
  }

  // For a rise in risk a few cases on protection plans are discussed monthly.
  void AddStricter(const Case& subject) {
    if (subject.cp_plans.empty() || !subject.cp_plans.back().Open() || !stricter_drawn_.Next()) return;
    const CivilDay start = std::max(subject.cp_plans.back().start, today_ - random_.Between(40, 150));
    stricter_.AddRow(
        {absl::StrCat("SF-", subject.id.substr(2)), subject.id, "risk", "1", DateText(start), ""});
  }

  void AddHomes() {
    for (size_t team = 0; team < authority_.teams.size(); ++team) {
      if (authority_.teams[team].area != Area::kResidential) continue;
      const std::string home = HomeOf(authority_.teams[team]);
      settings_.AddRow({home, "residential_home", "", authority_.teams[team].id});
      int number = 0;
      for (const Seat& seat : authority_.seats) {
        if (seat.team != static_cast<int>(team) || seat.rank != Rank::kPractitioner) continue;
        for (const Occupancy& occupancy : seat.occupants) {
          staff_.AddRow({absl::StrCat("SL-", home, "-", ++number), home, IdOf(occupancy.worker),
                         DateText(occupancy.period.start), DateText(occupancy.period.end)});
        }
      }
    }
  }

  const Authority& authority_;
  const CivilDay today_;
  Random random_;
  Slips unrecorded_{11}, unclear_{25}, stricter_drawn_{12};
  CsvFile cases_{"cases.csv", "", {"person_id", "kind", "open_periods.start_date", "open_periods.end_date"}};
  CsvFile details_{"placement_details.csv",
                   "",
                   {"cla_placement_id", "carer_or_home", "respite", "permanence_implemented_date"}};
  CsvFile placements_{
      "placements.csv", "", {"placement_id", "person_id", "care_setting_id", "stable_from_date"}};
  CsvFile reduced_{"reduced_frequency_agreements.csv",
                   "",
                   {"agreement_id", "person_id", "ground", "low_risk", "no_carer_deficits", "agreed_by_id",
                    "agreed_date", "start_date", "end_date"}};
  CsvFile stricter_{"stricter_frequency_agreements.csv",
                    "",
                    {"stricter_frequency_agreement_id", "person_id", "reason", "interval_months",
                     "start_date", "end_date"}};
  CsvFile allocations_{"allocations.csv",
                       "",
                       {"allocation_id", "person_id", "worker_id", "role", "team_id", "allocated_by_id",
                        "actions", "instruction", "recorded_date", "start_date", "end_date", "end_reason"}};
  CsvFile matters_{"matters.csv", "", {"matter_id", "person_id", "kind", "raised_date", "resolved_date"}};
  CsvFile settings_{"care_settings.csv", "", {"care_setting_id", "kind", "carer_case_id", "team_id"}};
  CsvFile staff_{
      "staff_links.csv", "", {"staff_link_id", "care_setting_id", "worker_id", "start_date", "end_date"}};
};

}  // namespace

std::vector<CsvFile> CaseFiles(const Authority& authority) { return CaseFileBuilder(authority).Build(); }

}  // namespace oversight::sample
