#include "services/compliance/engine/evaluate.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"

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
class Deadline {
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

bool SupervisedBy(const WorkerRecord& worker, uint32_t supervisor, Mask functions, CivilDay day) {
  for (const SupervisorLink& link : worker.links) {
    if (link.supervisor == supervisor && link.period.Contains(day) &&
        (functions == 0 || Contains(functions, link.function))) {
      return true;
    }
  }
  return false;
}

bool HoldsCase(const CaseRecord& record, uint32_t worker, CivilDay day) {
  for (const Allocation& allocation : record.allocations) {
    if (allocation.worker == worker && allocation.Holds() && allocation.period.Contains(day)) return true;
  }
  return false;
}

const std::vector<EventRef>& EventsOf(const Rule& rule, const AuthorityFacts& facts, uint32_t subject) {
  return rule.subject == SubjectKind::kWorker ? facts.worker(subject).sessions
                                              : facts.case_record(subject).discussions;
}

bool DayBefore(CivilDay day, const EventRef& event) { return day < event.day; }

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

Evaluator::Evaluator(const Rule& rule, Assignment assignment, const WorkingDays& working_days)
    : rule_(rule), assignment_(assignment), working_days_(working_days), rows_(rule) {}

Timeline Evaluator::MakeTimeline(const AuthorityFacts& facts, uint32_t subject) const {
  return BuildTimeline(rule_, rows_, assignment_, working_days_, facts, subject);
}

bool Evaluator::Counts(const AuthorityFacts& facts, uint32_t subject, EventRef event) const {
  const bool about_case = rule_.subject == SubjectKind::kCase;
  const Session& session = facts.session(about_case ? facts.discussion(event.id).session : event.id);
  if (session.state != SessionState::kHeld || !Contains(rule_.session_kinds, session.kind)) return false;
  if (session.supervisee == kNobody || session.supervisor == kNobody) return false;
  if (about_case && !HoldsCase(facts.case_record(subject), session.supervisee, session.day)) return false;
  return SupervisedBy(facts.worker(session.supervisee), session.supervisor, rule_.led_by, session.day);
}

std::optional<EventRef> Evaluator::LastEvent(const AuthorityFacts& facts, uint32_t subject, CivilDay from,
                                             CivilDay to) const {
  const std::vector<EventRef>& events = EventsOf(rule_, facts, subject);
  std::optional<EventRef> last;
  for (auto event = std::upper_bound(events.begin(), events.end(), to, DayBefore); event != events.begin();) {
    --event;
    if (event->day < from || (last && event->day < last->day)) break;
    if (Counts(facts, subject, *event)) last = *event;
  }
  return last;
}

std::optional<EventRef> Evaluator::NextEvent(const AuthorityFacts& facts, uint32_t subject, CivilDay from,
                                             CivilDay to) const {
  const std::vector<EventRef>& events = EventsOf(rule_, facts, subject);
  for (auto event = std::upper_bound(events.begin(), events.end(), from - 1, DayBefore);
       event != events.end() && event->day <= to; ++event) {
    if (Counts(facts, subject, *event)) return *event;
  }
  return std::nullopt;
}

CivilDay Evaluator::DueDate(const Timeline& timeline, const Run& run, CivilDay base) const {
  Deadline deadline;
  const Segment* const end = timeline.segments.data() + run.end_segment;
  CivilDay day = base;
  for (const Segment* segment = &timeline.SegmentOn(run, base); segment != end; ++segment) {
    day = std::max(base, segment->days.start);
    if (day != base && day >= deadline.due()) return deadline.due();
    if (segment->state != Segment::State::kGoverned) continue;
    if (!segment->varies) {
      deadline.InForceFrom(day, rule_.rows[segment->row].every);
      continue;
    }
    int before = Row::kNone;
    for (; day < segment->days.end && day < deadline.due(); ++day) {
      const int row = rows_.Shortest(segment->rows, day);
      if (row != before) deadline.InForceFrom(day, rule_.rows[row].every);
      before = row;
    }
  }
  // The rule ceases to apply before the date comes: nothing is due.
  return run.days.end < deadline.due() ? CivilDay::Max() : deadline.due();
}

// An input is missing on `as_of`, and the deadline did not pass while an interval was in force.
bool Evaluator::IsUnknownOn(const Timeline& timeline, const Run& run, CivilDay due, CivilDay as_of) const {
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
  return Evaluate(facts, subject, MakeTimeline(facts, subject), as_of, next_change_if_none);
}

std::optional<Finding> Evaluator::Evaluate(const AuthorityFacts& facts, uint32_t subject,
                                           const Timeline& timeline, CivilDay as_of,
                                           CivilDay* next_change_if_none) const {
  const Run* run = timeline.RunOn(as_of);
  const Segment* segment = run == nullptr ? nullptr : &timeline.SegmentOn(*run, as_of);
  if (segment == nullptr || segment->state == Segment::State::kBridged) {
    if (next_change_if_none != nullptr) {
      *next_change_if_none = NextChange(facts, subject, timeline, as_of, nullptr);
    }
    return std::nullopt;
  }
  Finding finding;
  finding.row = segment->varies ? static_cast<int16_t>(rows_.Shortest(segment->rows, as_of)) : segment->row;
  const std::optional<EventRef> event = LastEvent(facts, subject, run->days.start, as_of);
  finding.base = event ? event->day : run->days.start;
  finding.base_reason = event ? BaseReason::kEvent : run->reason;
  if (event) finding.event = event->id;
  finding.unadjusted_due = DueDate(timeline, *run, finding.base);
  finding.due = Moved(timeline, finding.unadjusted_due);
  if (finding.due != CivilDay::Max()) {
    finding.notice_from = finding.due - NoticeDays(rule_, rule_.rows[finding.row].every);
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
  if (segment->state == Segment::State::kUnknown) finding.missing = segment->missing;
  finding.next_change = NextChange(facts, subject, timeline, as_of, &finding);
  return finding;
}

CivilDay Evaluator::Moved(const Timeline& timeline, CivilDay due) const {
  if (rule_.subject == SubjectKind::kCase) return due;
  return timeline.absences.MoveDueDate(due, rule_, working_days_);
}

CivilDay Evaluator::NextChange(const AuthorityFacts& facts, uint32_t subject, const Timeline& timeline,
                               CivilDay as_of, const Finding* finding) const {
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
  const std::vector<EventRef>& events = EventsOf(rule_, facts, subject);
  const auto event = std::upper_bound(events.begin(), events.end(), as_of, DayBefore);
  if (event != events.end()) consider(event->day);
  // Who holds the case, and which team answers for it, are shown with the finding.
  if (rule_.subject == SubjectKind::kCase) {
    for (const Allocation& allocation : facts.case_record(subject).allocations) {
      consider(allocation.period.start);
      consider(allocation.period.end);
    }
  } else {
    for (const Post& post : facts.worker(subject).posts) {
      consider(post.period.start);
      consider(post.period.end);
    }
  }
  return next;
}

}  // namespace oversight::engine
