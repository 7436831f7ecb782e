#include "deploy/sample/care.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "deploy/sample/month_end.h"

namespace oversight::sample {
namespace {

enum class Care { kFoster, kResidential, kWithParents, kForAdoption, kOther };

absl::string_view TypeOf(Care care, Random& random) {
  switch (care) {
    case Care::kFoster:
      return random.Pick<absl::string_view>({"U1", "U3", "U4", "U4", "U6", "U6"});
    case Care::kResidential:
      return random.Pick<absl::string_view>({"K1", "K2", "K2", "R1", "S1"});
    case Care::kWithParents:
      return "P1";
    case Care::kForAdoption:
      return random.Pick<absl::string_view>({"A3", "A5"});
    case Care::kOther:
      return random.Pick<absl::string_view>({"H5", "P2"});
  }
  return "Z1";
}

class CareBuilder {
 public:
  CareBuilder(const Authority& authority, Case& child, const Period& period, Random& random)
      : child_(child),
        period_(period),
        known_end_(std::min(period.end, authority.today() + 1)),
        random_(random),
        own_homes_(OwnHomes(authority)),
        own_homes_share_(authority.options.cases < 1000 ? 70 : 25) {}

  void Build() {
    const bool for_adoption = random_.Percent(12) && known_end_ - period_.start > 300;
    AddLegalStatuses(for_adoption);
    AddPlacements(for_adoption);
    AddRespite();
  }

 private:
  // The statuses follow each other without a gap.
  void AddLegalStatuses(bool for_adoption) {
    std::vector<LegalStatus>& statuses = child_.legal_statuses;
    const bool proceedings = !child_.pre_proceedings.empty() || random_.Percent(45);
    if (!proceedings && !for_adoption) {
      statuses.push_back({"V2", period_});
      return;
    }
    statuses.push_back({"C1", period_});
    Follow(statuses, "C2", random_.Between(160, 280));
    if (for_adoption) Follow(statuses, "E1", random_.Between(20, 120));
  }

  void Follow(std::vector<LegalStatus>& statuses, absl::string_view code, int days) {
    const CivilDay day = statuses.back().period.start + days;
    if (day >= known_end_) return;
    statuses.back().period.end = day;
    statuses.push_back({code, {day, period_.end}});
  }

  void AddPlacements(bool for_adoption) {
    constexpr Care kKinds[] = {Care::kFoster, Care::kResidential, Care::kWithParents, Care::kOther};
    CivilDay start = period_.start;
    while (start < known_end_) {
      const Care care = kKinds[random_.Weighted({70, 15, 6, 9})];
      CivilDay end = start + (random_.Percent(35) ? random_.Between(20, 200) : random_.Between(200, 1400));
      if (random_.Percent(12)) end = MonthEnd(end);
      AddPlacement(care, {start, end < known_end_ ? end : period_.end});
      start = end;
    }
    if (!for_adoption) return;
    // With the carers who will adopt since the placement order or a little later.
    Placement& last = child_.placements.back();
    const CivilDay ordered = child_.legal_statuses.back().period.start;
    if (ordered <= last.period.start || ordered + 30 >= known_end_) return;
    last.period.end = ordered + 25;
    last.change_reason = "LAREQ";
    last.permanence_implemented.reset();
    AddPlacement(Care::kForAdoption, {ordered + 25, period_.end});
  }

  void AddPlacement(Care care, const Period& period) {
    Placement placement;
    placement.type = TypeOf(care, random_);
    placement.carer_or_home = NewCarer(care);
    placement.period = period;
    if (!period.Open() && period.end != period_.end) {
      placement.change_reason =
          random_.Pick<absl::string_view>({"CARPL", "CREQB", "LAREQ", "CHILD", "STAND"});
    }
    const bool settles = care == Care::kFoster || care == Care::kResidential;
    const int length = std::min(period.end, known_end_) - period.start;
    if (settles && length > 120 && random_.Percent(60)) {
      placement.permanence_implemented = period.start + random_.Between(100, std::min(400, length - 1));
    }
    child_.placements.push_back(placement);
    if (care == Care::kFoster && length > 90 && random_.Percent(8)) SplitByStatusOnly(length);
  }

  // The same carers, now as the child's long-term home: a row of its own, but no new placement.
  void SplitByStatusOnly(int length) {
    Placement second = child_.placements.back();
    Placement& first = child_.placements.back();
    const CivilDay day = first.period.start + random_.Between(30, length - 20);
    first.period.end = day;
    first.change_reason = "PLACE";
    if (first.permanence_implemented && *first.permanence_implemented >= day)
      first.permanence_implemented.reset();
    second.type = "U4";
    second.period.start = day;
    child_.placements.push_back(std::move(second));
  }

  std::string NewCarer(Care care) {
    const bool home = care == Care::kResidential || care == Care::kOther;
    if (care == Care::kResidential && random_.Percent(own_homes_share_)) {
      return absl::StrFormat("HOME-%02d", random_.Between(1, own_homes_));
    }
    return home ? absl::StrFormat("HOME-%02d", random_.Between(own_homes_ + 1, own_homes_ + 30))
                : absl::StrFormat("CARER-%s-%d", child_.id.substr(2), ++carers_);
  }

  // A few days away with other carers, during a placement.
  void AddRespite() {
    const size_t placements = child_.placements.size();
    for (size_t i = 0; i < placements; ++i) {
      const Placement& main = child_.placements[i];
      const int length = std::min(main.period.end, known_end_) - main.period.start;
      if (main.type[0] != 'U' || length < 100 || !random_.Percent(10)) continue;
      Placement stay;
      stay.type = "T0";
      stay.respite = true;
      stay.carer_or_home = absl::StrFormat("RESPITE-%02d", random_.Between(1, 12));
      const CivilDay start = main.period.start + random_.Between(20, length - 40);
      stay.period = {start, start + random_.Between(2, 14)};
      child_.placements.push_back(std::move(stay));
    }
  }

  Case& child_;
  const Period period_;
  const CivilDay known_end_;
  Random& random_;
  const int own_homes_;
  // Of the children in residential care, in percent.
  const int own_homes_share_;
  int carers_ = 0;
};

}  // namespace

int OwnHomes(const Authority& authority) {
  return static_cast<int>(std::count_if(authority.teams.begin(), authority.teams.end(),
                                        [](const Team& team) { return team.area == Area::kResidential; }));
}

std::string HomeOf(const Team& team) {
  return absl::StrFormat("HOME-%02d", std::atoi(team.id.c_str() + team.id.rfind('-') + 1));
}

void AddTimeInCare(const Authority& authority, Case& child, const Period& period, Random& random) {
  CareBuilder(authority, child, period, random).Build();
}

}  // namespace oversight::sample
