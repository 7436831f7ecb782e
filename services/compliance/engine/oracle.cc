#include "services/compliance/engine/oracle.h"

#include <algorithm>
#include <set>
#include <utility>

namespace oversight::engine::testing {
namespace {

bool In(Mask mask, int value) { return mask == 0 || ((mask >> value) & 1) == 1; }

CivilDay Later(CivilDay day, const Interval& interval) {
  return interval.unit == Interval::Unit::kMonths ? AddMonths(day, interval.count) : day + interval.count;
}

bool Has(const Period& period, CivilDay day) { return period.start <= day && day < period.end; }

}  // namespace

Oracle::Oracle(const Rule& rule, Assignment assignment, const WorkingDays& working_days, const World& world,
               std::string subject, CivilDay horizon)
    : rule_(rule),
      assignment_(assignment),
      working_days_(working_days),
      world_(world),
      subject_(std::move(subject)),
      first_(std::max(assignment.effective_from, world.records_complete_from)),
      horizon_(horizon),
      memory_(first_ - 1000) {
  for (CivilDay day = memory_; day < horizon_ + 200; ++day) recorded_away_.push_back(RecordedAway(day));
  for (CivilDay day = memory_; day < horizon_ + 100; ++day) away_.push_back(LiesInAbsence(day));
  for (CivilDay day = memory_; day < horizon_; ++day) clock_pauses_.push_back(ClockPauses(day));
  for (CivilDay day = first_; day < horizon_; ++day) days_.push_back(LookAt(day));
  events_ = Events();
}

// ---- Which rows hold on a day.

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
      return than < 0 || Later(day, r.every) < Later(day, rule_.rows[than].every);
    };
    if (RowHolds(row, day, false)) {
      if (shorter(shortest)) shortest = row;
    } else if (RowHolds(row, day, true)) {
      if (shorter(doubtful)) doubtful = row;
    }
  }
  if (doubtful >= 0 &&
      (shortest < 0 || Later(day, rule_.rows[doubtful].every) < Later(day, rule_.rows[shortest].every))) {
    state = {.applies = true, .unknown = true, .missing = Missing::kEmploymentStart, .row = doubtful};
  } else if (shortest >= 0) {
    state = {.applies = true, .row = shortest};
  } else if (last_resort >= 0) {
    state = {.applies = true, .unknown = true, .missing = Missing::kRowInput, .row = last_resort};
  }
  world_.ForEach<StudentPlacementFact>([&](const std::string&, const StudentPlacementFact& placement) {
    if (placement.worker != subject_ || placement.period.start != day || placement.period.end <= day) return;
    for (int row = 0; row < count; ++row) {
      if (rule_.rows[row].restarts_with_next_placement && RowHolds(row, day, false)) state.restarts = true;
    }
  });
  return state;
}

// A row holds when its condition does, and no row that stands in its place holds.
bool Oracle::RowHolds(int row, CivilDay day, bool benefit_of_doubt) const {
  if (!Holds(rule_.rows[row].when, day, benefit_of_doubt)) return false;
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
    } else if (!ClockStandsAt(*worker->employment_start, *condition.weeks_of_employment, day)) {
      return false;
    }
  }
  if (condition.student_placement) {
    bool found = false;
    world_.ForEach<StudentPlacementFact>([&](const std::string&, const StudentPlacementFact& placement) {
      if (placement.worker == subject_ && Has(placement.period, day) &&
          In(condition.student_placement->routes, static_cast<int>(placement.route)) &&
          ClockStandsAt(placement.period.start, condition.student_placement->weeks, day)) {
        found = true;
      }
    });
    if (!found) return false;
  }
  return true;
}

// Counts the days since `start` that do not lie in an absence longer than the rule's pause.
bool Oracle::ClockStandsAt(CivilDay start, Range weeks, CivilDay day) const {
  if (day < start) return false;
  int clock = 0;
  for (CivilDay d = start; d < day; ++d) {
    if (d >= memory_ && clock_pauses_[d - memory_]) continue;
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

// Goes back day by day as long as the child was with the same carer, or in respite from there.
CivilDay Oracle::CameTo(const PlacementFact& placement) const {
  if (placement.carer_or_home.empty()) return placement.period.start;
  CivilDay came = placement.period.start;
  while (true) {
    CivilDay before = came - 1;
    while (!StaysWith(placement.carer_or_home, before) && InRespite(before)) before = before - 1;
    if (!StaysWith(placement.carer_or_home, before)) return came;
    came = before;
  }
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

// ---- Absences.

bool Oracle::RecordedAway(CivilDay day) const {
  bool away = false;
  world_.ForEach<AbsenceFact>([&](const std::string&, const AbsenceFact& absence) {
    if (absence.worker == subject_ && absence.first <= day && day <= absence.last) away = true;
  });
  return away && rule_.subject == SubjectKind::kWorker;
}

// Recorded as away, or between two such days with none worked in between.
bool Oracle::LiesInAbsence(CivilDay day) const {
  const auto recorded = [&](CivilDay d) { return d >= memory_ && recorded_away_[d - memory_]; };
  if (recorded(day)) return true;
  CivilDay before = day;
  while (!recorded(before) && !working_days_.IsWorkingDay(before)) before = before - 1;
  CivilDay after = day;
  while (!recorded(after) && !working_days_.IsWorkingDay(after)) after = after + 1;
  return recorded(before) && recorded(after);
}

bool Oracle::Away(CivilDay day) const {
  return day >= memory_ && day < horizon_ + 100 && away_[day - memory_];
}

bool Oracle::ClockPauses(CivilDay day) const {
  if (!Away(day)) return false;
  const auto [first, last] = AbsenceAround(day);
  return last == CivilDay::Max() || last - first + 1 > rule_.clock_pause_days;
}

std::pair<CivilDay, CivilDay> Oracle::AbsenceAround(CivilDay day) const {
  CivilDay first = day;
  while (Away(first - 1)) first = first - 1;
  CivilDay last = day;
  while (Away(last + 1)) {
    last = last + 1;
    if (last > horizon_ + 50) return {first, CivilDay::Max()};
  }
  return {first, last};
}

int Oracle::DaysPresent(CivilDay after, CivilDay to) const {
  int days = 0;
  if (after == CivilDay::Max()) return 0;
  for (CivilDay day = after + 1; day <= to; ++day) days += Away(day) ? 0 : 1;
  return days;
}

CivilDay Oracle::MoveDueDate(CivilDay due) const {
  if (rule_.subject == SubjectKind::kCase) return due;
  while (true) {
    if (due == CivilDay::Max()) return due;
    if (Away(due)) {
      const auto [first, last] = AbsenceAround(due);
      if (last == CivilDay::Max()) return CivilDay::Max();
      int worked = 0;
      for (CivilDay day = first; day <= last; ++day) worked += working_days_.IsWorkingDay(day) ? 1 : 0;
      int wanted = worked >= rule_.long_absence_working_days ? rule_.return_working_days : 1;
      for (due = last; wanted > 0;) {
        ++due;
        if (working_days_.IsWorkingDay(due)) --wanted;
      }
    } else if (!working_days_.IsWorkingDay(due)) {
      ++due;
    } else {
      return due;
    }
  }
}

// ---- Runs, events, due dates.

std::optional<Oracle::RunOfDays> Oracle::RunAround(CivilDay day) const {
  CivilDay anchor = day;
  // In a short interruption: the run is that of the last day before it.
  while (!On(anchor).applies) {
    if (anchor < first_) return std::nullopt;
    anchor = anchor - 1;
  }
  RunOfDays run{anchor, anchor, BaseReason::kRuleApplies};
  while (true) {
    if (On(run.first).restarts) {
      // The next placement begins anew, but only what went on before can begin anew.
      CivilDay before = run.first - 1;
      int interrupted = 0;
      for (; before >= first_ && !On(before).applies; before = before - 1) {
        interrupted += working_days_.IsWorkingDay(before) ? 1 : 0;
      }
      if (before >= first_ && interrupted <= rule_.bridge_working_days)
        run.reason = BaseReason::kNextPlacement;
      break;
    }
    CivilDay before = run.first - 1;
    int interrupted = 0;
    for (; before >= first_ && !On(before).applies; before = before - 1) {
      interrupted += working_days_.IsWorkingDay(before) ? 1 : 0;
    }
    if (before < first_ || interrupted > rule_.bridge_working_days) break;
    run.first = before;
  }
  while (true) {
    CivilDay after = run.last + 1;
    int interrupted = 0;
    for (; after < horizon_ && !On(after).applies; ++after) {
      interrupted += working_days_.IsWorkingDay(after) ? 1 : 0;
    }
    if (after >= horizon_) {
      if (On(horizon_ - 1).applies) run.last = CivilDay::Max();
      break;
    }
    if (interrupted > rule_.bridge_working_days || On(after).restarts) break;
    run.last = after;
  }
  if (run.last < day) return std::nullopt;
  if (run.first == first_) {
    run.reason =
        first_ == assignment_.effective_from ? BaseReason::kPolicyEffective : BaseReason::kRecordsComplete;
  }
  return run;
}

// The days on which something happened that counts, each with the first by name.
std::map<CivilDay, std::string> Oracle::Events() const {
  const auto supervised = [&](const SessionFact& session) {
    bool found = false;
    world_.ForEach<SupervisorLinkFact>([&](const std::string&, const SupervisorLinkFact& link) {
      if (link.worker == session.supervisee && link.supervisor == session.supervisor &&
          Has(link.period, *session.day) && In(rule_.led_by, static_cast<int>(link.function))) {
        found = true;
      }
    });
    return found;
  };
  const auto counts = [&](const SessionFact& session) {
    return session.day && session.state == SessionState::kHeld && rule_.session_kinds != 0 &&
           In(rule_.session_kinds, static_cast<int>(session.kind)) && supervised(session);
  };
  std::map<CivilDay, std::string> events;
  if (rule_.subject == SubjectKind::kWorker) {
    world_.ForEach<SessionFact>([&](const std::string& name, const SessionFact& session) {
      if (session.supervisee == subject_ && counts(session)) events.emplace(*session.day, name);
    });
    return events;
  }
  world_.ForEach<DiscussionFact>([&](const std::string& name, const DiscussionFact& discussion) {
    const SessionFact* session = world_.Find<SessionFact>(discussion.session);
    if (discussion.case_name != subject_ || session == nullptr || !counts(*session)) return;
    bool holds = false;
    world_.ForEach<AllocationFact>([&](const std::string&, const AllocationFact& a) {
      if (a.case_name != subject_ || a.worker != session->supervisee || !Has(a.period, *session->day)) return;
      holds = holds || a.covers_keyworker || a.role == AllocationRole::kKeyworker ||
              a.role == AllocationRole::kPersonalAdviser ||
              a.role == AllocationRole::kSupervisingSocialWorker;
    });
    if (holds) events.emplace(*session->day, name);
  });
  return events;
}

std::optional<Interval> Oracle::IntervalOn(CivilDay day) const {
  const DayState& state = On(day);
  if (!state.applies || state.unknown) return std::nullopt;
  return rule_.rows[state.row].every;
}

CivilDay Oracle::DueDate(const RunOfDays& run, CivilDay base) const {
  // The days on which an interval came into force, the base first.
  std::vector<CivilDay> changes;
  CivilDay due = CivilDay::Max();
  if (const std::optional<Interval> interval = IntervalOn(base)) {
    changes.push_back(base);
    due = Later(base, *interval);
  }
  for (CivilDay day = base + 1; day < due && day < horizon_; ++day) {
    if (day > run.last) return CivilDay::Max();
    const std::optional<Interval> interval = IntervalOn(day);
    if (interval == IntervalOn(day - 1) || !interval) continue;
    changes.push_back(day);
    due = CivilDay::Max();
    for (const CivilDay change : changes) {
      CivilDay longest = change;
      for (CivilDay d = change; d <= day; ++d) {
        if (IntervalOn(d)) longest = std::max(longest, Later(change, *IntervalOn(d)));
      }
      due = std::min(due, longest);
    }
  }
  return due;
}

// ---- Answers.

std::optional<Verdict> Oracle::Judge(CivilDay as_of) const {
  const DayState& today = On(as_of);
  if (!today.applies) return std::nullopt;
  const RunOfDays run = *RunAround(as_of);
  Verdict verdict;
  verdict.row = rule_.rows[today.row].id;
  verdict.missing = today.missing;
  verdict.base = run.first;
  verdict.base_reason = run.reason;
  for (const auto& [day, name] : events_) {
    if (day < run.first || day > as_of) continue;
    verdict.base = day;
    verdict.base_reason = BaseReason::kEvent;
    verdict.event = name;
  }
  verdict.unadjusted_due = DueDate(run, verdict.base);
  verdict.due = MoveDueDate(verdict.unadjusted_due);
  const bool has_due = verdict.due != CivilDay::Max();

  const Interval& every = rule_.rows[today.row].every;
  const bool weekly = every.unit == Interval::Unit::kDays && every.count <= 7;
  const int notice = rule_.notice_days.value_or(weekly ? 2 : 7);
  bool passed_while_known = false;
  if (has_due) {
    for (CivilDay day = verdict.due + 1; day <= as_of; ++day)
      passed_while_known |= IntervalOn(day).has_value();
    verdict.days_overdue = DaysPresent(verdict.due, as_of);
  }
  if (Away(as_of)) {
    verdict.status = Status::kExcused;
  } else if (today.unknown && !passed_while_known) {
    verdict.status = Status::kUnknown;
    verdict.days_overdue = 0;
  } else if (has_due && as_of > verdict.due) {
    verdict.status = Status::kOverdue;
  } else if (has_due && verdict.due - notice <= as_of) {
    verdict.status = Status::kDueSoon;
  } else {
    verdict.status = verdict.event.empty() ? Status::kPending : Status::kMet;
  }
  return verdict;
}

std::vector<PastGap> Oracle::History(CivilDay until) const {
  std::vector<PastGap> gaps;
  std::optional<RunOfDays> run;
  PastGap gap;
  const auto unknown_since = [&](CivilDay from, CivilDay to) {
    for (CivilDay day = from; day < to; ++day) {
      if (On(day).unknown) return true;
    }
    return false;
  };
  const auto begin = [&](CivilDay day) {
    gap = PastGap{};
    gap.base = day;
    if (events_.contains(day)) gap.event = events_.at(day);
    gap.due = MoveDueDate(DueDate(*run, day));
  };
  for (CivilDay day = first_; day <= until; ++day) {
    if (run && day > run->last) {
      gap.outcome = Outcome::kLapsed;
      gap.closed = run->last + 1;
      gap.days_overdue = DaysPresent(gap.due, run->last);
      gaps.push_back(gap);
      run.reset();
    }
    if (!run) {
      if (!On(day).applies) continue;
      run = RunAround(day);
      begin(day);
      continue;
    }
    if (!events_.contains(day)) continue;
    gap.closed = day;
    gap.closing_event = events_.at(day);
    gap.days_overdue = DaysPresent(gap.due, day);
    gap.outcome = gap.days_overdue > 0           ? Outcome::kLate
                  : unknown_since(gap.base, day) ? Outcome::kUnknown
                                                 : Outcome::kMet;
    gaps.push_back(gap);
    begin(day);
  }
  if (run) {
    gap.days_overdue = DaysPresent(gap.due, until);
    gaps.push_back(gap);
  }
  return gaps;
}

}  // namespace oversight::engine::testing
