#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/facts/record_oracle.h"

// The kinds of obligation, day by day.
namespace oversight::compliance::testing {

using engine::Status;

namespace {

CivilDay MonthOf(CivilDay day) {
  const absl::CivilDay civil = day.civil();
  return CivilDay(static_cast<int>(civil.year()), civil.month(), 1);
}

}  // namespace

bool RecordOracle::InScope(const At& subject, CivilDay day, bool doubt) const {
  if (day < first_ || subject.message == nullptr) return false;
  if (const auto* record = As<caseload::v1::Case>(subject.message)) {
    bool open = false;
    for (const auto& period : record->open_periods()) {
      const At here{"", &period, nullptr};
      const auto to = Day(here, "end_date");
      open = open || (*Day(here, "start_date") <= day && (!to || day < *to));
    }
    if (!open) return false;
  }
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

std::vector<RecordOracle::Item> RecordOracle::Standing(const At& subject, const v1::Condition& must,
                                                       const std::string& on, bool can_be_mended,
                                                       const v1::TimeAllowed* grace, CivilDay as_of) const {
  enum Says { kOut, kKept, kBroken, kUnknown };
  const auto says = [&](CivilDay day) {
    if (day < first_ || !InScope(subject, day, true)) return kOut;
    if (Holds(must, subject, day, false)) return kKept;
    return InScope(subject, day, false) && !Holds(must, subject, day, true) ? kBroken : kUnknown;
  };
  Item item;
  if (!on.empty()) {
    const auto day = DayAt(on, subject);
    if (!day || says(*day) == kOut) return {};
    item.base = *day;
    item.holds = says(*day) == kKept;
    if (says(*day) == kUnknown) item.settled = Status::kUnknown;
    if (says(*day) == kBroken) {
      if (can_be_mended) {
        item.due = grace == nullptr ? *day : Add(*day, *grace);
      } else {
        item.settled = Status::kBreached;
      }
    }
    return {item};
  }
  const Says today = says(as_of);
  if (today == kOut) return {};
  item.base = as_of;
  while (says(item.base - 1) == today) item.base = item.base - 1;
  // What ends beyond all notice plays no part today.
  const CivilDay far = as_of + kFarAhead;
  CivilDay end = as_of;
  while (end < far && says(end) == today) ++end;
  if (today == kUnknown) item.settled = Status::kUnknown;
  if (today == kKept) {
    item.holds = true;
    if (end < far && InScope(subject, end, false)) item.due = end - 1;
  }
  if (today == kBroken) item.due = grace == nullptr ? item.base - 1 : Add(item.base, *grace);
  return {item};
}

std::vector<RecordOracle::Item> RecordOracle::Deadlines(const At& subject) const {
  std::vector<Item> items;
  struct Trigger {
    CivilDay day;
    At at;
    bool doubtful = false;
    CivilDay until = CivilDay::Max();
    std::string event;
  };
  for (int s = 0; s < rule_.deadline().steps_size(); ++s) {
    const v1::DeadlineStep& step = rule_.deadline().steps(s);
    std::vector<Trigger> triggers;
    if (step.has_each()) {
      bool nowhere = false;
      for (const At& record :
           RecordsOf(step.each().of(), step.each().via(), step.each().from(), subject, nowhere)) {
        const auto day = DayAt(step.each().on(), record);
        if (!day) continue;
        const auto where = [&](bool doubt) {
          return !step.each().has_where() || Holds(step.each().where(), record, *day, doubt);
        };
        if (where(true)) triggers.push_back({*day, record, !where(false), CivilDay::Max(), record.name});
      }
    } else if (step.has_start_of()) {
      int before = 0;  // 0: no, 1: perhaps, 2: surely
      for (CivilDay day = first_ - 1; day < horizon_; ++day) {
        int now = 0;
        if (InScope(subject, day, true) && Holds(step.start_of(), subject, day, true)) now = 1;
        if (now == 1 && InScope(subject, day, false) && Holds(step.start_of(), subject, day, false)) now = 2;
        if (now != before && before == 1) triggers.back().until = day;
        if (now != before && now > 0) triggers.push_back({day, subject, now == 1});
        before = now;
      }
    } else if (!step.trigger_time().empty() && DayAt(step.trigger_time(), subject)) {
      triggers.push_back({*DayAt(step.trigger_time(), subject), subject});
    } else if (const auto day = DayAt(step.on(), subject)) {
      triggers.push_back({*day, subject});
    }
    for (Trigger& trigger : triggers) {
      const CivilDay day = trigger.day;
      const auto applies = [&](bool doubt) {
        return InScope(subject, day, doubt) &&
               (!step.has_when() || Holds(step.when(), trigger.at, day, doubt));
      };
      if (!applies(true)) continue;
      if (!applies(false)) trigger.doubtful = true;
      v1::TimeAllowed time = step.has_within() ? step.within() : step.plus();
      for (const auto& stricter : step.stricter()) {
        const auto holds = [&](bool doubt) {
          return !stricter.has_when() || Holds(stricter.when(), trigger.at, day, doubt);
        };
        if (holds(false)) {
          if (Add(day, stricter.within()) < Add(day, time) || stricter.within().hours() != 0)
            time = stricter.within();
        } else if (holds(true)) {
          trigger.doubtful = true;
        }
      }
      // An instant where the time of day is known; otherwise anything from midnight to midnight.
      const auto span =
          [&](const std::string& date,
              const std::string& time_field) -> std::optional<std::tuple<CivilDay, int64_t, int64_t>> {
        for (const std::string& field : {time_field, date}) {
          if (field.empty()) continue;
          const auto end = Follow(field, trigger.at);
          if (!end || end->at.message == nullptr) continue;
          if (const auto instant = end->field->message_type()->name() == "Timestamp"
                                       ? Instant(end->at, end->field->name())
                                       : std::nullopt) {
            return std::tuple(CivilDay::Of(absl::FromUnixMicros(*instant)), *instant, *instant);
          }
        }
        const auto on = date.empty() ? std::nullopt : DayAt(date, trigger.at);
        if (!on) return std::nullopt;
        return std::tuple(*on, absl::ToUnixMicros(on->Midnight()),
                          absl::ToUnixMicros((*on + 1).Midnight()) - 1);
      };
      int64_t early = absl::ToUnixMicros(day.Midnight());
      int64_t late = absl::ToUnixMicros((day + 1).Midnight()) - 1;
      if (const auto exact = span("", step.trigger_time()); exact && !step.has_start_of()) {
        early = late = std::get<1>(*exact);
      } else if (step.has_on()) {
        if (const auto exact_on = span(step.on(), "")) {
          early = std::get<1>(*exact_on);
          late = std::get<2>(*exact_on);
        }
      }
      Item item{.base = day,
                .until = trigger.until,
                .final = rule_.deadline().final(),
                .row = s,
                .event = trigger.event};
      const int64_t hours = int64_t{3600000000} * time.hours();
      if (step.has_within()) {
        item.due = time.hours() != 0 ? CivilDay::Of(absl::FromUnixMicros(late + hours)) : Add(day, time);
      } else {
        const std::string path = step.has_before() ? step.before()
                                 : step.has_by()   ? step.by()
                                                   : step.halfway_to();
        const auto until = DayAt(path, trigger.at);
        const std::string end = path.substr(path.rfind('.') == std::string::npos ? 0 : path.rfind('.') + 1);
        const bool still_runs = end == "end_date" || end == "last_date" || end == "completed_date";
        if (!until && !still_runs) item.settled = Status::kUnknown;
        if (until) {
          item.due = step.has_before() ? *until
                     : step.has_by()   ? Add(*until, time)
                                       : Add(day + (*until - day) / 2, time);
        }
      }
      if (step.has_done()) {
        std::optional<CivilDay> sure;
        std::optional<CivilDay> perhaps;
        for (CivilDay d = day; d < horizon_ && !sure; ++d) {
          if (Holds(step.done(), trigger.at, d, false)) sure = d;
          if (!perhaps && Holds(step.done(), trigger.at, d, true)) perhaps = d;
        }
        item.done = sure;
        if (perhaps && *perhaps <= item.due && (!sure || *sure > item.due)) {
          item.done = perhaps;
          item.in_doubt = true;
        }
      } else if (const auto done = span(step.done_on(), step.done_time())) {
        const auto [done_day, done_early, done_late] = *done;
        item.done = done_day;
        std::optional<std::pair<int64_t, int64_t>> limit;
        if (step.has_before()) {
          if (const auto until = span(step.before(), step.before_time())) {
            limit = {std::get<1>(*until) - 1, std::get<2>(*until) - 1};
          }
        } else if (step.has_within() && time.hours() != 0 && done_day != day) {
          limit = {early + hours, late + hours};
        }
        if (limit) {
          item.in_doubt = done_late > limit->first && done_early <= limit->second;
          item.in_time = done_late <= limit->first;
        }
      }
      if (trigger.doubtful) item.settled = Status::kUnknown;
      items.push_back(item);
    }
  }
  return items;
}

// 0: out, 1: counts, 2: excused, 3: unknown.
int RecordOracle::MonthSays(const At& subject, CivilDay first) const {
  const auto* worker = As<workforce::v1::Worker>(subject.message);
  const int wanted = rule_.calendar_month().has_available_working_days()
                         ? rule_.calendar_month().available_working_days()
                         : 5;
  int present = 0;
  int in_scope = 0;
  int possible = 0;
  for (CivilDay day = first; MonthOf(day) == first; ++day) {
    const int weekday = static_cast<int>(absl::GetWeekday(day.civil())) + 1;
    std::set<int> week;
    if (worker != nullptr && rule_.has_calendar_month()) {
      for (const auto& [name, record] : world_.records) {
        const auto* post = As<workforce::v1::Post>(record.get());
        if (post == nullptr || !absl::StartsWith(name, subject.name + "/")) continue;
        const At here{name, post, nullptr};
        const auto from = Day(here, "start_date");
        const auto to = Day(here, "end_date");
        if ((from && day < *from) || (to && day >= *to)) continue;
        if (post->working_days().empty()) week.insert({1, 2, 3, 4, 5});
        for (const int d : post->working_days()) week.insert(d);
      }
    }
    if (week.empty()) week = {1, 2, 3, 4, 5};
    if (!week.contains(weekday) || working_days_.IsBankHoliday(day)) continue;
    const bool away = worker != nullptr && Away(subject.name, day);
    if (!away && InScope(subject, day, true)) ++possible;
    if (!InScope(subject, day, false)) continue;
    ++in_scope;
    present += away ? 0 : 1;
  }
  if (present >= wanted) return 1;
  if (possible >= wanted) return 3;
  return in_scope >= wanted ? 2 : 0;
}

std::vector<RecordOracle::Item> RecordOracle::Months(const At& subject, CivilDay as_of) const {
  const v1::CalendarMonthObligation& month = rule_.calendar_month();
  const auto line_on = [&](CivilDay day) {
    for (int i = 0; i < month.rows_size(); ++i) {
      if (!month.rows(i).has_when() || Holds(month.rows(i).when(), subject, day, false)) return i;
    }
    return -1;
  };
  std::set<CivilDay> events;
  for (const auto& [name, record] : world_.records) {
    At event{name, record.get(), &subject};
    std::optional<CivilDay> day;
    bool counts = false;
    if (month.has_record()) {
      bool nowhere = false;
      for (const At& found :
           RecordsOf(month.record().of(), month.record().via(), month.record().from(), subject, nowhere)) {
        if (found.name != name) continue;
        day = DayAt(month.record().on(), found);
        counts = day && (!month.record().has_where() || Holds(month.record().where(), found, *day, false));
      }
    } else if (month.has_supervision_session()) {
      const auto* session = As<supervision::v1::Session>(record.get());
      if (session == nullptr || Relative(session->supervisee()) != subject.name) continue;
      day = Day(event, "date");
      counts = SessionCounts(event, month.supervision_session());
    } else {
      const auto* discussion = As<supervision::v1::CaseDiscussion>(record.get());
      if (discussion == nullptr || Relative(discussion->case_()) != subject.name) continue;
      const std::vector<std::string> parts = absl::StrSplit(name, '/');
      const At session{parts[0] + "/" + parts[1], Find(parts[0] + "/" + parts[1]), nullptr};
      if (session.message == nullptr) continue;
      day = Day(session, "date");
      v1::SupervisionSession kinds;
      for (const int kind : month.case_discussion().session_kind()) {
        kinds.add_kind(static_cast<supervision::v1::Session::Kind>(kind));
      }
      const auto& held = static_cast<const supervision::v1::Session&>(*session.message);
      counts = SessionCounts(session, kinds);
      bool holds = false;
      for (const auto& [other, r] : world_.records) {
        const auto* a = As<caseload::v1::Allocation>(r.get());
        if (a == nullptr || !absl::StartsWith(other, subject.name + "/") ||
            a->worker() != held.supervisee() || !day)
          continue;
        const At here{other, a, nullptr};
        const auto from = Day(here, "start_date");
        const auto to = Day(here, "end_date");
        holds = holds || ((a->covers_keyworker() || a->role() == 1 || a->role() == 5 || a->role() == 6) &&
                          (!from || *from <= *day) && (!to || *day < *to));
      }
      counts = counts && holds;
    }
    if (!day || !counts || *day < first_) continue;
    const int line = line_on(*day);
    if (line >= 0 && month.rows(line).has_event() && !Holds(month.rows(line).event(), event, *day, false))
      continue;
    events.insert(*day);
  }
  // A last day on which the worker is away moves to the first working day after it, after five days of work
  // missed to the fifth.
  const auto after_absences = [&](CivilDay due) {
    constexpr int kForEver = 1000;
    while (Away(subject.name, due)) {
      CivilDay begin = due;
      while (Away(subject.name, begin - 1)) begin = begin - 1;
      CivilDay last = due;
      while (Away(subject.name, last + 1)) {
        ++last;
        if (last - due > kForEver) return CivilDay::Max();
      }
      int missed = 0;
      for (CivilDay day = begin; day <= last; ++day) missed += working_days_.IsWorkingDay(day) ? 1 : 0;
      v1::TimeAllowed time;
      time.set_working_days(missed >= 5 ? 5 : 1);
      due = Add(last, time);
    }
    return due;
  };
  std::vector<Item> items;
  for (CivilDay first = MonthOf(first_); first <= as_of; first = AddMonths(first, 1)) {
    const int says = MonthSays(subject, first);
    if (says == 0) continue;
    Item item{.base = first, .due = AddMonths(first, 1) - 1};
    for (CivilDay day = first; MonthOf(day) == first; ++day) {
      if (InScope(subject, day, true)) item.row = line_on(day);
    }
    const auto event = events.lower_bound(first);
    if (event != events.end()) item.done = *event;
    if (says == 2) item.settled = Status::kExcused;
    if (says == 3) item.settled = Status::kUnknown;
    if (dynamic_cast<const workforce::v1::Worker*>(subject.message) != nullptr) {
      if (says == 1 && Away(subject.name, as_of) && !(item.done && *item.done <= as_of)) {
        item.settled = Status::kExcused;
      }
      item.due = after_absences(item.due);
    }
    items.push_back(item);
  }
  return items;
}

std::vector<RecordOracle::Item> RecordOracle::FollowUps(const At& subject) const {
  const v1::FollowUpObligation& follow_up = rule_.follow_up();
  std::vector<Item> items;
  const auto after = DayAt(follow_up.after(), subject);
  if (!after || !InScope(subject, *after, true)) return items;
  const auto whose = Named(follow_up.has_worker() ? follow_up.worker() : follow_up.holder_of_case(), subject);
  CivilDay resolved = CivilDay::Max();
  if (!follow_up.until().empty()) resolved = DayAt(follow_up.until(), subject).value_or(resolved);
  std::map<std::pair<CivilDay, std::string>, At> sessions;
  for (const auto& [name, record] : world_.records) {
    const auto* session = As<supervision::v1::Session>(record.get());
    const At at{name, record.get(), &subject};
    if (session == nullptr || !whose || !SessionCounts(at, follow_up.sessions())) continue;
    const CivilDay day = *Day(at, "date");
    bool theirs = Relative(session->supervisee()) == whose->name;
    if (follow_up.has_holder_of_case()) {
      theirs = false;
      for (const auto& [other, r] : world_.records) {
        const auto* a = As<caseload::v1::Allocation>(r.get());
        if (a == nullptr || !absl::StartsWith(other, whose->name + "/") ||
            a->worker() != session->supervisee())
          continue;
        const At here{other, a, nullptr};
        const auto from = Day(here, "start_date");
        const auto to = Day(here, "end_date");
        theirs = theirs || ((a->covers_keyworker() || a->role() == 1 || a->role() == 5 || a->role() == 6) &&
                            (!from || *from <= day) && (!to || day < *to));
      }
    }
    if (theirs && day > *after) sessions[{day, name}] = at;
  }
  const bool repeated = !follow_up.until().empty();
  CivilDay since = *after;
  std::string since_event;
  bool first = true;
  for (const auto& [key, session] : sessions) {
    const CivilDay day = key.first;
    const bool followed_up = Holds(follow_up.followed_up(), session, day, false);
    for (Item& earlier : items) {
      if (followed_up && !earlier.waiting && !earlier.done) earlier.done = day;
    }
    if (!first && (!repeated || day >= resolved)) continue;
    items.push_back({.base = since, .until = day, .waiting = true, .event = since_event});
    Item item{.base = day, .due = day, .event = session.name};
    if (followed_up) {
      item.done = day;
    } else if (!InScope(subject, *after, false) || Holds(follow_up.followed_up(), session, day, true)) {
      item.settled = Status::kUnknown;
    }
    items.push_back(item);
    since = day;
    since_event = session.name;
    first = false;
  }
  const CivilDay until = first ? CivilDay::Max() : resolved;
  if ((first || repeated) && since < until) {
    items.push_back({.base = since, .until = until, .waiting = true, .event = since_event});
  }
  return items;
}

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
        .base = day, .due = coverage.same_month() ? AddMonths(MonthOf(day), 1) - 1 : day, .final = true};
    for (const auto& [name, record] : world_.records) {
      const auto* a_case = As<caseload::v1::Case>(record.get());
      if (a_case == nullptr) continue;
      bool open = false;
      for (const auto& period : a_case->open_periods()) {
        const At here{"", &period, nullptr};
        const auto to = Day(here, "end_date");
        open = open || (*Day(here, "start_date") <= day && (!to || day < *to));
      }
      bool held = coverage.has_cases_of() && LeadsTo(subject, coverage.cases_of(), 0, name, day);
      for (const auto& [other, r] : world_.records) {
        const auto* a = As<caseload::v1::Allocation>(r.get());
        if (coverage.has_cases_of() || a == nullptr || !absl::StartsWith(other, name + "/") ||
            Relative(a->worker()) != subject.name)
          continue;
        const At here{other, a, nullptr};
        const auto from = Day(here, "start_date");
        const auto to = Day(here, "end_date");
        held = held || ((a->covers_keyworker() || a->role() == 1 || a->role() == 5 || a->role() == 6) &&
                        (!from || *from <= day) && (!to || day < *to));
      }
      if (open && held) item.items.insert(name);
    }
    std::optional<CivilDay> all_by = day;
    for (const std::string& wanted : item.items) {
      std::optional<CivilDay> covered;
      for (const At& other : sessions) {
        const CivilDay other_day = *Day(other, "date");
        const bool part = began(other) == day || other_day == day;
        if (!part && !(coverage.same_month() && MonthOf(other_day) == MonthOf(day))) continue;
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

std::vector<RecordOracle::Item> RecordOracle::Sequences(const At& subject) const {
  const v1::SequenceObligation& sequence = rule_.sequence();
  std::map<std::pair<CivilDay, std::string>, At> series;
  bool nowhere = false;
  for (const At& record :
       RecordsOf(sequence.each().of(), sequence.each().via(), sequence.each().from(), subject, nowhere)) {
    const auto day = DayAt(sequence.each().on(), record);
    if (day && (!sequence.each().has_where() || Holds(sequence.each().where(), record, *day, true))) {
      series[{*day, record.name}] = record;
    }
  }
  std::vector<Item> items;
  int position = 0;
  CivilDay day = first_;
  for (const auto& [day_and_name, of_series] : series) {
    const auto& key = day_and_name;
    const At& record = of_series;
    if (key.first < first_) continue;
    // Counted anew once the rule has not applied for a day.
    for (; day <= key.first; ++day) {
      if (!InScope(subject, day, true)) position = 0;
    }
    if (!InScope(subject, key.first, true)) continue;
    ++position;
    const bool sure =
        InScope(subject, key.first, false) &&
        (!sequence.each().has_where() || Holds(sequence.each().where(), record, key.first, false));
    for (int s = 0; s < sequence.steps_size(); ++s) {
      const v1::SequenceStep& step = sequence.steps(s);
      bool asked = position == step.first();
      for (int p = step.first(); step.every() > 0 && p <= position; p += step.every())
        asked = asked || p == position;
      if (!asked) continue;
      Item item{.base = key.first, .row = s, .event = record.name};
      const auto must = [&](bool doubt) {
        return !step.has_must() || Holds(step.must(), record, key.first, doubt);
      };
      item.holds = must(false);
      if (!item.holds) item.settled = !sure || must(true) ? Status::kUnknown : Status::kBreached;
      items.push_back(item);
    }
  }
  return items;
}

std::vector<RecordOracle::Item> RecordOracle::Minimums(const At& subject, CivilDay as_of) const {
  const v1::MinimumObligation& minimum = rule_.minimum();
  v1::Condition kept;
  *kept.add_measure() = minimum.measure();
  if (minimum.has_on()) return Standing(subject, kept, minimum.on(), false, nullptr, as_of);
  if (minimum.has_every_day()) return Standing(subject, kept, "", false, nullptr, as_of);
  std::vector<Item> items;
  if (minimum.has_by()) {
    std::optional<CivilDay> begin;
    for (CivilDay day = first_; day < horizon_ && !begin; ++day) {
      if (InScope(subject, day, true)) begin = day;
    }
    if (!begin) return items;
    Item item{.base = *begin, .due = DayAt(minimum.by(), subject).value_or(CivilDay::Max()), .final = true};
    const std::string last = minimum.by().substr(minimum.by().rfind('.') + 1);
    const bool still_runs = last == "end_date" || last == "last_date" || last == "completed_date";
    if (item.due == CivilDay::Max() && !still_runs) item.settled = Status::kUnknown;
    std::optional<CivilDay> perhaps;
    for (CivilDay day = *begin; day < horizon_ && !item.done; ++day) {
      if (Holds(kept, subject, day, false)) item.done = day;
      if (!perhaps && Holds(kept, subject, day, true)) perhaps = day;
    }
    if (perhaps && *perhaps <= item.due && (!item.done || *item.done > item.due)) {
      item.done = perhaps;
      item.in_doubt = true;
    }
    return {item};
  }
  const v1::Measure& measure = minimum.measure();
  for (CivilDay first = MonthOf(first_); first <= as_of; first = AddMonths(first, 1)) {
    const int says = MonthSays(subject, first);
    if (says == 0) continue;
    Item item{.base = first, .due = AddMonths(first, 1) - 1, .final = true};
    std::map<CivilDay, double> by_day;
    bool open = false;
    bool nowhere = false;
    double sum = 0;
    for (const At& record : RecordsOf(measure.records().of(), measure.records().via(),
                                      measure.records().from(), subject, nowhere)) {
      const auto day = DayAt(measure.records().on(), record);
      if (!day || MonthOf(*day) != first) continue;
      const auto where = [&](bool doubt) {
        return !measure.records().has_where() || Holds(measure.records().where(), record, *day, doubt);
      };
      if (!where(true)) continue;
      const auto number =
          measure.field().empty() ? std::optional<double>(1) : NumberAt(measure.field(), record);
      if (!where(false) || !number) {
        open = true;
      } else {
        by_day[*day] += *number;
      }
    }
    for (const auto& [day, number] : by_day) {
      sum += number;
      if (measure.has_at_least() && sum >= measure.at_least() && !item.done) item.done = day;
    }
    if (measure.has_at_least() && measure.at_least() <= 0) item.done = first;
    if (measure.has_at_most() && sum <= measure.at_most()) item.done = item.due;
    if (measure.has_at_most() && sum > measure.at_most()) open = false;
    if (open && !(measure.has_at_least() && item.done)) item.settled = Status::kUnknown;
    if (says == 2) item.settled = Status::kExcused;
    if (says == 3) item.settled = Status::kUnknown;
    items.push_back(item);
  }
  return items;
}

Status RecordOracle::StatusOf(const Item& item, CivilDay as_of) const {
  const bool has_due = item.due != CivilDay::Max();
  const int notice = rule_.has_notice_days()                ? rule_.notice_days()
                     : has_due && item.due - item.base <= 7 ? 2
                                                            : 7;
  if (item.settled != Status::kPending) return item.settled;
  const bool near = has_due && item.due - notice <= as_of;
  if (item.holds) return near ? Status::kDueSoon : Status::kMet;
  if (item.done && *item.done <= as_of) {
    if (item.in_doubt) return Status::kUnknown;
    return item.in_time.value_or(*item.done <= item.due) ? Status::kMet : Status::kLate;
  }
  if (has_due && as_of > item.due) return item.final ? Status::kBreached : Status::kOverdue;
  return near ? Status::kDueSoon : Status::kPending;
}

std::optional<RecordVerdict> RecordOracle::Judge(const std::string& name, CivilDay as_of) const {
  const At subject{name, Find(name), nullptr};
  if (subject.message == nullptr) return std::nullopt;
  std::vector<Item> items;
  if (rule_.has_standing()) {
    const v1::StandingObligation& s = rule_.standing();
    items =
        Standing(subject, s.must(), s.on(), s.can_be_mended(), s.has_grace() ? &s.grace() : nullptr, as_of);
  }
  if (rule_.has_deadline()) items = Deadlines(subject);
  if (rule_.has_calendar_month()) items = Months(subject, as_of);
  if (rule_.has_follow_up()) items = FollowUps(subject);
  if (rule_.has_coverage()) items = Coverages(subject);
  if (rule_.has_sequence()) items = Sequences(subject);
  if (rule_.has_minimum()) items = Minimums(subject, as_of);
  if ((rule_.has_calendar_month() || rule_.has_minimum()) && !InScope(subject, as_of, true))
    return std::nullopt;
  std::erase_if(items, [&](const Item& item) { return item.base > as_of || item.until <= as_of; });
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.base, a.waiting, a.row, a.event) < std::tie(b.base, b.waiting, b.row, b.event);
  });
  if (items.empty()) return std::nullopt;
  // The worst of a day speaks for it.
  const std::vector<Status> worst_first = {Status::kOverdue, Status::kBreached, Status::kUnknown,
                                           Status::kLate,    Status::kDueSoon,  Status::kPending,
                                           Status::kExcused, Status::kMet};
  const auto worse = [&](const Item& a, const Item& b) {
    const auto place = [&](const Item& item) {
      return std::find(worst_first.begin(), worst_first.end(), StatusOf(item, as_of));
    };
    return a.base == b.base && a.waiting == b.waiting && place(a) < place(b);
  };
  const Item* chosen = &items.back();
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    if (worse(*item, *chosen)) chosen = &*item;
  }
  const Item* oldest_open = nullptr;
  for (const Item& item : items) {
    const Status status = StatusOf(item, as_of);
    const bool undone = !item.done || *item.done > as_of || item.in_doubt;
    const bool open = undone && !item.holds &&
                      (status == Status::kPending || status == Status::kDueSoon ||
                       status == Status::kOverdue || status == Status::kUnknown);
    // What holds, but not for long, is open too: it must be renewed.
    if (open || (undone && item.holds && status == Status::kDueSoon)) {
      // A miss hides behind nothing, and what is not known only behind a miss.
      const auto graver = [&](Status s) { return s == Status::kOverdue ? 2 : s == Status::kUnknown ? 1 : 0; };
      const int by = oldest_open == nullptr ? 1 : graver(status) - graver(StatusOf(*oldest_open, as_of));
      if (by > 0 || (by == 0 && worse(item, *oldest_open))) oldest_open = &item;
    }
  }
  const bool broken_last = StatusOf(*chosen, as_of) == Status::kBreached;
  if (oldest_open != nullptr && (!broken_last || StatusOf(*oldest_open, as_of) == Status::kOverdue))
    chosen = oldest_open;
  RecordVerdict verdict{
      .status = StatusOf(*chosen, as_of), .base = chosen->base, .due = chosen->due, .row = chosen->row};
  for (const std::string& item : chosen->items) {
    const auto covered = chosen->covered_on.find(item);
    if (covered == chosen->covered_on.end() || covered->second > as_of) ++verdict.lacking;
  }
  return verdict;
}

}  // namespace oversight::compliance::testing
