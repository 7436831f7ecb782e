// Sessions and discussions, and whom a change touches.

#include <algorithm>

#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/grow.h"

namespace oversight::engine {
DirtySet AuthorityFacts::Upsert(absl::string_view id, const SessionFact& fact) {
  const uint32_t session = SessionIndex(id);
  if (session == kNobody) return {};
  Session now;
  const NamedRows named = Heard(FactKind::kSession, session,
                                NamedRows{WorkerIndex(fact.supervisee), WorkerIndex(fact.supervisor)});
  now.supervisee = named[0];
  now.supervisor = named[1];
  now.kind = fact.kind;
  now.state = fact.state;
  now.known = true;
  now.dated = fact.day.has_value();
  now.day = fact.day.value_or(CivilDay());
  return ReplaceSession(session, now);
}

DirtySet AuthorityFacts::ReplaceSession(uint32_t id, const Session& now) {
  DirtySet dirty;
  TouchSession(id, dirty);
  Unindex(id);
  const uint32_t first_discussion = sessions_[id].first_discussion;
  sessions_[id] = now;
  sessions_[id].first_discussion = first_discussion;
  Index(id);
  TouchSession(id, dirty);
  dirty.Normalise();
  return dirty;
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const DiscussionFact& fact) {
  const uint32_t discussion = DiscussionIndex(id);
  const NamedRows named =
      Heard(FactKind::kDiscussion, discussion, NamedRows{CaseIndex(fact.case_name), kNobody});
  return ReplaceDiscussion(discussion, SessionIndex(fact.session), named[0]);
}

DirtySet AuthorityFacts::ReplaceDiscussion(uint32_t id, uint32_t session, uint32_t case_index) {
  DirtySet dirty;
  const Discussion discussion = discussions_[id];
  if (discussion.session != kNobody) {
    const Session& old = sessions_[discussion.session];
    if (discussion.case_index != kNobody) {
      if (old.known && old.dated) EraseEvent(cases_[discussion.case_index].discussions, {old.day, id});
      dirty.Add(Subject::Case(discussion.case_index));
    }
    if (old.supervisee != kNobody) dirty.Add(Subject::Worker(old.supervisee));
    uint32_t& first = sessions_[discussion.session].first_discussion;
    if (first == id) {
      first = discussion.next;
    } else {
      uint32_t before = first;
      while (discussions_[before].next != id) before = discussions_[before].next;
      discussions_.SetNext(before, discussion.next);
    }
  }
  discussions_.Set(id,
                   {session, case_index, session == kNobody ? kNobody : sessions_[session].first_discussion});
  if (session != kNobody) {
    sessions_[session].first_discussion = id;
    const Session& held = sessions_[session];
    if (case_index != kNobody) {
      if (held.known && held.dated)
        InsertEvent(FactKind::kDiscussion, cases_[case_index].discussions, {held.day, id});
      dirty.Add(Subject::Case(case_index));
    }
    if (held.supervisee != kNobody) dirty.Add(Subject::Worker(held.supervisee));
  }
  dirty.Normalise();
  return dirty;
}

void AuthorityFacts::Index(uint32_t id) {
  const Session& session = sessions_[id];
  if (!session.known || !session.dated) return;
  if (session.supervisee != kNobody) {
    InsertEvent(FactKind::kSession, workers_[session.supervisee].sessions, {session.day, id});
  }
  for (uint32_t d = session.first_discussion; d != kNobody; d = discussions_[d].next) {
    const uint32_t case_index = discussions_[d].case_index;
    if (case_index != kNobody) {
      InsertEvent(FactKind::kDiscussion, cases_[case_index].discussions, {session.day, d});
    }
  }
}

void AuthorityFacts::Unindex(uint32_t id) {
  const Session& session = sessions_[id];
  if (!session.known || !session.dated) return;
  if (session.supervisee != kNobody) EraseEvent(workers_[session.supervisee].sessions, {session.day, id});
  for (uint32_t d = session.first_discussion; d != kNobody; d = discussions_[d].next) {
    const uint32_t case_index = discussions_[d].case_index;
    if (case_index != kNobody) EraseEvent(cases_[case_index].discussions, {session.day, d});
  }
}

// Events of one day lie in the order of their names, so that the order in which they came does not show.
void AuthorityFacts::InsertEvent(FactKind kind, std::vector<EventRef>& events, EventRef event) {
  const auto before = [&](const EventRef& a, const EventRef& b) {
    return a.day != b.day ? a.day < b.day : NamedBefore(kind, a.id, b.id);
  };
  MakeRoom(events, events.size() + 1);
  events.insert(std::upper_bound(events.begin(), events.end(), event, before), event);
}

void AuthorityFacts::EraseEvent(std::vector<EventRef>& events, EventRef event) {
  const auto by_day = [](const EventRef& a, CivilDay day) { return a.day < day; };
  auto found = std::lower_bound(events.begin(), events.end(), event.day, by_day);
  while (found != events.end() && found->id != event.id) ++found;
  if (found != events.end()) events.erase(found);
}

// ---- Who is touched.

void AuthorityFacts::TouchSession(uint32_t id, DirtySet& dirty) const {
  const Session& session = sessions_[id];
  if (!session.known || !session.dated) return;
  if (session.supervisee != kNobody) dirty.Add(Subject::Worker(session.supervisee));
  for (uint32_t d = session.first_discussion; d != kNobody; d = discussions_[d].next) {
    if (discussions_[d].case_index != kNobody) dirty.Add(Subject::Case(discussions_[d].case_index));
  }
}

void AuthorityFacts::TouchSessionsOf(uint32_t worker, Period days, DirtySet& dirty) const {
  const std::vector<EventRef>& sessions = workers_[worker].sessions;
  auto event = std::lower_bound(sessions.begin(), sessions.end(), days.start,
                                [](const EventRef& e, CivilDay day) { return e.day < day; });
  for (; event != sessions.end() && event->day < days.end; ++event) TouchSession(event->id, dirty);
}

void AuthorityFacts::TouchTeam(uint32_t team, DirtySet& dirty) const {
  for (uint32_t i = 0; i < worker_count(); ++i) {
    const auto& posts = workers_[i].posts;
    if (std::any_of(posts.begin(), posts.end(), [&](const Post& post) { return post.team == team; })) {
      dirty.Add(Subject::Worker(i));
    }
  }
  for (uint32_t i = 0; i < case_count(); ++i) {
    const auto& allocations = cases_[i].allocations;
    if (std::any_of(allocations.begin(), allocations.end(),
                    [&](const Allocation& allocation) { return allocation.team == team; })) {
      dirty.Add(Subject::Case(i));
    }
  }
}

}  // namespace oversight::engine
