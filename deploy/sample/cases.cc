#include "deploy/sample/cases.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "deploy/sample/care.h"
#include "deploy/sample/careers.h"
#include "deploy/sample/month_end.h"
#include "deploy/sample/organisation.h"
#include "deploy/sample/random.h"

namespace oversight::sample {
namespace {

// Cases closed in a year for every hundred that are open.
constexpr int kClosedOfYear = 45;
constexpr int kForgottenShare = 3;

class CaseBuilder {
 public:
  explicit CaseBuilder(Authority& authority)
      : authority_(authority), today_(authority.today()), random_(authority.options.seed, "cases") {}

  void Build() {
    const std::map<Area, int> mix = CasesByArea(authority_.options.cases);
    for (const auto& [area, count] : mix) {
      for (int i = 0; i < count; ++i) BuildCase(area, CivilDay::Max());
    }
    const int closed = authority_.options.cases * kClosedOfYear * authority_.options.months / 1200;
    for (int i = 0; i < closed; ++i) {
      constexpr Area kAreas[] = {Area::kFrontDoor,   Area::kChildInNeed, Area::kChildProtection,
                                 Area::kLookedAfter, Area::kLeavingCare, Area::kDisabilities};
      const CivilDay last_day = random_.DayOf(authority_.history);
      BuildCase(kAreas[random_.Weighted({40, 40, 8, 7, 3, 2})], last_day);
    }
  }

 private:
  // A case whose last stage was in `area`, closed on `closed` or, with Max(), still open.
  void BuildCase(Area area, CivilDay closed) {
    stages_.clear();
    const bool open = closed == CivilDay::Max();
    anchor_ = open ? today_ : closed;
    case_ = Case{};
    case_.id = absl::StrFormat("C-%06d", authority_.cases.size() + 1);
    case_.forgotten = random_.Percent(kForgottenShare);
    PlanStages(area, open);
    PlaceStages(closed);
    for (size_t i = 0; i < case_.stages.size(); ++i) Describe(i);
    authority_.cases.push_back(std::move(case_));
  }

  // Lengths in days, the last one up to the anchor.
  void PlanStages(Area area, bool open) {
    const auto add = [this](Area stage, int low, int high) {
      stages_.push_back({stage, random_.Between(low, high)});
    };
    if (area == Area::kFrontDoor) {
      add(Area::kFrontDoor, open ? 0 : 8, 45);
      return;
    }
    add(Area::kFrontDoor, 10, 46);
    switch (area) {
      case Area::kChildInNeed:
        if (random_.Percent(15)) {
          add(Area::kChildInNeed, 30, 120);
          add(Area::kChildProtection, 95, 400);
        }
        add(Area::kChildInNeed, 5, random_.Percent(40) ? 150 : 560);
        break;
      case Area::kDisabilities:
        add(Area::kDisabilities, 30, 1500);
        break;
      case Area::kChildProtection:
        if (random_.Percent(60)) add(Area::kChildInNeed, 20, 220);
        add(Area::kChildProtection, 3, 420);
        break;
      default:
        if (random_.Percent(70)) add(Area::kChildInNeed, 20, 260);
        if (random_.Percent(60)) add(Area::kChildProtection, 60, 330);
        add(Area::kLookedAfter, 2, random_.Percent(45) ? 330 : 2600);
        if (area == Area::kLeavingCare) add(Area::kLeavingCare, 10, 1400);
    }
  }

  void PlaceStages(CivilDay closed) {
    CivilDay start = anchor_;
    for (const auto& [area, days] : stages_) start = start - days;
    case_.open = Period{start, closed};
    CivilDay from = start, planned = start;
    for (size_t i = 0; i < stages_.size(); ++i) {
      planned = planned + stages_[i].second;
      const bool last = i + 1 == stages_.size();
      const CivilDay next = last ? closed : planned + stages_[i + 1].second;
      const CivilDay end = last ? closed : SometimesMonthEnd(planned, next);
      case_.stages.push_back({stages_[i].first, {from, end}});
      from = end;
    }
  }

  // One boundary in eight moves to the last day of its month, if that comes before the next boundary.
  CivilDay SometimesMonthEnd(CivilDay day, CivilDay next) {
    const CivilDay end = MonthEnd(day);
    return random_.Percent(12) && end < next ? end : day;
  }

  void Describe(size_t index) {
    const Stage& stage = case_.stages[index];
    const bool last = index + 1 == case_.stages.size();
    switch (stage.area) {
      case Area::kChildInNeed:
        case_.cin_plans.push_back(stage.period);
        break;
      case Area::kDisabilities:
        case_.cin_plans.push_back(stage.period);
        AddDisabledChild(stage.period);
        break;
      case Area::kChildProtection:
        case_.cp_plans.push_back(stage.period);
        AddPreProceedings(stage.period, !last && case_.stages[index + 1].area == Area::kLookedAfter);
        break;
      case Area::kLookedAfter:
        AddTimeInCare(authority_, case_, stage.period, random_);
        break;
      case Area::kLeavingCare:
        case_.care_leaver = true;
        break;
      default:
        break;
    }
  }

  void AddPreProceedings(const Period& plan, bool removed) {
    const CivilDay last_known = std::min(plan.end, today_ + 1);
    if (last_known - plan.start < 40) return;
    if (removed) {
      // Meetings with the parents failed: the court is asked, some weeks before the child is looked after.
      const CivilDay issued = plan.end - random_.Between(0, 30);
      const CivilDay letter = std::max(plan.start, issued - random_.Between(30, 120));
      if (random_.Percent(75)) case_.pre_proceedings.push_back({letter, {}, issued});
      return;
    }
    if (!random_.Percent(26)) return;
    PreProceedings meeting;
    meeting.letter = random_.DayOf({plan.start + 20, last_known});
    const CivilDay outcome = meeting.letter + random_.Between(40, 160);
    if (outcome >= last_known) {
      if (!plan.Open()) meeting.stepped_down = plan.end;
    } else {
      (random_.Percent(70) ? meeting.stepped_down : meeting.care_proceedings_letter) = outcome;
    }
    case_.pre_proceedings.push_back(meeting);
  }

  void AddDisabledChild(const Period& period) {
    if (random_.Percent(20)) {
      // Short breaks do not make a child looked after.
      case_.legal_statuses.push_back({"V4", {period.start + 5, period.end}});
    }
    const CivilDay last_known = std::min(period.end, today_);
    if (!random_.Percent(55) || last_known - period.start < 35) return;
    ReducedFrequency agreement;
    agreement.ground = random_.Percent(60) ? "support_only" : "direct_payments_only";
    agreement.low_risk = random_.Percent(95);
    agreement.no_carer_deficits =
        agreement.ground == "support_only" ? random_.Percent(95) : random_.Percent(50);
    agreement.agreed = random_.DayOf({period.start + 10, last_known - 20});
    agreement.period = {agreement.agreed + random_.Between(0, 14), period.end};
    if (random_.Percent(20)) {
      agreement.period.end = std::min(period.end, agreement.period.start + random_.Between(90, 400));
    }
    agreement.agreed_by = DisabilitiesManager(agreement.agreed);
    case_.agreements.push_back(agreement);
  }

  // The team manager then or, before the first one on record, that one.
  int DisabilitiesManager(CivilDay day) const {
    for (const Seat& seat : authority_.seats) {
      if (seat.rank != Rank::kTeamManager || authority_.teams[seat.team].area != Area::kDisabilities)
        continue;
      const int occupant = OccupantOn(seat, day);
      return occupant >= 0 ? occupant : seat.occupants.front().worker;
    }
    return 0;
  }

  Authority& authority_;
  const CivilDay today_;
  Random random_;
  Case case_;
  CivilDay anchor_;
  std::vector<std::pair<Area, int>> stages_;
};

}  // namespace

void BuildCases(Authority& authority) { CaseBuilder(authority).Build(); }

}  // namespace oversight::sample
