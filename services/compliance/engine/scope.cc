// Where a rule applies to one subject, made no sooner and no further than it is asked.

#include <algorithm>

#include "services/compliance/engine/instances.h"

namespace oversight::engine {

bool Subjected::WhenHolds(bool doubt) const {
  std::optional<bool>& known = when_holds_[doubt ? 1 : 0];
  if (!known) known = asking.HoldsOn(rule().when, frame(), window.start, doubt);
  return *known;
}

bool Subjected::NeverInScope() const {
  switch (subject.kind) {
    case SubjectKind::kWorker:
      if (!facts().worker(subject.index).known) return true;
      break;
    case SubjectKind::kCase:
      if (!facts().case_record(subject.index).known) return true;
      break;
    default:
      if (!facts().table(subject.kind).Known(subject.index)) return true;
      break;
  }
  return timeless_ && !WhenHolds(false) && !WhenHolds(true);
}

// ScopeDays of one day.
bool Subjected::SubjectIsThere(CivilDay day) const {
  if (!window.Contains(day)) return false;
  switch (subject.kind) {
    case SubjectKind::kWorker: {
      const WorkerRecord& worker = facts().worker(subject.index);
      return worker.known && day < worker.employment_end;
    }
    case SubjectKind::kCase: {
      const CaseRecord& record = facts().case_record(subject.index);
      return record.known && std::any_of(record.open.begin(), record.open.end(),
                                         [&](const Period& open) { return open.Contains(day); });
    }
    default:
      return facts().table(subject.kind).Known(subject.index);
  }
}

bool Subjected::ScopeHas(CivilDay day, bool doubt) const {
  if (scope_) return (doubt ? scope_->possible : scope_->sure).Contains(day);
  if (!SubjectIsThere(day)) return false;
  return timeless_ ? WhenHolds(doubt) : asking.HoldsOn(rule().when, frame(), day, doubt);
}

const Asking::BothWays& Subjected::Scope() const {
  if (scope_) return *scope_;
  const IntervalSet there = ScopeDays(asking, subject, window);
  if (timeless_) {
    scope_ = {WhenHolds(false) ? there : IntervalSet(), WhenHolds(true) ? there : IntervalSet()};
  } else {
    const Asking::BothWays when = asking.DaysBothWays(rule().when, frame());
    scope_ = {Intersection(there, when.sure), Intersection(there, when.possible)};
  }
  return *scope_;
}

const AbsenceCalendar& Subjected::absences() const {
  if (!absences_) {
    absences_ = subject.kind == SubjectKind::kWorker
                    ? AbsencesOf(facts().worker(subject.index), working_days())
                    : AbsenceCalendar();
  }
  return *absences_;
}

}  // namespace oversight::engine
