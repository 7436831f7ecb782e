#include <algorithm>

#include "services/compliance/engine/evaluate.h"

namespace oversight::engine {
namespace {

bool AnyUnknown(const TimelineView& timeline, const Run& run, CivilDay from, CivilDay to) {
  for (const Segment& segment : timeline.SegmentsOf(run)) {
    if (segment.state == Segment::State::kUnknown && segment.days.Overlaps({from, to})) return true;
  }
  return false;
}

}  // namespace

std::vector<Gap> Evaluator::History(const AuthorityFacts& facts, uint32_t subject, CivilDay until) const {
  if (rule_.As<Recurring>() == nullptr) return HistoryOfInstances(facts, subject, until);
  const Timeline timeline = MakeTimeline(facts, subject);
  const Asking asking(rule_, facts, working_days_);
  std::vector<Gap> gaps;
  for (const int8_t clock : Clocks()) {
    AddHistory(timeline, Events(asking, {rule_.subject, subject}, clock), until, gaps);
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.base < b.base; });
  return gaps;
}

void Evaluator::AddHistory(const TimelineView& timeline, const Events& events, CivilDay until,
                           std::vector<Gap>& gaps) const {
  for (const Run& run : timeline.runs) {
    if (run.days.start > until) break;
    const CivilDay last_day = std::min(run.days.end - 1, until);
    std::optional<EventRef> base = events.Next(run.days.start, run.days.start);
    while (true) {
      Gap gap;
      gap.clock = events.clock();
      gap.base = base ? base->day : run.days.start;
      gap.base_reason = base ? BaseReason::kEvent : run.reason;
      if (base) gap.event = base->id;
      gap.unadjusted_due = DueDate(timeline, run, gap.base);
      gap.due = Moved(timeline, gap.unadjusted_due);
      const std::optional<EventRef> closing = events.Next(gap.base + 1, last_day);
      if (closing) {
        gap.closed = closing->day;
        gap.closing_event = closing->id;
        gap.days_overdue = timeline.absences.DaysPresent(gap.due, closing->day);
        gap.outcome = gap.days_overdue > 0                                ? Outcome::kLate
                      : AnyUnknown(timeline, run, gap.base, closing->day) ? Outcome::kUnknown
                                                                          : Outcome::kMet;
      } else {
        gap.days_overdue = timeline.absences.DaysPresent(gap.due, last_day);
        if (run.days.end <= until) {
          gap.outcome = Outcome::kLapsed;
          gap.closed = run.days.end;
        }
      }
      gaps.push_back(gap);
      if (!closing) break;
      base = closing;
    }
  }
}

}  // namespace oversight::engine
