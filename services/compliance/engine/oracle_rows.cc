// Which rows hold on a day.

#include <algorithm>
#include <utility>

#include "services/compliance/engine/oracle.h"

namespace oversight::engine::testing {

const Oracle::DayState& Oracle::On(CivilDay day) const {
  static const DayState kNothing;
  return day < first_ || day >= horizon_ ? kNothing : days_[day - first_];
}

Oracle::DayState Oracle::LookAt(CivilDay day) const {
  DayState state;
  if (!InScope(day)) return state;
  const int count = static_cast<int>(rule_.rows.size());
  int shortest = -1;
  int doubtful = -1;
  int last_resort = -1;
  for (int row = 0; row < count; ++row) {
    const Row& r = rule_.rows[row];
    if (!r.unknown_input.empty()) {
      if (last_resort < 0 && Holds(r.when, day, false)) last_resort = row;
      continue;
    }
    const auto shorter = [&](int than) {
      return than < 0 || Later(day, AskedBy(row, day)) < Later(day, AskedBy(than, day));
    };
    if (RowHolds(row, day, false)) {
      if (shorter(shortest)) shortest = row;
    } else if (RowHolds(row, day, true)) {
      if (shorter(doubtful)) doubtful = row;
    }
  }
  if (doubtful >= 0 &&
      (shortest < 0 || Later(day, AskedBy(doubtful, day)) < Later(day, AskedBy(shortest, day)))) {
    state = {.applies = true,
             .unknown = true,
             .missing = Missing::kInput,
             .input = kEmploymentStartInput,
             .row = doubtful};
  } else if (shortest >= 0) {
    state = {.applies = true, .row = shortest};
  } else if (last_resort >= 0) {
    state = {.applies = true, .unknown = true, .missing = Missing::kRowInput, .row = last_resort};
  }
  if (state.applies) state.every = AskedBy(state.row, day);
  world_.ForEach<StudentPlacementFact>([&](const std::string&, const StudentPlacementFact& placement) {
    if (placement.worker != subject_ || placement.period.start != day || placement.period.end <= day) return;
    for (int row = 0; row < count; ++row) {
      if (rule_.rows[row].restarts_with_next_placement && RowHolds(row, day, false)) state.restarts = true;
    }
  });
  return state;
}

Interval Oracle::AskedBy(int row, CivilDay day) const {
  const Row& r = rule_.rows[row];
  return r.every_of ? AgreedOn(day).value_or(Interval()) : r.every;
}

// The shortest of what is agreed on the day, counted from when the last of them came.
std::optional<Interval> Oracle::AgreedOn(CivilDay day) const {
  std::vector<Interval> asked;
  CivilDay last_came = CivilDay::Min();
  world_.ForEach<AgreedIntervalFact>([&](const std::string&, const AgreedIntervalFact& agreed) {
    if (agreed.subject != subject_ || !Has(agreed.period, day)) return;
    if (agreed.days == 0 && agreed.months == 0) return;
    asked.push_back(agreed.days != 0 ? Interval::Days(agreed.days) : Interval::Months(agreed.months));
    last_came = std::max(last_came, agreed.period.start);
  });
  if (asked.empty()) return std::nullopt;
  // Of two that lead to one day the one in days.
  return *std::min_element(asked.begin(), asked.end(), [&](const Interval& a, const Interval& b) {
    return std::pair(Later(last_came, a), a.unit) < std::pair(Later(last_came, b), b.unit);
  });
}

// A row holds when its condition does, something is agreed where its interval stands in agreements, and no
// row that stands in its place holds.
bool Oracle::RowHolds(int row, CivilDay day, bool benefit_of_doubt) const {
  if (!Holds(rule_.rows[row].when, day, benefit_of_doubt)) return false;
  if (rule_.rows[row].every_of && !AgreedOn(day)) return false;
  for (size_t other = 0; other < rule_.rows.size(); ++other) {
    if (rule_.rows[other].in_place_of == row && RowHolds(static_cast<int>(other), day, !benefit_of_doubt)) {
      return false;
    }
  }
  return true;
}

bool Oracle::InScope(CivilDay day) const {
  if (day < first_ || day >= assignment_.effective_until) return false;
  if (rule_.subject == SubjectKind::kWorker) {
    const WorkerFact* worker = world_.Find<WorkerFact>(subject_);
    return worker != nullptr && day < worker->employment_end;
  }
  const CaseFact* fact = world_.Find<CaseFact>(subject_);
  if (fact == nullptr) return false;
  return std::any_of(fact->open.begin(), fact->open.end(), [&](const Period& p) { return Has(p, day); });
}

bool Oracle::Holds(const Condition& condition, CivilDay day, bool benefit_of_doubt) const {
  if (!WorkerHolds(condition, day, benefit_of_doubt) || !CaseHolds(condition, day)) return false;
  if (!condition.any_of.empty()) {
    bool any = false;
    for (const Condition& part : condition.any_of) any = any || Holds(part, day, benefit_of_doubt);
    if (!any) return false;
  }
  for (const Condition& part : condition.none_of) {
    if (Holds(part, day, !benefit_of_doubt)) return false;
  }
  return true;
}

bool Oracle::WorkerHolds(const Condition& condition, CivilDay day, bool benefit_of_doubt) const {
  if (condition.post) {
    bool found = false;
    world_.ForEach<PostFact>([&](const std::string&, const PostFact& post) {
      if (post.worker != subject_ || !Has(post.period, day)) return;
      if (!In(condition.post->career_stages, static_cast<int>(post.career_stage))) return;
      if (!In(condition.post->employment_bases, static_cast<int>(post.employment_basis))) return;
      if (condition.post->case_holding && *condition.post->case_holding != post.case_holding) return;
      if (condition.post->team_areas != 0) {
        const TeamFact* team = world_.Find<TeamFact>(post.team);
        const ServiceArea area = team == nullptr ? ServiceArea::kUnspecified : team->service_area;
        if (!In(condition.post->team_areas, static_cast<int>(area))) return;
      }
      found = true;
    });
    if (!found) return false;
  }
  if (condition.on_asye) {
    bool on_asye = false;
    world_.ForEach<AsyeFact>([&](const std::string&, const AsyeFact& asye) {
      if (asye.worker == subject_ && Has(asye.period, day)) on_asye = true;
    });
    if (on_asye != *condition.on_asye) return false;
  }
  if (condition.weeks_of_employment) {
    const WorkerFact* worker = world_.Find<WorkerFact>(subject_);
    if (worker == nullptr || !worker->employment_start) {
      if (!benefit_of_doubt) return false;
    } else if (!ClockStandsAt(*worker->employment_start, *condition.weeks_of_employment, day,
                              condition.on_asye == true)) {
      return false;
    }
  }
  if (condition.student_placement) {
    bool found = false;
    world_.ForEach<StudentPlacementFact>([&](const std::string&, const StudentPlacementFact& placement) {
      if (placement.worker == subject_ && Has(placement.period, day) &&
          In(condition.student_placement->routes, static_cast<int>(placement.route)) &&
          ClockStandsAt(placement.period.start, condition.student_placement->weeks, day, false)) {
        found = true;
      }
    });
    if (!found) return false;
  }
  return true;
}

bool Oracle::AsyeIsPaused(CivilDay day) const {
  bool paused = false;
  world_.ForEach<AsyeFact>([&](const std::string&, const AsyeFact& asye) {
    if (asye.worker != subject_ || !Has(asye.period, day)) return;
    for (const Period& pause : asye.pauses) paused = paused || Has(pause, day);
  });
  return paused;
}

// Counts the days since `start` that do not lie in an absence longer than the rule's pause, nor, of a stage
// of ASYE, in a pause of the programme.
bool Oracle::ClockStandsAt(CivilDay start, Range weeks, CivilDay day, bool of_asye) const {
  if (day < start) return false;
  int clock = 0;
  for (CivilDay d = start; d < day; ++d) {
    if (d >= memory_ && clock_pauses_[d - memory_]) continue;
    if (of_asye && AsyeIsPaused(d)) continue;
    if (++clock >= 7 * (weeks.to == Range::kNoEnd ? weeks.from : weeks.to)) break;
  }
  return clock >= 7 * weeks.from && (weeks.to == Range::kNoEnd || clock < 7 * weeks.to);
}

bool Oracle::CaseHolds(const Condition& condition, CivilDay day) const {
  if (condition.case_statuses != 0) {
    bool found = false;
    world_.ForEach<StatusPeriodFact>([&](const std::string&, const StatusPeriodFact& status) {
      if (status.case_name == subject_ && Has(status.period, day) &&
          In(condition.case_statuses, static_cast<int>(status.status))) {
        found = true;
      }
    });
    if (!found) return false;
  }
  if (condition.placement && !PlacedLike(*condition.placement, day)) return false;
  if (condition.keyworker_team_areas != 0) {
    bool found = false;
    world_.ForEach<AllocationFact>([&](const std::string&, const AllocationFact& allocation) {
      if (allocation.case_name != subject_ || !Has(allocation.period, day)) return;
      if (allocation.role != AllocationRole::kKeyworker) return;
      const TeamFact* team = world_.Find<TeamFact>(allocation.team);
      if (team != nullptr && In(condition.keyworker_team_areas, static_cast<int>(team->service_area)))
        found = true;
    });
    if (!found) return false;
  }
  if (condition.reduced_frequency_agreement) {
    bool agreed = false;
    world_.ForEach<AgreementFact>([&](const std::string&, const AgreementFact& agreement) {
      if (agreement.case_name != subject_ || !Has(agreement.period, day)) return;
      if (!agreement.low_risk || agreement.agreed_by.empty()) return;
      if (!agreement.agreed_on || day < *agreement.agreed_on) return;
      if (agreement.ground == AgreementGround::kDirectPaymentsOnly ||
          (agreement.ground == AgreementGround::kSupportOnly && agreement.no_carer_deficits)) {
        agreed = true;
      }
    });
    if (agreed != *condition.reduced_frequency_agreement) return false;
  }
  return true;
}

bool Oracle::InRespite(CivilDay day) const {
  bool found = false;
  world_.ForEach<PlacementFact>([&](const std::string&, const PlacementFact& placement) {
    if (placement.case_name == subject_ && placement.respite && Has(placement.period, day)) found = true;
  });
  return found;
}

bool Oracle::StaysWith(absl::string_view carer, CivilDay day) const {
  bool found = false;
  world_.ForEach<PlacementFact>([&](const std::string&, const PlacementFact& placement) {
    if (placement.case_name == subject_ && !placement.respite && placement.carer_or_home == carer &&
        Has(placement.period, day)) {
      found = true;
    }
  });
  return found;
}

// Whether the child came to another address of the carer on this day.
bool Oracle::MovesWith(absl::string_view carer, CivilDay day) const {
  bool found = false;
  world_.ForEach<PlacementFact>([&](const std::string&, const PlacementFact& placement) {
    if (placement.case_name == subject_ && !placement.respite && placement.carer_or_home == carer &&
        placement.new_address && placement.period.start == day && day < placement.period.end) {
      found = true;
    }
  });
  return found;
}

// Goes back day by day as long as the child was with the same carer at the same address, or in respite from
// there.
CivilDay Oracle::CameTo(const PlacementFact& placement) const {
  if (placement.carer_or_home.empty()) return placement.period.start;
  CivilDay came = placement.period.start;
  while (!MovesWith(placement.carer_or_home, came)) {
    CivilDay before = came - 1;
    while (!StaysWith(placement.carer_or_home, before) && InRespite(before)) before = before - 1;
    if (!StaysWith(placement.carer_or_home, before)) return came;
    came = before;
  }
  return came;
}

bool Oracle::PlacedLike(const PlacementCondition& condition, CivilDay day) const {
  bool found = false;
  world_.ForEach<PlacementFact>([&](const std::string&, const PlacementFact& placement) {
    if (placement.case_name != subject_ || placement.respite ||
        placement.period.end <= placement.period.start)
      return;
    // There on the day, or away in respite between this stay and the next with the same carer.
    bool there = Has(placement.period, day);
    if (!there && placement.period.end <= day && !placement.carer_or_home.empty()) {
      CivilDay d = placement.period.end;
      while (d < horizon_ && !StaysWith(placement.carer_or_home, d) && InRespite(d)) ++d;
      there = day < d && StaysWith(placement.carer_or_home, d);
    }
    if (!there || !In(condition.types, static_cast<int>(placement.type))) return;
    const CivilDay came = CameTo(placement);
    if (day < AddMonths(came, condition.months.from)) return;
    if (condition.months.to != Range::kNoEnd && day >= AddMonths(came, condition.months.to)) return;
    if (condition.permanence_implemented) {
      bool permanent = false;
      world_.ForEach<PlacementFact>([&](const std::string&, const PlacementFact& other) {
        if (other.case_name != subject_ || other.respite || other.period.end <= other.period.start) return;
        const bool same =
            &other == &placement || (!other.carer_or_home.empty() &&
                                     other.carer_or_home == placement.carer_or_home && CameTo(other) == came);
        if (same && other.permanence_implemented && *other.permanence_implemented <= day) permanent = true;
      });
      if (permanent != *condition.permanence_implemented) return;
    }
    found = true;
  });
  return found;
}

}  // namespace oversight::engine::testing
