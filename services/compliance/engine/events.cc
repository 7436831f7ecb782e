#include "services/compliance/engine/events.h"

#include <algorithm>

#include "services/compliance/engine/remembered.h"

namespace oversight::engine {
namespace {

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

bool DayBefore(CivilDay day, const EventRef& event) { return day < event.day; }

const std::vector<EventRef>& NoEvents() {
  static const std::vector<EventRef>* none = new std::vector<EventRef>;
  return *none;
}

}  // namespace

bool SessionCounts(const Rule& rule, const AuthorityFacts& facts, const Session& session) {
  if (session.state != SessionState::kHeld || !Contains(rule.session_kinds, session.kind)) return false;
  if (session.supervisee == kNobody || session.supervisor == kNobody) return false;
  return SupervisedBy(facts.worker(session.supervisee), session.supervisor, rule.led_by, session.day);
}

FactKind Events::KindOf(const Rule& rule) {
  if (rule.event) return rule.event->of;
  return rule.subject == SubjectKind::kCase ? FactKind::kDiscussion : FactKind::kSession;
}

Events::Events(const Asking& asking, Subject subject, int8_t clock)
    : asking_(asking), subject_(subject), clock_(clock), events_(&records_) {
  const Rule& rule = asking.rule();
  const AuthorityFacts& facts = asking.facts();
  if (!rule.event) {
    events_ = subject.kind == SubjectKind::kWorker ? &facts.worker(subject.index).sessions
              : subject.kind == SubjectKind::kCase ? &facts.case_record(subject.index).discussions
                                                   : &NoEvents();
    return;
  }
  const Table& table = facts.table(rule.event->of);
  for (const Asking::Occurrence& occurrence :
       asking.Occurrences(*rule.event, Frame{subject.kind, subject.index})) {
    if (occurrence.doubtful) continue;
    if (clock != kOneClock && (table.Set(occurrence.row, rule.event->each_value_of) >> clock & 1) == 0)
      continue;
    records_.push_back({occurrence.day, occurrence.row});
  }
}

bool Events::Counts(EventRef event) const {
  const Rule& rule = asking_.rule();
  if (rule.event) return true;
  const AuthorityFacts& facts = asking_.facts();
  const bool about_case = subject_.kind == SubjectKind::kCase;
  if (!about_case) return SessionCounts(rule, facts, facts.session(event.id));
  const uint32_t id = facts.discussion(event.id).session;
  const Session& session = facts.session(id);
  const auto counts = [&] { return SessionCounts(rule, facts, session); };
  Remembered* remembered = asking_.remembered();
  return (remembered != nullptr ? remembered->SessionCounts(id, counts) : counts()) &&
         HoldsCase(facts.case_record(subject_.index), session.supervisee, session.day);
}

std::optional<EventRef> Events::Last(CivilDay from, CivilDay to) const {
  const EventRef* const begin = events_->data();
  const EventRef* event = begin + events_->size();
  // Mostly nothing is yet to come.
  if (event != begin && (event - 1)->day > to) event = std::upper_bound(begin, event, to, DayBefore);
  while (event != begin && (event - 1)->day >= from) {
    if (!Counts(*--event)) continue;
    const EventRef* last = event;
    for (; event != begin && (event - 1)->day == last->day; --event) {
      if (Counts(*(event - 1))) last = event - 1;
    }
    return *last;
  }
  return std::nullopt;
}

std::optional<EventRef> Events::Next(CivilDay from, CivilDay to) const {
  const std::vector<EventRef>& events = *events_;
  for (auto event = std::upper_bound(events.begin(), events.end(), from - 1, DayBefore);
       event != events.end() && event->day <= to; ++event) {
    if (Counts(*event)) return *event;
  }
  return std::nullopt;
}

CivilDay Events::DayAfter(CivilDay day) const {
  const auto event = std::upper_bound(events_->begin(), events_->end(), day, DayBefore);
  return event == events_->end() ? CivilDay::Max() : event->day;
}

}  // namespace oversight::engine
