// What did not count, and who was away: the part of an explanation that is the same for several kinds.

#include "services/compliance/engine/explain_events.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace oversight::engine {
namespace {

constexpr size_t kNotCounted = 5;

absl::string_view KindText(SessionKind kind) {
  switch (kind) {
    case SessionKind::kFormalOneToOne:
      return "a formal one-to-one";
    case SessionKind::kProfessional:
      return "professional supervision";
    case SessionKind::kPracticeEducation:
      return "practice education";
    case SessionKind::kGroup:
      return "a group session";
    case SessionKind::kInformal:
      return "informal supervision";
    case SessionKind::kUnspecified:
      break;
  }
  return "a session of no stated kind";
}

// The first reason for which an event does not count.
std::string WhyNot(const Rule& rule, const AuthorityFacts& facts, Subject subject, const EventRef& event) {
  const bool about_case = subject.kind == SubjectKind::kCase;
  const Session& session = facts.session(about_case ? facts.discussion(event.id).session : event.id);
  if (session.state == SessionState::kCancelled) return "The session was cancelled.";
  if (session.state != SessionState::kHeld) return "The session is not recorded as held.";
  if (!Contains(rule.session_kinds, session.kind)) {
    return absl::StrCat("It was ", KindText(session.kind), ", which this rule does not count.");
  }
  if (session.supervisee == kNobody) return "It is not recorded whose session it was.";
  if (session.supervisor == kNobody) return "It is not recorded who led the session.";
  if (about_case) {
    const std::vector<Allocation>& allocations = facts.case_record(subject.index).allocations;
    const bool held = std::any_of(allocations.begin(), allocations.end(), [&](const Allocation& a) {
      return a.worker == session.supervisee && a.Holds() && a.period.Contains(session.day);
    });
    if (!held) return "The worker in the session did not hold the case that day, nor cover for who did.";
  }
  return rule.led_by == 0
             ? "Who led the session was that day neither the worker's supervisor nor the recorded cover."
             : "Who led the session was that day not the worker's supervisor in the function the rule asks "
               "for.";
}

}  // namespace

std::vector<Evidence> NotCounted(const Asking& asking, Subject subject, CivilDay from, CivilDay to,
                                 absl::FunctionRef<bool(const EventRef&)> fits) {
  const FactKind kind = Events::KindOf(asking.rule());
  const Events events(asking, subject);
  std::vector<Evidence> not_counted;
  for (auto event = events.all().rbegin(); event != events.all().rend(); ++event) {
    if (event->day < from || not_counted.size() == kNotCounted) break;
    if (event->day > to) continue;
    const bool counts = events.Counts(*event);
    if (counts && fits(*event)) continue;
    not_counted.push_back({kind, std::string(asking.facts().Name(kind, event->id)), event->day,
                           counts ? "It lacks what is asked for here."
                                  : WhyNot(asking.rule(), asking.facts(), subject, *event)});
  }
  return not_counted;
}

Evidence AwayOn(const AuthorityFacts& facts, const Absence& absence) {
  const Period& days = absence.days;
  return {FactKind::kAbsence, std::string(facts.Name(FactKind::kAbsence, absence.id)), days.start,
          days.Open() ? absl::StrCat("Away since ", days.start.ToString(), ", end not known")
                      : absl::StrCat("Away from ", days.start.ToString(), " to ", (days.end - 1).ToString())};
}

}  // namespace oversight::engine
