// Once every calendar month.

#include "services/compliance/engine/calendar_month.h"

#include <algorithm>
#include <iterator>

#include "services/compliance/engine/events.h"
#include "services/compliance/engine/instances.h"

namespace oversight::engine {
namespace {

// Mondays to Fridays, as bits by the day of the week, Monday being 1.
constexpr uint32_t kMondayToFriday = 0b111110;

// The days of the week on which a worker works on a day: those of the posts in force, together.
uint32_t WeekOn(const Subjected& s, CivilDay day, uint16_t working_pattern) {
  if (s.subject.kind != SubjectKind::kWorker || working_pattern == kNoColumn) return kMondayToFriday;
  uint32_t week = 0;
  const Table& posts = s.facts().table(FactKind::kPost);
  for (const Post& post : s.facts().worker(s.subject.index).posts) {
    if (!post.period.Contains(day)) continue;
    const uint32_t of_post = posts.Set(post.id, working_pattern);
    week |= of_post == 0 ? kMondayToFriday : of_post;
  }
  return week == 0 ? kMondayToFriday : week;
}

// Whether on each of these days Mondays to Fridays are worked, whatever posts are held.
bool WorksMondayToFriday(const Subjected& s, Period days, uint16_t working_pattern) {
  if (s.subject.kind != SubjectKind::kWorker || working_pattern == kNoColumn) return true;
  const Table& posts = s.facts().table(FactKind::kPost);
  const std::vector<Post>& held = s.facts().worker(s.subject.index).posts;
  return std::all_of(held.begin(), held.end(), [&](const Post& post) {
    if (!post.period.Overlaps(days)) return true;
    const uint32_t of_post = posts.Set(post.id, working_pattern);
    return of_post == 0 || of_post == kMondayToFriday;
  });
}

bool Works(const Subjected& s, CivilDay day, uint16_t working_pattern) {
  const uint32_t week = WeekOn(s, day, working_pattern);
  if (week == kMondayToFriday) return s.working_days().IsWorkingDay(day);
  const int weekday = static_cast<int>(absl::GetWeekday(day.civil())) + 1;  // Monday is 1
  return (week >> weekday & 1) != 0 && !s.working_days().IsBankHoliday(day);
}

int DaysWorked(const Subjected& s, const IntervalSet& days, uint16_t working_pattern) {
  int worked = 0;
  for (const Period& period : days.periods()) {
    if (WorksMondayToFriday(s, period, working_pattern)) {
      worked += s.working_days().WorkingDaysBetween(period.start, period.end - 1);
      continue;
    }
    for (CivilDay day = period.start; day < period.end; ++day)
      worked += Works(s, day, working_pattern) ? 1 : 0;
  }
  return worked;
}

// The line that holds on a day; -1 for none.
int16_t LineOn(const Subjected& s, CivilDay day) {
  const std::vector<Row>& rows = s.rule().rows;
  for (size_t row = 0; row < rows.size(); ++row) {
    if (s.asking.HoldsOn(rows[row].when, s.frame(), day, false)) return static_cast<int16_t>(row);
  }
  return -1;
}

bool LinesAskMore(const Rule& rule) {
  return std::any_of(rule.rows.begin(), rule.rows.end(), [](const Row& row) { return !row.event.empty(); });
}

}  // namespace

bool SatisfiesLine(const Subjected& s, const EventRef& event) {
  const int16_t line = LineOn(s, event.day);
  if (line < 0) return true;
  const Frame subject = s.frame();
  const Frame record{Events::KindOf(s.rule()), event.id, &subject};
  return s.asking.HoldsOn(s.rule().rows[line].event, record, event.day, false);
}

CountedMonth JudgeMonth(const Subjected& s, CivilDay first, int wanted_days, uint16_t working_pattern) {
  CountedMonth month{.first = first, .end = AddMonths(first, 1), .last_in_scope = first};
  const IntervalSet all(Period{month.first, month.end});
  const IntervalSet possible = Intersection(all, s.possible_scope());
  if (!possible.Empty()) month.last_in_scope = possible.periods().back().end - 1;
  const IntervalSet away(s.absences().merged());
  const auto enough = [&](const IntervalSet& days) {
    return DaysWorked(s, days, working_pattern) >= wanted_days;
  };
  const IntervalSet sure = Intersection(possible, s.scope());
  if (enough(Difference(sure, away))) {
    month.says = CountedMonth::Says::kCounts;
  } else if (enough(Difference(possible, away))) {
    month.says = CountedMonth::Says::kUnknown;
  } else if (enough(sure)) {
    month.says = CountedMonth::Says::kExcused;
  }
  return month;
}

InstanceList MonthInstances(const Subjected& s, const CalendarMonth& rule, CivilDay as_of, bool all) {
  InstanceList instances;
  if (s.possible_scope().Empty()) return instances;
  const Events events(s.asking, s.subject);
  const bool ask_more = LinesAskMore(s.rule());
  const auto counts = [&](const EventRef& event) {
    return s.window.Contains(event.day) && events.Counts(event) && (!ask_more || SatisfiesLine(s, event));
  };
  CivilDay first = FirstOfMonth(s.possible_scope().periods().front().start);
  auto from = events.all().begin();
  // An event puts all months before it right.
  if (!all) {
    auto last = std::upper_bound(from, events.all().end(), as_of,
                                 [](CivilDay day, const EventRef& event) { return day < event.day; });
    while (last != from && !counts(*(last - 1))) --last;
    if (last != from) first = std::max(first, FirstOfMonth((last - 1)->day));
    from = std::lower_bound(from, events.all().end(), first,
                            [](const EventRef& event, CivilDay day) { return event.day < day; });
  }
  std::vector<EventRef> counted;
  std::copy_if(from, events.all().end(), std::back_inserter(counted), counts);
  const CivilDay end = AddMonths(FirstOfMonth(as_of), 2);
  for (; first < end; first = AddMonths(first, 1)) {
    const CountedMonth month = JudgeMonth(s, first, rule.available_working_days, rule.working_pattern);
    if (month.says == CountedMonth::Says::kOut) continue;
    Instance instance{.base = first, .due = month.end - 1};
    // The last day moves out of an absence, and only then off a day that is not worked.
    if (s.absences().Contains(instance.due)) {
      instance.due = s.absences().MoveDueDate(instance.due, s.rule(), s.working_days());
    }
    instance.row = LineOn(s, month.last_in_scope);
    for (const EventRef& event : counted) {
      if (event.day < first) continue;
      instance.done = event.day;
      instance.closing_event = event.id;
      break;
    }
    if (month.says == CountedMonth::Says::kExcused) {
      instance.course = Instance::Course::kExcused;
    } else if (month.says == CountedMonth::Says::kUnknown) {
      instance.course = Instance::Course::kUnknown;
      instance.input = s.asking.MissingInput(s.rule().when, s.frame()).value_or(kNoInput);
    }
    instances.push_back(instance);
  }
  return instances;
}

}  // namespace oversight::engine
