#include <algorithm>

#include "absl/strings/match.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

// Whether records of records, and so on, name the case.
bool RecordOracle::LeadsTo(const At& from, const v1::CasesOfRecords& cases, int next, const std::string& name,
                           CivilDay day) const {
  const v1::RecordCondition& records = cases.record(next);
  bool nowhere = false;
  for (const At& record : RecordsOf(records.of(), records.via(), records.from(), from, nowhere)) {
    if (!Counts(records, record, day, false)) continue;
    if (next + 1 < cases.record_size()) {
      if (LeadsTo(record, cases, next + 1, name, day)) return true;
    } else if (const auto named = Named(cases.case_(), record); named && named->name == name) {
      return true;
    }
  }
  return false;
}

std::vector<RecordOracle::Item> RecordOracle::Coverages(const At& subject) const {
  const v1::CoverageObligation& coverage = rule_.coverage();
  std::vector<At> sessions;
  for (const auto& [name, record] : world_.records) {
    const auto* session = As<supervision::v1::Session>(record.get());
    const At at{name, record.get(), nullptr};
    if (session != nullptr && Relative(session->supervisee()) == subject.name &&
        SessionCounts(at, coverage.sessions())) {
      sessions.push_back(at);
    }
  }
  const auto began = [&](At session) {
    for (int i = 0; i < 31; ++i) {
      const std::string before =
          Relative(static_cast<const supervision::v1::Session&>(*session.message).continues());
      const At earlier{before, Find(before), nullptr};
      if (before.empty() || earlier.message == nullptr || !Day(earlier, "date")) break;
      const auto& part = static_cast<const supervision::v1::Session&>(*earlier.message);
      if (Relative(part.supervisee()) != subject.name) break;
      session = earlier;
    }
    return *Day(session, "date");
  };
  std::map<CivilDay, Item> items;
  for (const At& session : sessions) {
    const CivilDay day = began(session);
    if (items.contains(day) || !InScope(subject, day, true)) continue;
    Item item{
        .base = day, .due = coverage.same_month() ? AddMonths(FirstOfMonth(day), 1) - 1 : day, .final = true};
    for (const auto& [name, record] : world_.records) {
      const auto* a_case = As<caseload::v1::Case>(record.get());
      if (a_case == nullptr || !IsOpen(*a_case, day)) continue;
      const bool theirs = coverage.has_cases_of() ? LeadsTo(subject, coverage.cases_of(), 0, name, day)
                                                  : HeldBy(name, subject.name, day);
      if (theirs) item.items.insert(name);
    }
    std::optional<CivilDay> all_by = day;
    for (const std::string& wanted : item.items) {
      std::optional<CivilDay> covered;
      for (const At& other : sessions) {
        const CivilDay other_day = *Day(other, "date");
        const bool part = began(other) == day || other_day == day;
        if (!part && !(coverage.same_month() && FirstOfMonth(other_day) == FirstOfMonth(day))) continue;
        for (const auto& [name, record] : world_.records) {
          const auto* discussion = As<supervision::v1::CaseDiscussion>(record.get());
          if (discussion == nullptr || !absl::StartsWith(name, other.name + "/")) continue;
          if (Relative(discussion->case_()) == wanted && (!covered || other_day < *covered))
            covered = other_day;
        }
      }
      if (covered) item.covered_on[wanted] = *covered;
      all_by = covered && all_by ? std::optional(std::max(*all_by, *covered)) : std::nullopt;
    }
    item.done = all_by;
    if (item.done) item.due = std::max(item.due, *item.done);
    if (!InScope(subject, day, false)) item.settled = Status::kUnknown;
    items[day] = item;
  }
  std::vector<Item> list;
  for (const auto& [day, item] : items) list.push_back(item);
  return list;
}

}  // namespace oversight::compliance::testing
