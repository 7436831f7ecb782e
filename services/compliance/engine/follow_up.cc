// Discussed at the next session, or at each until resolved.

#include <algorithm>

#include "services/compliance/engine/events.h"
#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

// The sessions after a day that count, by day, then by name.
std::vector<EventRef> SessionsAfter(const Subjected& s, const FollowUp& follow_up, CivilDay after) {
  const Place whose = s.asking.Follow(follow_up.whose, s.frame());
  const uint32_t target =
      follow_up.whose.column == kNoColumn
          ? whose.row
          : (whose.row == kNobody ? kNobody
                                  : s.facts().table(whose.kind).Reference(whose.row, follow_up.whose.column));
  std::vector<EventRef> sessions;
  if (target == kNobody) return sessions;
  const AuthorityFacts& facts = s.facts();
  const auto add = [&](uint32_t worker, Period days) {
    for (const EventRef& event : facts.worker(worker).sessions) {
      if (event.day > after && days.Contains(event.day) &&
          SessionCounts(s.rule(), facts, facts.session(event.id))) {
        sessions.push_back(event);
      }
    }
  };
  if (follow_up.holder_of_case) {
    for (const Allocation& allocation : facts.case_record(target).allocations) {
      if (allocation.Holds() && allocation.worker != kNobody) add(allocation.worker, allocation.period);
    }
  } else {
    add(target, {CivilDay::Min(), CivilDay::Max()});
  }
  const auto before = [&](const EventRef& a, const EventRef& b) {
    return a.day != b.day ? a.day < b.day : facts.NamedBefore(FactKind::kSession, a.id, b.id);
  };
  std::sort(sessions.begin(), sessions.end(), before);
  sessions.erase(std::unique(sessions.begin(), sessions.end(),
                             [](const EventRef& a, const EventRef& b) { return a.id == b.id; }),
                 sessions.end());
  return sessions;
}

}  // namespace

InstanceList FollowUpInstances(const Subjected& s, const FollowUp& follow_up) {
  InstanceList instances;
  const std::optional<CivilDay> after = s.asking.DayAt(follow_up.after, s.frame());
  if (!after || !s.MayBeInScope(*after)) return instances;
  const Frame subject = s.frame();
  CivilDay resolved = CivilDay::Max();
  if (follow_up.until.Given()) resolved = s.asking.DayAt(follow_up.until, subject).value_or(resolved);
  const bool repeated = follow_up.until.Given();
  const bool doubtful = !s.InScope(*after);
  CivilDay since = *after;
  uint32_t since_event = kNobody;
  bool first = true;
  bool left_out = false;
  for (const EventRef& session : SessionsAfter(s, follow_up, *after)) {
    const bool asked = first || (repeated && session.day < resolved);
    if (!asked && !left_out) break;
    const Frame frame{FactKind::kSession, session.id, &subject};
    const bool followed_up = s.asking.HoldsOn(follow_up.followed_up, frame, session.day, false);
    if (followed_up && left_out) {
      // It puts right what earlier sessions left out, also where it is not asked any more.
      for (Instance& earlier : instances) {
        if (earlier.due != CivilDay::Max() && earlier.done == CivilDay::Max()) {
          earlier.done = session.day;
          earlier.closing_event = session.id;
        }
      }
    }
    left_out = !followed_up;
    if (!asked) continue;
    // Until then it waits for the session.
    instances.push_back({.base = since, .until = session.day, .event = since_event, .waiting = true});
    Instance instance{.base = session.day, .due = session.day, .event = session.id};
    if (followed_up) {
      instance.done = session.day;
      instance.closing_event = session.id;
    } else if (doubtful || s.asking.HoldsOn(follow_up.followed_up, frame, session.day, true)) {
      instance.course = Instance::Course::kUnknown;
      instance.input = s.asking.MissingInput(follow_up.followed_up, frame)
                           .value_or(s.asking.MissingInput(s.rule().when, subject).value_or(kNoInput));
    }
    instances.push_back(instance);
    since = session.day;
    since_event = session.id;
    first = false;
  }
  if (first || repeated) {
    const CivilDay until = first ? CivilDay::Max() : resolved;
    if (since < until)
      instances.push_back({.base = since, .until = until, .event = since_event, .waiting = true});
  }
  return instances;
}

}  // namespace oversight::engine
