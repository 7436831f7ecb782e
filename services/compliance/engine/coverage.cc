// All of them in each session.

#include <algorithm>
#include <map>

#include "services/compliance/engine/events.h"
#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

CivilDay LastOfMonth(CivilDay day) {
  const absl::CivilMonth month(day.civil());
  return AddMonths(CivilDay(static_cast<int>(month.year()), month.month(), 1), 1) - 1;
}

// The first part of a session that was split over several days.
uint32_t FirstPart(const Subjected& s, const Coverage& coverage, uint32_t session) {
  if (coverage.continues == kNoColumn) return session;
  const Table& sessions = s.facts().table(FactKind::kSession);
  constexpr int kMostParts = 31;
  for (int i = 0; i < kMostParts; ++i) {
    const uint32_t before = sessions.Reference(session, coverage.continues);
    if (before == kNobody || !s.facts().session(before).dated) return session;
    session = before;
  }
  return session;
}

// The sessions of the worker that count, in the order of days.
std::vector<EventRef> CountedSessions(const Subjected& s) {
  std::vector<EventRef> counted;
  for (const EventRef& event : s.facts().worker(s.subject.index).sessions) {
    if (SessionCounts(s.rule(), s.facts(), s.facts().session(event.id))) counted.push_back(event);
  }
  return counted;
}

// Collects the cases to which records lead from `frame`, those of `records` from the `next`-th on.
void Collect(const Subjected& s, const Coverage& coverage, size_t next, const Frame& frame, CivilDay day,
             std::vector<uint32_t>& cases) {
  const RecordCondition& records = coverage.records[next];
  s.asking.ForEachRecord(records, frame, [&](uint32_t row) {
    const Frame record{records.of, row, &frame};
    if (!s.asking.RecordDays(records, record, false).Contains(day)) return;
    if (next + 1 < coverage.records.size()) return Collect(s, coverage, next + 1, record, day, cases);
    const Place place = s.asking.Target(coverage.case_of_record, record);
    if (place.row != kNobody) cases.push_back(place.row);
  });
}

// The open cases that a session on `day` has to cover, ascending.
std::vector<uint32_t> ItemsOn(const Subjected& s, const Coverage& coverage, CivilDay day) {
  const AuthorityFacts& facts = s.facts();
  std::vector<uint32_t> cases;
  if (!coverage.records.empty()) {
    Collect(s, coverage, 0, s.frame(), day, cases);
  } else {
    for (const HeldCase& held : facts.worker(s.subject.index).cases) {
      for (const Allocation& allocation : facts.case_record(held.case_index).allocations) {
        if (allocation.id == held.allocation && allocation.Holds() && allocation.period.Contains(day)) {
          cases.push_back(held.case_index);
        }
      }
    }
  }
  std::erase_if(cases, [&](uint32_t index) {
    const CaseRecord& record = facts.case_record(index);
    return !record.known || std::none_of(record.open.begin(), record.open.end(),
                                         [&](const Period& open) { return open.Contains(day); });
  });
  std::sort(cases.begin(), cases.end());
  cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
  return cases;
}

// When each case was first discussed in a session that may cover for one on `day`.
std::map<uint32_t, CivilDay> Discussed(const Subjected& s, const Coverage& coverage,
                                       const std::vector<EventRef>& sessions, CivilDay day) {
  std::map<uint32_t, CivilDay> discussed;
  for (const EventRef& event : sessions) {
    const Session& first = s.facts().session(FirstPart(s, coverage, event.id));
    const bool part = first.day == day || event.day == day;
    if (!part && !(coverage.same_month && LastOfMonth(event.day) == LastOfMonth(day))) continue;
    const Session& session = s.facts().session(event.id);
    for (uint32_t d = session.first_discussion; d != kNobody; d = s.facts().discussion(d).next) {
      const uint32_t index = s.facts().discussion(d).case_index;
      if (index != kNobody) discussed.emplace(index, event.day);
    }
  }
  return discussed;
}

}  // namespace

std::vector<Instance> CoverageInstances(const Subjected& s, const Coverage& coverage) {
  std::vector<Instance> instances;
  const std::vector<EventRef> sessions = CountedSessions(s);
  for (const EventRef& event : sessions) {
    // Parts of a session and sessions of one day are judged as one, on the day on which it began.
    const CivilDay day = s.facts().session(FirstPart(s, coverage, event.id)).day;
    if (!instances.empty() &&
        std::any_of(instances.begin(), instances.end(), [&](const Instance& i) { return i.base == day; })) {
      continue;
    }
    if (!s.possible_scope.Contains(day)) continue;
    Instance instance{.base = day, .due = coverage.same_month ? LastOfMonth(day) : day, .event = event.id};
    instance.final = true;
    instance.done = day;
    const std::map<uint32_t, CivilDay> discussed = Discussed(s, coverage, sessions, day);
    for (const uint32_t item : ItemsOn(s, coverage, day)) {
      const auto found = discussed.find(item);
      if (found == discussed.end()) {
        ++instance.lacking;
        instance.done = CivilDay::Max();
      } else {
        instance.done = std::max(instance.done, found->second);
      }
    }
    // A further part belongs to it, however late.
    if (instance.done != CivilDay::Max()) instance.due = std::max(instance.due, instance.done);
    if (!s.scope.Contains(day)) {
      instance.course = Instance::Course::kUnknown;
      instance.input = s.asking.MissingInput(s.rule().when, s.frame()).value_or(0);
    }
    instances.push_back(instance);
  }
  return instances;
}

std::vector<uint32_t> NotCovered(const Subjected& s, const Coverage& coverage, const Instance& instance,
                                 CivilDay as_of) {
  std::vector<uint32_t> missing;
  const std::map<uint32_t, CivilDay> discussed = Discussed(s, coverage, CountedSessions(s), instance.base);
  for (const uint32_t item : ItemsOn(s, coverage, instance.base)) {
    const auto found = discussed.find(item);
    if (found == discussed.end() || found->second > as_of) missing.push_back(item);
  }
  return missing;
}

}  // namespace oversight::engine
