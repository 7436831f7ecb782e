#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

// 0: out, 1: counts, 2: excused, 3: unknown.
int RecordOracle::MonthSays(const At& subject, CivilDay first) const {
  const auto* worker = As<workforce::v1::Worker>(subject.message);
  const int wanted = rule_.calendar_month().has_available_working_days()
                         ? rule_.calendar_month().available_working_days()
                         : 5;
  int present = 0;
  int in_scope = 0;
  int possible = 0;
  for (CivilDay day = first; FirstOfMonth(day) == first; ++day) {
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
      counts = counts && HeldBy(subject.name, Relative(held.supervisee()), *day);
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
  for (CivilDay first = FirstOfMonth(first_); first <= as_of; first = AddMonths(first, 1)) {
    const int says = MonthSays(subject, first);
    if (says == 0) continue;
    Item item{.base = first, .due = AddMonths(first, 1) - 1};
    for (CivilDay day = first; FirstOfMonth(day) == first; ++day) {
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

}  // namespace oversight::compliance::testing
