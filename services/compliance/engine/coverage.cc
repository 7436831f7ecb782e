// All of them in each session.

#include <algorithm>
#include <utility>
#include <vector>

#include "services/compliance/engine/events.h"
#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

CivilDay LastOfMonth(CivilDay day) { return AddMonths(FirstOfMonth(day), 1) - 1; }

// The first part of a session that was split over several days: one of the same worker.
uint32_t FirstPart(const Subjected& s, const Coverage& coverage, uint32_t session) {
  if (coverage.continues == kNoColumn) return session;
  const Table& sessions = s.facts().table(FactKind::kSession);
  constexpr int kMostParts = 31;
  for (int i = 0; i < kMostParts; ++i) {
    const uint32_t before = sessions.Reference(session, coverage.continues);
    if (before == kNobody || !s.facts().session(before).dated) return session;
    if (s.facts().session(before).supervisee != s.subject.index) return session;
    session = before;
  }
  return session;
}

// A session that counts, and the day on which its first part was held.
struct Part {
  EventRef event;
  CivilDay began;
};

// The sessions of the worker that count, in the order of days.
std::vector<Part> CountedSessions(const Subjected& s, const Coverage& coverage) {
  std::vector<Part> counted;
  for (const EventRef& event : s.facts().worker(s.subject.index).sessions) {
    if (!SessionCounts(s.rule(), s.facts(), s.facts().session(event.id))) continue;
    counted.push_back({event, s.facts().session(FirstPart(s, coverage, event.id)).day});
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

bool IsOpenOn(const CaseRecord& record, CivilDay day) {
  return record.known && std::any_of(record.open.begin(), record.open.end(),
                                     [&](const Period& open) { return open.Contains(day); });
}

// What sessions of the worker have to cover.
class Items {
 public:
  Items(const Subjected& s, const Coverage& coverage) : s_(s), coverage_(coverage) {
    if (!coverage.records.empty()) return;
    for (const HeldCase& held : s.facts().worker(s.subject.index).cases) {
      for (const Allocation& allocation : s.facts().case_record(held.case_index).allocations) {
        if (allocation.id == held.allocation && allocation.Holds())
          held_.push_back({held.case_index, allocation.period});
      }
    }
    std::sort(held_.begin(), held_.end());
  }

  // The open cases that one on `day` has to cover, ascending.
  std::vector<uint32_t> On(CivilDay day) const {
    std::vector<uint32_t> cases;
    if (coverage_.records.empty()) {
      for (const auto& [index, held] : held_) {
        if (held.Contains(day)) cases.push_back(index);
      }
    } else {
      Collect(s_, coverage_, 0, s_.frame(), day, cases);
      std::sort(cases.begin(), cases.end());
    }
    cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
    std::erase_if(cases, [&](uint32_t index) { return !IsOpenOn(s_.facts().case_record(index), day); });
    return cases;
  }

 private:
  const Subjected& s_;
  const Coverage& coverage_;
  std::vector<std::pair<uint32_t, Period>> held_;  // the worker's cases, where none are named
};

// When each case was first discussed in a session that may cover for one on `day`, ascending by case.
using Discussions = std::vector<std::pair<uint32_t, CivilDay>>;

Discussions Discussed(const Subjected& s, const Coverage& coverage, const std::vector<Part>& sessions,
                      CivilDay day) {
  Discussions discussed;
  const CivilDay end_of_month = LastOfMonth(day);
  const CivilDay begin_of_month = FirstOfMonth(day);
  for (const Part& part : sessions) {
    const CivilDay held = part.event.day;
    const bool same_month = coverage.same_month && begin_of_month <= held && held <= end_of_month;
    if (part.began != day && held != day && !same_month) continue;
    const Session& session = s.facts().session(part.event.id);
    for (uint32_t d = session.first_discussion; d != kNobody; d = s.facts().discussion(d).next) {
      const uint32_t index = s.facts().discussion(d).case_index;
      if (index != kNobody) discussed.push_back({index, held});
    }
  }
  std::sort(discussed.begin(), discussed.end());
  return discussed;
}

// The first day on which it was; Max(): on none.
CivilDay FirstDiscussed(const Discussions& discussed, uint32_t item) {
  const auto found = std::lower_bound(discussed.begin(), discussed.end(), std::pair(item, CivilDay::Min()));
  return found == discussed.end() || found->first != item ? CivilDay::Max() : found->second;
}

// Sessions of one day, and the parts of one that was split, are judged as one, on the day on which it began.
struct Whole {
  CivilDay day;
  uint32_t event;
  CivilDay last;  // what happens later does not change how it is judged
};

// The latest first.
std::vector<Whole> Wholes(const Coverage& coverage, const std::vector<Part>& sessions) {
  std::vector<Whole> wholes;
  for (const auto& [event, day] : sessions) {
    const auto begun = [day = day](const Whole& whole) { return whole.day == day; };
    auto whole = std::find_if(wholes.begin(), wholes.end(), begun);
    if (whole == wholes.end())
      whole = wholes.insert(whole, {day, event.id, coverage.same_month ? LastOfMonth(day) : day});
    whole->last = std::max(whole->last, event.day);
  }
  std::sort(wholes.begin(), wholes.end(), [](const Whole& a, const Whole& b) { return a.day > b.day; });
  return wholes;
}

}  // namespace

InstanceList CoverageInstances(const Subjected& s, const Coverage& coverage, CivilDay as_of, bool all) {
  InstanceList instances;
  const std::vector<Part> sessions = CountedSessions(s, coverage);
  const Items items(s, coverage);
  // What is over was kept or broken, and is not open: of that only the latest may speak.
  bool has_latest = false;
  for (const Whole& whole : Wholes(coverage, sessions)) {
    const CivilDay day = whole.day;
    const bool over = !all && whole.last < as_of && s.InScope(day);
    if ((over && has_latest) || !s.MayBeInScope(day)) continue;
    has_latest = has_latest || over;
    Instance instance{.base = day, .due = coverage.same_month ? LastOfMonth(day) : day, .event = whole.event};
    instance.final = true;
    instance.done = day;
    const Discussions discussed = Discussed(s, coverage, sessions, day);
    for (const uint32_t item : items.On(day)) {
      const CivilDay on = FirstDiscussed(discussed, item);
      if (on == CivilDay::Max()) ++instance.lacking;
      instance.done = std::max(instance.done, on);
    }
    // A further part belongs to it, however late.
    if (instance.done != CivilDay::Max()) instance.due = std::max(instance.due, instance.done);
    if (!s.InScope(day)) {
      instance.course = Instance::Course::kUnknown;
      instance.input = s.asking.MissingInput(s.rule().when, s.frame()).value_or(kNoInput);
    }
    instances.push_back(instance);
  }
  return instances;
}

std::vector<uint32_t> NotCovered(const Subjected& s, const Coverage& coverage, const Instance& instance,
                                 CivilDay as_of) {
  std::vector<uint32_t> missing;
  const Discussions discussed = Discussed(s, coverage, CountedSessions(s, coverage), instance.base);
  for (const uint32_t item : Items(s, coverage).On(instance.base)) {
    if (FirstDiscussed(discussed, item) > as_of) missing.push_back(item);
  }
  return missing;
}

}  // namespace oversight::engine
