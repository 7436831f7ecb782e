#include <tuple>

#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

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
        // What is due late, or never, may be done late and still in time.
        const CivilDay end = item.due < horizon_ ? horizon_ : horizon_ + kLatestDate;
        for (CivilDay d = day; d < end && !sure; ++d) {
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

}  // namespace oversight::compliance::testing
