#include <algorithm>

#include "absl/strings/match.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/facts/record_oracle.h"

// What the kinds of obligation share: the days of a rule, who holds a case, absences, times allowed, sessions
// that count.
namespace oversight::compliance::testing {

bool RecordOracle::IsOpen(const caseload::v1::Case& a_case, CivilDay day) const {
  for (const auto& period : a_case.open_periods()) {
    const At here{"", &period, nullptr};
    const auto to = Day(here, "end_date");
    if (*Day(here, "start_date") <= day && (!to || day < *to)) return true;
  }
  return false;
}

bool RecordOracle::HeldBy(const std::string& case_name, const std::string& worker, CivilDay day) const {
  for (const auto& [name, record] : world_.records) {
    const auto* a = As<caseload::v1::Allocation>(record.get());
    if (a == nullptr || !absl::StartsWith(name, case_name + "/") || Relative(a->worker()) != worker) continue;
    const bool holds = a->covers_keyworker() || a->role() == caseload::v1::ALLOCATION_ROLE_KEYWORKER ||
                       a->role() == caseload::v1::ALLOCATION_ROLE_PERSONAL_ADVISER ||
                       a->role() == caseload::v1::ALLOCATION_ROLE_SUPERVISING_SOCIAL_WORKER;
    const At here{name, a, nullptr};
    const auto from = Day(here, "start_date");
    const auto to = Day(here, "end_date");
    if (holds && (!from || *from <= day) && (!to || day < *to)) return true;
  }
  return false;
}

bool RecordOracle::InScope(const At& subject, CivilDay day, bool doubt) const {
  if (day < first_ || subject.message == nullptr) return false;
  const auto* a_case = As<caseload::v1::Case>(subject.message);
  if (a_case != nullptr && !IsOpen(*a_case, day)) return false;
  if (As<workforce::v1::Worker>(subject.message) != nullptr) {
    const auto left = Day(subject, "employment_end_date");
    if (left && day >= *left) return false;
  }
  return !rule_.has_when() || Holds(rule_.when(), subject, day, doubt);
}

bool RecordOracle::Recorded(const std::string& worker, CivilDay day) const {
  for (const auto& [name, record] : world_.records) {
    const auto* absence = As<workforce::v1::Absence>(record.get());
    if (absence == nullptr || !absl::StartsWith(name, worker + "/")) continue;
    const At here{name, absence, nullptr};
    const auto first = Day(here, "first_date");
    const auto last = Day(here, "last_date");
    if (first && *first <= day && (!last || day <= *last)) return true;
  }
  return false;
}

bool RecordOracle::Away(const std::string& worker, CivilDay day) const {
  if (Recorded(worker, day)) return true;
  CivilDay before = day;
  while (!Recorded(worker, before) && !working_days_.IsWorkingDay(before)) before = before - 1;
  CivilDay after = day;
  while (!Recorded(worker, after) && !working_days_.IsWorkingDay(after)) ++after;
  return Recorded(worker, before) && Recorded(worker, after);
}

CivilDay RecordOracle::Add(CivilDay day, const v1::TimeAllowed& time) const {
  if (time.hours() != 0) return day + (time.hours() + 23) / 24;
  if (time.months() != 0) return AddMonths(day, time.months());
  for (int left = time.working_days(); left > 0;) {
    ++day;
    if (working_days_.IsWorkingDay(day)) --left;
  }
  return day + time.days() + 7 * time.weeks();
}

bool RecordOracle::SessionCounts(const At& session, const v1::SupervisionSession& sessions) const {
  const auto& s = static_cast<const supervision::v1::Session&>(*session.message);
  const auto day = Day(session, "date");
  const std::string leader = s.led_by().empty() ? s.supervisor() : s.led_by();
  if (s.state() != supervision::v1::Session::STATE_HELD || !day || s.supervisee().empty() || leader.empty())
    return false;
  if (std::find(sessions.kind().begin(), sessions.kind().end(), s.kind()) == sessions.kind().end())
    return false;
  for (const auto& [name, record] : world_.records) {
    const auto* link = As<workforce::v1::SupervisorLink>(record.get());
    if (link == nullptr || !absl::StartsWith(name, Relative(s.supervisee()) + "/") ||
        link->supervisor() != leader)
      continue;
    const At here{name, link, nullptr};
    const auto from = Day(here, "start_date");
    const auto to = Day(here, "end_date");
    const bool function = sessions.led_by().empty() ||
                          std::find(sessions.led_by().begin(), sessions.led_by().end(), link->function()) !=
                              sessions.led_by().end();
    if ((!from || *from <= *day) && (!to || *day < *to) && function) return true;
  }
  return false;
}

}  // namespace oversight::compliance::testing
