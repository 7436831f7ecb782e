#include "services/compliance/engine/conditions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/compliance/engine/field_tests.h"

namespace oversight::engine {
namespace {

constexpr int kDaysPerWeek = 7;

// The days on which the clock that started on `start` stands within `weeks`.
Period ClockWithin(CivilDay start, Range weeks, const IntervalSet& stands_still) {
  const CivilDay from = ClockReaches(start, weeks.from * kDaysPerWeek, stands_still);
  if (weeks.to == Range::kNoEnd) return {from, CivilDay::Max()};
  return {from, ClockReaches(start, weeks.to * kDaysPerWeek, stands_still)};
}

// The days on which ASYE programmes are paused.
IntervalSet AsyePauses(const WorkerRecord& worker) {
  PeriodList pauses;
  for (const Asye& asye : worker.asye) {
    for (const Period& pause : asye.pauses) pauses.push_back(pause.Intersection(asye.period));
  }
  return IntervalSet(pauses);
}

IntervalSet PostDays(const PostCondition& condition, const AuthorityFacts& facts,
                     const WorkerRecord& worker) {
  PeriodList days;
  for (const Post& post : worker.posts) {
    const bool accepted = Accepts(condition.career_stages, post.career_stage) &&
                          AcceptsArea(condition.team_areas, facts, post.team) &&
                          Accepts(condition.employment_bases, post.employment_basis) &&
                          condition.case_holding.value_or(post.case_holding) == post.case_holding;
    if (accepted) days.push_back(post.period);
  }
  return IntervalSet(days);
}

IntervalSet StudentDays(const StudentCondition& condition, const Rule& rule, const WorkerRecord& worker,
                        const AbsenceCalendar& absences) {
  const IntervalSet stands_still = absences.LongerThan(rule.clock_pause_days);
  PeriodList days;
  for (const StudentPlacement& placement : worker.student_placements) {
    if (!Accepts(condition.routes, placement.route)) continue;
    const Period clock = ClockWithin(placement.period.start, condition.weeks, stands_still);
    days.push_back(placement.period.Intersection(clock));
  }
  return IntervalSet(days);
}

// Whether the child is back with the carer they were with until `left`, having been in respite only.
bool OnlyRespiteBetween(CivilDay left, CivilDay back, const IntervalSet& respite) {
  return back <= left || Difference(IntervalSet(Period{left, back}), respite).Empty();
}

IntervalSet PlacementDays(const PlacementCondition& condition, const std::vector<PlacedSpan>& placed) {
  PeriodList days;
  for (const PlacedSpan& span : placed) days.push_back(DaysWithin(span, condition));
  return IntervalSet(days);
}

}  // namespace

Period DaysWithin(const PlacedSpan& span, const PlacementCondition& condition) {
  if (!Accepts(condition.types, span.type)) return {span.came, span.came};
  Period held = span.days;
  if (condition.months.from > 0)
    held.start = std::max(held.start, AddInterval(span.came, Interval::Months(condition.months.from)));
  if (condition.months.to != Range::kNoEnd)
    held.end = std::min(held.end, AddInterval(span.came, Interval::Months(condition.months.to)));
  if (condition.permanence_implemented) {
    if (*condition.permanence_implemented) {
      held.start = std::max(held.start, span.permanent_from);
    } else {
      held.end = std::min(held.end, span.permanent_from);
    }
  }
  return held;
}

std::vector<PlacedSpan> PlacedSpans(const CaseRecord& record) {
  std::vector<Placement> stays;
  PeriodList respite_days;
  for (const Placement& placement : record.placements) {
    if (placement.period.Empty()) continue;
    if (placement.respite) {
      respite_days.push_back(placement.period);
    } else {
      stays.push_back(placement);
    }
  }
  const IntervalSet respite(respite_days);
  std::sort(stays.begin(), stays.end(), [](const Placement& a, const Placement& b) {
    return std::make_tuple(a.carer_or_home, a.period.start, !a.new_address, a.period.end) <
           std::make_tuple(b.carer_or_home, b.period.start, !b.new_address, b.period.end);
  });
  std::vector<PlacedSpan> spans;
  // [first, i) of spans are one placement: the same carer or home and address without a break.
  size_t first = 0;
  size_t first_with_carer = 0;
  CivilDay left = CivilDay::Min();
  const auto close = [&](size_t end) {
    CivilDay permanent = CivilDay::Max();
    for (size_t i = first; i < end; ++i) permanent = std::min(permanent, spans[i].permanent_from);
    for (size_t i = first; i < end; ++i) spans[i].permanent_from = permanent;
    first = end;
  };
  for (size_t i = 0; i < stays.size(); ++i) {
    const Placement& stay = stays[i];
    const bool stays_with_carer = i > 0 && stay.carer_or_home != kNobody &&
                                  stay.carer_or_home == stays[i - 1].carer_or_home &&
                                  OnlyRespiteBetween(left, stay.period.start, respite);
    if (stays_with_carer && left < stay.period.start) {
      for (size_t j = first_with_carer; j < i; ++j) {
        if (spans[j].days.end == left) spans[j].days.end = stay.period.start;
      }
    }
    const bool moves = stay.new_address && i > 0 && spans[first].came < stay.period.start;
    const bool goes_on = stays_with_carer && !moves;
    if (!goes_on) close(i);
    if (!stays_with_carer) first_with_carer = i;
    left = stays_with_carer ? std::max(left, stay.period.end) : stay.period.end;
    spans.push_back({stay.id, stay.type, stay.period, goes_on ? spans[first].came : stay.period.start,
                     stay.permanence_implemented});
  }
  close(spans.size());
  return spans;
}

AbsenceCalendar AbsencesOf(const WorkerRecord& worker, const WorkingDays& working_days) {
  std::vector<Period> days;
  days.reserve(worker.absences.size());
  for (const Absence& absence : worker.absences) days.push_back(absence.days);
  return AbsenceCalendar(std::move(days), working_days);
}

const std::vector<PlacedSpan>& Asking::Placed(uint32_t case_index) const {
  if (placed_case_ != case_index) placed_ = PlacedSpans(facts_.case_record(case_index));
  placed_case_ = case_index;
  return placed_;
}

IntervalSet Asking::WorkerDays(const Condition& condition, const Frame& frame, bool doubt) const {
  const WorkerRecord& worker = facts_.worker(frame.row);
  IntervalSet days = IntervalSet::All();
  if (condition.post) days = Intersection(days, PostDays(*condition.post, facts_, worker));
  if (condition.on_asye) {
    PeriodList programmes;
    for (const Asye& asye : worker.asye) programmes.push_back(asye.period);
    const IntervalSet on_asye(programmes);
    days = *condition.on_asye ? Intersection(days, on_asye) : Difference(days, on_asye);
  }
  if (condition.weeks_of_employment) {
    if (worker.employment_start) {
      IntervalSet stands_still = AbsencesOf(worker, working_days_).LongerThan(rule_.clock_pause_days);
      if (condition.on_asye.value_or(false)) stands_still = Union(stands_still, AsyePauses(worker));
      days = Intersection(days, IntervalSet(ClockWithin(*worker.employment_start,
                                                        *condition.weeks_of_employment, stands_still)));
    } else if (!InDoubt(doubt)) {
      days = IntervalSet();
    }
  }
  if (condition.student_placement) {
    days = Intersection(
        days, StudentDays(*condition.student_placement, rule_, worker, AbsencesOf(worker, working_days_)));
  }
  return days;
}

IntervalSet Asking::CaseDays(const Condition& condition, const Frame& frame) const {
  const CaseRecord& record = facts_.case_record(frame.row);
  IntervalSet days = IntervalSet::All();
  if (condition.case_statuses != 0) {
    PeriodList periods;
    for (const StatusPeriod& status : record.statuses) {
      if (Contains(condition.case_statuses, status.status)) periods.push_back(status.period);
    }
    if (periods.empty()) return IntervalSet();
    days = Intersection(days, IntervalSet(periods));
  }
  if (condition.placement && !days.Empty()) {
    days = Intersection(days, PlacementDays(*condition.placement, Placed(frame.row)));
  }
  if (condition.keyworker_team_areas != 0) {
    PeriodList periods;
    for (const Allocation& allocation : record.allocations) {
      if (allocation.role == AllocationRole::kKeyworker &&
          AcceptsArea(condition.keyworker_team_areas, facts_, allocation.team)) {
        periods.push_back(allocation.period);
      }
    }
    days = Intersection(days, IntervalSet(periods));
  }
  if (condition.reduced_frequency_agreement) {
    PeriodList periods;
    for (const Agreement& agreement : record.agreements) {
      if (agreement.valid) periods.push_back(agreement.period);
    }
    const IntervalSet agreed(periods);
    days = *condition.reduced_frequency_agreement ? Intersection(days, agreed) : Difference(days, agreed);
  }
  return days;
}

IntervalSet Asking::Days(const Condition& condition, const Frame& frame, bool doubt) const {
  IntervalSet days = frame.kind == FactKind::kWorker ? WorkerDays(condition, frame, doubt)
                     : frame.kind == FactKind::kCase ? CaseDays(condition, frame)
                                                     : IntervalSet::All();
  const bool asks_records = !condition.fields.empty() || !condition.records.empty() ||
                            !condition.references.empty() || !condition.measures.empty();
  if (asks_records && !days.Empty()) days = Intersection(days, OwnDays(condition, frame, doubt));
  if (!condition.any_of.empty() && !days.Empty()) {
    IntervalSet any;
    for (const Condition& part : condition.any_of) any = Union(any, Days(part, frame, doubt));
    days = Intersection(days, any);
  }
  for (const Condition& part : condition.none_of) {
    if (!days.Empty()) days = Difference(days, Days(part, frame, !doubt));
  }
  return days;
}

IntervalSet Asking::Days(const std::vector<Condition>& conditions, const Frame& frame, bool doubt) const {
  IntervalSet days = IntervalSet::All();
  for (const Condition& condition : conditions) days = Intersection(days, Days(condition, frame, doubt));
  return days;
}

}  // namespace oversight::engine
