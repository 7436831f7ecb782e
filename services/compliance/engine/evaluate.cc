#include "services/compliance/engine/evaluate.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "services/compliance/engine/events.h"
#include "services/compliance/engine/running_count.h"

namespace oversight::engine {
namespace {

constexpr int kWeek = 7;
constexpr int kNoticeDays = 7;
constexpr int kNoticeDaysOfWeekly = 2;

int NoticeDays(const Rule& rule, const Interval& interval) {
  const bool weekly = interval.unit == Interval::Unit::kDays && interval.count <= kWeek;
  return rule.notice_days.value_or(weekly ? kNoticeDaysOfWeekly : kNoticeDays);
}

// The due date while the intervals in force are learnt day by day (design section 5, steps 1 and 2): the
// earliest of all c + L, where c is the base or a later day on which an interval came into force, and L the
// longest interval in force since c.
class DueDateSoFar {
 public:
  CivilDay due() const { return due_; }

  void InForceFrom(CivilDay day, const Interval& interval) {
    due_ = AddInterval(day, interval);
    for (Anchor& anchor : anchors_) {
      anchor.reach = std::max(anchor.reach, AddInterval(anchor.day, interval));
      due_ = std::min(due_, anchor.reach);
    }
    anchors_.push_back({day, AddInterval(day, interval)});
  }

 private:
  struct Anchor {
    CivilDay day;
    CivilDay reach;
  };
  absl::InlinedVector<Anchor, 8> anchors_;
  CivilDay due_ = CivilDay::Max();
};

}  // namespace

absl::string_view StatusName(Status status) {
  switch (status) {
    case Status::kMet:
      return "MET";
    case Status::kPending:
      return "PENDING";
    case Status::kDueSoon:
      return "DUE_SOON";
    case Status::kOverdue:
      return "OVERDUE";
    case Status::kLate:
      return "LATE";
    case Status::kBreached:
      return "BREACHED";
    case Status::kExcused:
      return "EXCUSED";
    case Status::kUnknown:
      return "UNKNOWN";
  }
  return "UNSPECIFIED";
}

int DaysOverdue(const AuthorityFacts& facts, const WorkingDays& working_days, Subject subject, CivilDay due,
                CivilDay as_of) {
  if (subject.kind != SubjectKind::kWorker) return std::max(0, as_of - due);
  return AbsencesOf(facts.worker(subject.index), working_days).DaysPresent(due, as_of);
}

Evaluator::Evaluator(const Rule& rule, Assignment assignment, const WorkingDays& working_days)
    : rule_(rule),
      assignment_(assignment),
      working_days_(working_days),
      rows_(rule),
      timeless_(Timeless(rule.when)) {}

Timeline Evaluator::MakeTimeline(const AuthorityFacts& facts, uint32_t subject) const {
  return BuildTimeline(Asking(rule_, facts, working_days_), rows_, assignment_, {rule_.subject, subject});
}

Evaluator::ClockList Evaluator::Clocks() const {
  if (!rule_.event || rule_.event->each_value_of == kNoColumn) return {kOneClock};
  return ClockList(rule_.event->values.begin(), rule_.event->values.end());
}

CivilDay Evaluator::DueDate(const TimelineView& timeline, const Run& run, CivilDay base) const {
  DueDateSoFar deadline;
  const Segment* const end = timeline.segments.data() + run.end_segment;
  CivilDay day = base;
  for (const Segment* segment = &timeline.SegmentOn(run, base); segment != end; ++segment) {
    day = std::max(base, segment->days.start);
    if (day != base && day >= deadline.due()) return deadline.due();
    if (segment->state != Segment::State::kGoverned) continue;
    if (!segment->varies) {
      deadline.InForceFrom(day, rows_.IntervalOf(segment->row, segment->agreed));
      continue;
    }
    int before = Row::kNone;
    for (; day < segment->days.end && day < deadline.due(); ++day) {
      const int row = rows_.Shortest(segment->rows, day, segment->agreed);
      if (row != before) deadline.InForceFrom(day, rows_.IntervalOf(row, segment->agreed));
      before = row;
    }
  }
  // The rule ceases to apply before the date comes: nothing is due.
  return run.days.end < deadline.due() ? CivilDay::Max() : deadline.due();
}

// An input is missing on `as_of`, and the deadline did not pass while an interval was in force.
bool Evaluator::IsUnknownOn(const TimelineView& timeline, const Run& run, CivilDay due,
                            CivilDay as_of) const {
  const Segment* const first = timeline.segments.data() + run.first_segment;
  const Segment* segment = &timeline.SegmentOn(run, as_of);
  if (segment->state != Segment::State::kUnknown) return false;
  for (; segment != first; --segment) {
    const Segment& before = *(segment - 1);
    if (before.state == Segment::State::kGoverned) return due >= before.days.end - 1;
  }
  return true;
}

std::optional<Finding> Evaluator::Evaluate(const AuthorityFacts& facts, uint32_t subject, CivilDay as_of,
                                           CivilDay* next_change_if_none) const {
  if (rule_.As<Recurring>() != nullptr) {
    return Evaluate(facts, subject, MakeTimeline(facts, subject), as_of, next_change_if_none);
  }
  CivilDay next = CivilDay::Max();
  const Asking asking(rule_, facts, working_days_);
  std::optional<Finding> finding = EvaluateInstances(asking, subject, as_of, &next);
  if (!finding && next_change_if_none != nullptr) *next_change_if_none = next;
  return finding;
}

std::optional<Finding> Evaluator::Evaluate(const AuthorityFacts& facts, uint32_t subject,
                                           const TimelineView& timeline, CivilDay as_of,
                                           CivilDay* next_change_if_none) const {
  CivilDay next = CivilDay::Max();
  const Asking asking(rule_, facts, working_days_);
  std::optional<Finding> finding = EvaluateClocks(asking, subject, timeline, as_of, &next);
  if (finding) finding->next_change = next;
  if (!finding && next_change_if_none != nullptr) *next_change_if_none = next;
  return finding;
}

std::optional<Finding> Evaluator::Evaluate(const AuthorityFacts& facts, uint32_t subject,
                                           const RunningCount& running, CivilDay as_of,
                                           CivilDay* next_change_if_none) const {
  if (running.measure() == nullptr) return Evaluate(facts, subject, as_of, next_change_if_none);
  CivilDay next = CivilDay::Max();
  const Asking asking(rule_, facts, working_days_, &running);
  std::optional<Finding> finding = EvaluateInstances(asking, subject, as_of, &next);
  if (!finding && next_change_if_none != nullptr) *next_change_if_none = next;
  return finding;
}

std::optional<Finding> Evaluator::Verdict(const AuthorityFacts& facts, uint32_t subject,
                                          CivilDay as_of) const {
  return Verdict(Asking(rule_, facts, working_days_), subject, as_of);
}

bool Evaluator::MayApply(const Asking& asking, uint32_t subject, CivilDay as_of) const {
  const Subjected s = MakeSubjected(asking, subject);
  return s.MayBeInScope(as_of) && std::any_of(rule_.rows.begin(), rule_.rows.end(), [&](const Row& row) {
           return asking.HoldsOn(row.when, s.frame(), as_of, true);
         });
}

std::optional<Finding> Evaluator::Verdict(const Asking& asking, uint32_t subject, CivilDay as_of) const {
  if (rule_.As<Recurring>() == nullptr) return EvaluateInstances(asking, subject, as_of, nullptr);
  if (!MayApply(asking, subject, as_of)) return std::nullopt;
  const Timeline timeline = BuildTimeline(asking, rows_, assignment_, {rule_.subject, subject});
  return EvaluateClocks(asking, subject, timeline, as_of, nullptr);
}

std::optional<Finding> Evaluator::Verdict(const AuthorityFacts& facts, uint32_t subject,
                                          const TimelineView& timeline, CivilDay as_of) const {
  return EvaluateClocks(Asking(rule_, facts, working_days_), subject, timeline, as_of, nullptr);
}

std::optional<Finding> Evaluator::Verdict(const AuthorityFacts& facts, uint32_t subject,
                                          const RunningCount& running, CivilDay as_of) const {
  if (running.measure() == nullptr) return Verdict(facts, subject, as_of);
  return EvaluateInstances(Asking(rule_, facts, working_days_, &running), subject, as_of, nullptr);
}

std::optional<Finding> Evaluator::EvaluateClocks(const Asking& asking, uint32_t subject,
                                                 const TimelineView& timeline, CivilDay as_of,
                                                 CivilDay* next_change) const {
  if (next_change == nullptr && timeline.RunOn(as_of) == nullptr) return std::nullopt;
  const AuthorityFacts& facts = asking.facts();
  if (!rule_.event || rule_.event->each_value_of == kNoColumn) {
    return EvaluateClock(facts, subject, timeline, Events(asking, {rule_.subject, subject}), as_of,
                         next_change);
  }
  // Of several clocks the one that is due first speaks for the rule.
  std::optional<Finding> worst;
  CivilDay next = CivilDay::Max();
  for (const int8_t clock : Clocks()) {
    const Events events(asking, {rule_.subject, subject}, clock);
    CivilDay next_of_clock = CivilDay::Max();
    const std::optional<Finding> finding = EvaluateClock(facts, subject, timeline, events, as_of,
                                                         next_change == nullptr ? nullptr : &next_of_clock);
    next = std::min(next, next_of_clock);
    if (finding && (!worst || finding->due < worst->due)) worst = finding;
  }
  if (next_change != nullptr) *next_change = next;
  return worst;
}

std::optional<Finding> Evaluator::EvaluateClock(const AuthorityFacts& facts, uint32_t subject,
                                                const TimelineView& timeline, const Events& events,
                                                CivilDay as_of, CivilDay* next_change) const {
  const Run* run = timeline.RunOn(as_of);
  const Segment* segment = run == nullptr ? nullptr : &timeline.SegmentOn(*run, as_of);
  if (segment == nullptr || segment->state == Segment::State::kBridged) {
    if (next_change != nullptr) *next_change = NextChange(facts, subject, timeline, events, as_of, nullptr);
    return std::nullopt;
  }
  Finding finding;
  finding.row = segment->varies ? static_cast<int16_t>(rows_.Shortest(segment->rows, as_of, segment->agreed))
                                : segment->row;
  const std::optional<EventRef> event = events.Last(run->days.start, as_of);
  finding.clock = events.clock();
  finding.base = event ? event->day : run->days.start;
  finding.base_reason = event ? BaseReason::kEvent : run->reason;
  if (event) finding.event = event->id;
  finding.unadjusted_due = DueDate(timeline, *run, finding.base);
  finding.due = Moved(timeline, finding.unadjusted_due);
  if (finding.due != CivilDay::Max()) {
    finding.notice_from = finding.due - NoticeDays(rule_, rows_.IntervalOf(finding.row, segment->agreed));
    finding.days_overdue = timeline.absences.DaysPresent(finding.due, as_of);
  }
  if (timeline.absences.Contains(as_of)) {
    finding.status = Status::kExcused;
  } else if (IsUnknownOn(timeline, *run, finding.due, as_of)) {
    finding.status = Status::kUnknown;
    finding.days_overdue = 0;
  } else if (as_of > finding.due) {
    finding.status = Status::kOverdue;
  } else if (as_of >= finding.notice_from) {
    finding.status = Status::kDueSoon;
  } else {
    finding.status = event ? Status::kMet : Status::kPending;
  }
  if (segment->state == Segment::State::kUnknown) {
    finding.missing = segment->missing;
    if (segment->missing == Missing::kInput)
      finding.input =
          Asking(rule_, facts, working_days_).MissingInputOf(finding.row, {rule_.subject, subject});
  }
  if (next_change != nullptr) *next_change = NextChange(facts, subject, timeline, events, as_of, &finding);
  return finding;
}

CivilDay Evaluator::Moved(const TimelineView& timeline, CivilDay due) const {
  if (rule_.subject != SubjectKind::kWorker) return due;
  return timeline.absences.MoveDueDate(due, rule_, working_days_);
}

CivilDay Evaluator::NextChange(const AuthorityFacts& facts, uint32_t subject, const TimelineView& timeline,
                               const Events& events, CivilDay as_of, const Finding* finding) const {
  CivilDay next = CivilDay::Max();
  const auto consider = [&](CivilDay day) {
    if (day > as_of) next = std::min(next, day);
  };
  const auto segment = std::upper_bound(timeline.segments.begin(), timeline.segments.end(), as_of,
                                        [](CivilDay d, const Segment& s) { return d < s.days.start; });
  if (segment != timeline.segments.end()) consider(segment->days.start);
  if (finding == nullptr) return next;

  const Segment& current = *std::prev(segment);
  consider(current.days.end);
  if (current.varies) consider(as_of + 1);
  if (finding->due != CivilDay::Max()) {
    consider(finding->notice_from);
    consider(finding->due + 1);
  }
  consider(timeline.absences.NextChange(as_of));
  consider(events.DayAfter(as_of));
  consider(NextChangeOfTeam(facts, subject, as_of));
  return next;
}

// Who holds a case, and which team answers for a subject, are shown with its findings.
CivilDay Evaluator::NextChangeOfTeam(const AuthorityFacts& facts, uint32_t subject, CivilDay as_of) const {
  CivilDay next = CivilDay::Max();
  const auto consider = [&](const Period& period) {
    for (const CivilDay day : {period.start, period.end}) {
      if (day > as_of) next = std::min(next, day);
    }
  };
  const Subject answerable = AnswerableFor(rule_, facts, {rule_.subject, subject});
  if (answerable.kind == SubjectKind::kCase) {
    for (const Allocation& a : facts.case_record(answerable.index).allocations) consider(a.period);
  } else if (answerable.kind == SubjectKind::kWorker) {
    for (const Post& post : facts.worker(answerable.index).posts) consider(post.period);
  }
  return next;
}

}  // namespace oversight::engine
