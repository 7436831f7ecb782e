#include "services/compliance/engine/frequency.h"

#include <algorithm>
#include <utility>

#include "services/compliance/engine/events.h"
#include "services/compliance/engine/instances.h"
#include "services/compliance/engine/interval_set.h"

namespace oversight::engine {
namespace {

// The days on which a session would count for the rule, as SessionCounts decides it.
std::vector<Period> CountedDays(const Rule& rule, const WorkerRecord& worker,
                                const FrequencyQuestion& question) {
  std::vector<Period> days;
  for (const SupervisorLink& link : worker.links) {
    if (question.supervisor && link.supervisor != *question.supervisor) continue;
    if (rule.led_by != 0 && !Contains(rule.led_by, link.function)) continue;
    days.push_back(link.period.Intersection(question.days));
  }
  const IntervalSet counted(std::move(days));
  return {counted.periods().begin(), counted.periods().end()};
}

class Recurrence {
 public:
  Recurrence(const Evaluator& evaluator, const AuthorityFacts& facts, const FrequencyQuestion& question)
      : rule_(evaluator.rule()),
        working_days_(evaluator.working_days()),
        question_(question),
        asking_(rule_, facts, working_days_),
        events_(asking_, {SubjectKind::kWorker, question.worker}),
        timeline_(evaluator.MakeTimeline(facts, question.worker)),
        rows_(rule_) {}

  std::vector<RequiredFrequency> All() const {
    std::vector<RequiredFrequency> all;
    for (const Run& run : timeline_.runs) {
      if (run.days.Intersection(question_.days).Empty()) continue;
      RequiredFrequency required;
      required.days = run.days;
      const auto last = events_.Last(run.days.start, std::min(question_.as_of, run.days.end - 1));
      if (last) required.last_session = last->day;
      const CivilDay base = required.last_session.value_or(run.days.start);
      for (const Segment& segment : TimelineView(timeline_).SegmentsOf(run))
        AddIntervals(segment, base, required);
      required.moved = MovedDues({base, std::min(run.days.end, question_.days.end)});
      all.push_back(std::move(required));
    }
    return all;
  }

 private:
  void AddIntervals(const Segment& segment, CivilDay base, RequiredFrequency& required) const {
    const Period days = segment.days.Intersection({base, question_.days.end});
    // A row of last resort asks for nothing.
    if (days.Empty() || segment.row < 0 || rule_.rows[segment.row].IsUnknown()) return;
    RequiredFrequency::Interval interval{
        .days = days, .every = {}, .row = segment.row, .missing = segment.missing};
    if (segment.missing == Missing::kInput)
      interval.input = asking_.MissingInputOf(segment.row, {SubjectKind::kWorker, question_.worker});
    if (!segment.varies) {
      interval.every = rows_.IntervalOf(segment.row, segment.agreed);
      // Nothing is eased by a row of which it is not known whether it governs.
      const bool eases =
          segment.missing != Missing::kNothing && !required.intervals.empty() &&
          AddInterval(days.start, interval.every) > AddInterval(days.start, required.intervals.back().every);
      if (!eases) required.intervals.push_back(interval);
      return;
    }
    for (CivilDay day = days.start; day < days.end; ++day) {
      const int row = rows_.Shortest(segment.rows, day, segment.agreed);
      if (day != days.start && row == required.intervals.back().row) {
        required.intervals.back().days.end = day + 1;
        continue;
      }
      interval.days = {day, day + 1};
      interval.row = static_cast<int16_t>(row);
      interval.every = rows_.IntervalOf(row, segment.agreed);
      required.intervals.push_back(interval);
    }
  }

  std::vector<RequiredFrequency::MovedDue> MovedDues(Period days) const {
    std::vector<RequiredFrequency::MovedDue> moved;
    for (CivilDay day = days.start; day < days.end; ++day) {
      const CivilDay to = timeline_.absences.MoveDueDate(day, rule_, working_days_);
      if (to == working_days_.NextWorkingDayOnOrAfter(day)) continue;
      if (!moved.empty() && moved.back().days.end == day && moved.back().to == to) {
        moved.back().days.end = day + 1;
      } else {
        moved.push_back({{day, day + 1}, to});
      }
    }
    return moved;
  }

  const Rule& rule_;
  const WorkingDays& working_days_;
  const FrequencyQuestion& question_;
  const Asking asking_;
  const Events events_;
  const Timeline timeline_;
  const RowTable rows_;
};

// The line of a rule that holds on a day; -1 for none.
int16_t LineOn(const Subjected& s, CivilDay day) {
  const std::vector<Row>& rows = s.rule().rows;
  for (size_t row = 0; row < rows.size(); ++row) {
    if (s.asking.Days(rows[row].when, s.frame(), false).Contains(day)) return static_cast<int16_t>(row);
  }
  return -1;
}

void AddMonth(const Subjected& s, const CountedMonth& month, int16_t row, bool unknown,
              RequiredFrequency& required) {
  std::vector<RequiredFrequency::Interval>& intervals = required.intervals;
  const Missing missing = unknown ? Missing::kInput : Missing::kNothing;
  if (!intervals.empty() && intervals.back().days.end == month.first && intervals.back().row == row &&
      intervals.back().missing == missing) {
    intervals.back().days.end = month.end;
    return;
  }
  intervals.push_back({.days = {month.first, month.end}, .every = {}, .row = row, .missing = missing});
  if (unknown) intervals.back().input = s.asking.MissingInput(s.rule().when, s.frame()).value_or(kNoInput);
}

std::vector<RequiredFrequency> MonthsOf(const Evaluator& evaluator, const AuthorityFacts& facts,
                                        const FrequencyQuestion& question) {
  const CalendarMonth& rule = *evaluator.rule().As<CalendarMonth>();
  const Asking asking(evaluator.rule(), facts, evaluator.working_days());
  const Subject worker{SubjectKind::kWorker, question.worker};
  const Subjected s(asking, worker, Window(evaluator.assignment(), facts), false);
  if (s.possible_scope().Empty()) return {};
  RequiredFrequency required;
  required.calendar_months = true;
  const CivilDay this_month = FirstOfMonth(question.as_of);
  // Months that have begun: those that still wait for a session.
  for (const Gap& gap : evaluator.History(facts, question.worker, question.as_of)) {
    const bool unknown = gap.outcome == Outcome::kUnknown && gap.closed == CivilDay::Max();
    if (!unknown && gap.outcome != Outcome::kOpen) continue;
    AddMonth(s, {.first = gap.base, .end = AddMonths(gap.base, 1), .last_in_scope = gap.base}, gap.row,
             unknown, required);
  }
  for (CivilDay day = AddMonths(this_month, 1); day < question.days.end; day = AddMonths(day, 1)) {
    const CountedMonth month = JudgeMonth(s, day, rule.available_working_days, rule.working_pattern);
    const bool unknown = month.says == CountedMonth::Says::kUnknown;
    if (!unknown && month.says != CountedMonth::Says::kCounts) continue;
    AddMonth(s, month, LineOn(s, month.last_in_scope), unknown, required);
  }
  if (required.intervals.empty()) return {};
  required.days = {required.intervals.front().days.start, required.intervals.back().days.end};
  return {std::move(required)};
}

}  // namespace

std::vector<RequiredFrequency> RequiredFrequencies(const Evaluator& evaluator, const AuthorityFacts& facts,
                                                   const FrequencyQuestion& question) {
  const Rule& rule = evaluator.rule();
  const bool recurring = rule.As<Recurring>() != nullptr;
  if ((!recurring && rule.As<CalendarMonth>() == nullptr) || rule.subject != SubjectKind::kWorker ||
      rule.event) {
    return {};
  }
  if (question.kind != SessionKind::kUnspecified && !Contains(rule.session_kinds, question.kind)) return {};
  const std::vector<Period> counted = CountedDays(rule, facts.worker(question.worker), question);
  if (question.supervisor && counted.empty()) return {};
  std::vector<RequiredFrequency> all =
      recurring ? Recurrence(evaluator, facts, question).All() : MonthsOf(evaluator, facts, question);
  for (RequiredFrequency& required : all) required.counted = counted;
  return all;
}

}  // namespace oversight::engine
