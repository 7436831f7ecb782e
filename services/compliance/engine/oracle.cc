#include "services/compliance/engine/oracle.h"

#include <algorithm>
#include <set>
#include <utility>

namespace oversight::engine::testing {

Oracle::Oracle(const Rule& rule, Assignment assignment, const WorkingDays& working_days, const World& world,
               std::string subject, CivilDay horizon)
    : rule_(rule),
      assignment_(assignment),
      working_days_(working_days),
      world_(world),
      subject_(std::move(subject)),
      first_(std::max(assignment.effective_from, world.records_complete_from)),
      horizon_(horizon),
      memory_(first_ - 1000) {
  for (CivilDay day = memory_; day < horizon_ + 200; ++day) recorded_away_.push_back(RecordedAway(day));
  for (CivilDay day = memory_; day < horizon_ + 100; ++day) away_.push_back(LiesInAbsence(day));
  for (CivilDay day = memory_; day < horizon_; ++day) clock_pauses_.push_back(ClockPauses(day));
  for (CivilDay day = first_; day < horizon_; ++day) days_.push_back(LookAt(day));
  events_ = Events();
}

// ---- Absences.

bool Oracle::RecordedAway(CivilDay day) const {
  bool away = false;
  world_.ForEach<AbsenceFact>([&](const std::string&, const AbsenceFact& absence) {
    if (absence.worker == subject_ && absence.first <= day && day <= absence.last) away = true;
  });
  return away && rule_.subject == SubjectKind::kWorker;
}

// Recorded as away, or between two such days with none worked in between.
bool Oracle::LiesInAbsence(CivilDay day) const {
  const auto recorded = [&](CivilDay d) { return d >= memory_ && recorded_away_[d - memory_]; };
  if (recorded(day)) return true;
  CivilDay before = day;
  while (!recorded(before) && !working_days_.IsWorkingDay(before)) before = before - 1;
  CivilDay after = day;
  while (!recorded(after) && !working_days_.IsWorkingDay(after)) after = after + 1;
  return recorded(before) && recorded(after);
}

bool Oracle::Away(CivilDay day) const {
  return day >= memory_ && day < horizon_ + 100 && away_[day - memory_];
}

bool Oracle::ClockPauses(CivilDay day) const {
  if (!Away(day)) return false;
  const auto [first, last] = AbsenceAround(day);
  return last == CivilDay::Max() || last - first + 1 > rule_.clock_pause_days;
}

std::pair<CivilDay, CivilDay> Oracle::AbsenceAround(CivilDay day) const {
  CivilDay first = day;
  while (Away(first - 1)) first = first - 1;
  CivilDay last = day;
  while (Away(last + 1)) {
    last = last + 1;
    if (last > horizon_ + 50) return {first, CivilDay::Max()};
  }
  return {first, last};
}

int Oracle::DaysPresent(CivilDay after, CivilDay to) const {
  int days = 0;
  if (after == CivilDay::Max()) return 0;
  for (CivilDay day = after + 1; day <= to; ++day) days += Away(day) ? 0 : 1;
  return days;
}

CivilDay Oracle::MoveDueDate(CivilDay due) const {
  if (rule_.subject == SubjectKind::kCase) return due;
  while (true) {
    if (due == CivilDay::Max()) return due;
    if (Away(due)) {
      const auto [first, last] = AbsenceAround(due);
      if (last == CivilDay::Max()) return CivilDay::Max();
      int worked = 0;
      for (CivilDay day = first; day <= last; ++day) worked += working_days_.IsWorkingDay(day) ? 1 : 0;
      int wanted = worked >= rule_.long_absence_working_days ? rule_.return_working_days : 1;
      for (due = last; wanted > 0;) {
        ++due;
        if (working_days_.IsWorkingDay(due)) --wanted;
      }
    } else if (!working_days_.IsWorkingDay(due)) {
      ++due;
    } else {
      return due;
    }
  }
}

// ---- Runs, events, due dates.

std::optional<Oracle::RunOfDays> Oracle::RunAround(CivilDay day) const {
  CivilDay anchor = day;
  // In a short interruption: the run is that of the last day before it.
  while (!On(anchor).applies) {
    if (anchor < first_) return std::nullopt;
    anchor = anchor - 1;
  }
  RunOfDays run{anchor, anchor, BaseReason::kRuleApplies};
  while (true) {
    if (On(run.first).restarts) {
      // The next placement begins anew, but only what went on before can begin anew.
      CivilDay before = run.first - 1;
      int interrupted = 0;
      for (; before >= first_ && !On(before).applies; before = before - 1) {
        interrupted += working_days_.IsWorkingDay(before) ? 1 : 0;
      }
      if (before >= first_ && interrupted <= rule_.bridge_working_days)
        run.reason = BaseReason::kNextPlacement;
      break;
    }
    CivilDay before = run.first - 1;
    int interrupted = 0;
    for (; before >= first_ && !On(before).applies; before = before - 1) {
      interrupted += working_days_.IsWorkingDay(before) ? 1 : 0;
    }
    if (before < first_ || interrupted > rule_.bridge_working_days) break;
    run.first = before;
  }
  while (true) {
    CivilDay after = run.last + 1;
    int interrupted = 0;
    for (; after < horizon_ && !On(after).applies; ++after) {
      interrupted += working_days_.IsWorkingDay(after) ? 1 : 0;
    }
    if (after >= horizon_) {
      if (On(horizon_ - 1).applies) run.last = CivilDay::Max();
      break;
    }
    if (interrupted > rule_.bridge_working_days || On(after).restarts) break;
    run.last = after;
  }
  if (run.last < day) return std::nullopt;
  if (run.first == first_) {
    run.reason =
        first_ == assignment_.effective_from ? BaseReason::kPolicyEffective : BaseReason::kRecordsComplete;
  }
  return run;
}

// The days on which something happened that counts, each with the first by name.
std::map<CivilDay, std::string> Oracle::Events() const {
  const auto supervised = [&](const SessionFact& session) {
    bool found = false;
    world_.ForEach<SupervisorLinkFact>([&](const std::string&, const SupervisorLinkFact& link) {
      if (link.worker == session.supervisee && link.supervisor == session.supervisor &&
          Has(link.period, *session.day) && In(rule_.led_by, static_cast<int>(link.function))) {
        found = true;
      }
    });
    return found;
  };
  const auto counts = [&](const SessionFact& session) {
    return session.day && session.state == SessionState::kHeld && rule_.session_kinds != 0 &&
           In(rule_.session_kinds, static_cast<int>(session.kind)) && supervised(session);
  };
  std::map<CivilDay, std::string> events;
  if (rule_.subject == SubjectKind::kWorker) {
    world_.ForEach<SessionFact>([&](const std::string& name, const SessionFact& session) {
      if (session.supervisee == subject_ && counts(session)) events.emplace(*session.day, name);
    });
    return events;
  }
  world_.ForEach<DiscussionFact>([&](const std::string& name, const DiscussionFact& discussion) {
    const SessionFact* session = world_.Find<SessionFact>(discussion.session);
    if (discussion.case_name != subject_ || session == nullptr || !counts(*session)) return;
    bool holds = false;
    world_.ForEach<AllocationFact>([&](const std::string&, const AllocationFact& a) {
      if (a.case_name != subject_ || a.worker != session->supervisee || !Has(a.period, *session->day)) return;
      holds = holds || a.covers_keyworker || a.role == AllocationRole::kKeyworker ||
              a.role == AllocationRole::kPersonalAdviser ||
              a.role == AllocationRole::kSupervisingSocialWorker;
    });
    if (holds) events.emplace(*session->day, name);
  });
  return events;
}

std::optional<Interval> Oracle::IntervalOn(CivilDay day) const {
  const DayState& state = On(day);
  if (!state.applies || state.unknown) return std::nullopt;
  return state.every;
}

CivilDay Oracle::DueDate(const RunOfDays& run, CivilDay base) const {
  // The days on which an interval came into force, the base first.
  std::vector<CivilDay> changes;
  CivilDay due = CivilDay::Max();
  if (const std::optional<Interval> interval = IntervalOn(base)) {
    changes.push_back(base);
    due = Later(base, *interval);
  }
  for (CivilDay day = base + 1; day < due && day < horizon_; ++day) {
    if (day > run.last) return CivilDay::Max();
    const std::optional<Interval> interval = IntervalOn(day);
    if (interval == IntervalOn(day - 1) || !interval) continue;
    changes.push_back(day);
    due = CivilDay::Max();
    for (const CivilDay change : changes) {
      CivilDay longest = change;
      for (CivilDay d = change; d <= day; ++d) {
        if (IntervalOn(d)) longest = std::max(longest, Later(change, *IntervalOn(d)));
      }
      due = std::min(due, longest);
    }
  }
  return due;
}

// ---- Answers.

std::optional<Verdict> Oracle::Judge(CivilDay as_of) const {
  const DayState& today = On(as_of);
  if (!today.applies) return std::nullopt;
  const RunOfDays run = *RunAround(as_of);
  Verdict verdict;
  verdict.row = rule_.rows[today.row].id;
  verdict.missing = today.missing;
  verdict.input = today.input;
  verdict.base = run.first;
  verdict.base_reason = run.reason;
  for (const auto& [day, name] : events_) {
    if (day < run.first || day > as_of) continue;
    verdict.base = day;
    verdict.base_reason = BaseReason::kEvent;
    verdict.event = name;
  }
  verdict.unadjusted_due = DueDate(run, verdict.base);
  verdict.due = MoveDueDate(verdict.unadjusted_due);
  const bool has_due = verdict.due != CivilDay::Max();

  const bool weekly = today.every.unit == Interval::Unit::kDays && today.every.count <= 7;
  const int notice = rule_.notice_days.value_or(weekly ? 2 : 7);
  bool passed_while_known = false;
  if (has_due) {
    for (CivilDay day = verdict.due + 1; day <= as_of; ++day)
      passed_while_known |= IntervalOn(day).has_value();
    verdict.days_overdue = DaysPresent(verdict.due, as_of);
  }
  if (Away(as_of)) {
    verdict.status = Status::kExcused;
  } else if (today.unknown && !passed_while_known) {
    verdict.status = Status::kUnknown;
    verdict.days_overdue = 0;
  } else if (has_due && as_of > verdict.due) {
    verdict.status = Status::kOverdue;
  } else if (has_due && verdict.due - notice <= as_of) {
    verdict.status = Status::kDueSoon;
  } else {
    verdict.status = verdict.event.empty() ? Status::kPending : Status::kMet;
  }
  return verdict;
}

std::vector<PastGap> Oracle::History(CivilDay until) const {
  std::vector<PastGap> gaps;
  std::optional<RunOfDays> run;
  PastGap gap;
  const auto unknown_since = [&](CivilDay from, CivilDay to) {
    for (CivilDay day = from; day < to; ++day) {
      if (On(day).unknown) return true;
    }
    return false;
  };
  const auto begin = [&](CivilDay day) {
    gap = PastGap{};
    gap.base = day;
    if (events_.contains(day)) gap.event = events_.at(day);
    gap.due = MoveDueDate(DueDate(*run, day));
  };
  for (CivilDay day = first_; day <= until; ++day) {
    if (run && day > run->last) {
      gap.outcome = Outcome::kLapsed;
      gap.closed = run->last + 1;
      gap.days_overdue = DaysPresent(gap.due, run->last);
      gaps.push_back(gap);
      run.reset();
    }
    if (!run) {
      if (!On(day).applies) continue;
      run = RunAround(day);
      begin(day);
      continue;
    }
    if (!events_.contains(day)) continue;
    gap.closed = day;
    gap.closing_event = events_.at(day);
    gap.days_overdue = DaysPresent(gap.due, day);
    gap.outcome = gap.days_overdue > 0           ? Outcome::kLate
                  : unknown_since(gap.base, day) ? Outcome::kUnknown
                                                 : Outcome::kMet;
    gaps.push_back(gap);
    begin(day);
  }
  if (run) {
    gap.days_overdue = DaysPresent(gap.due, until);
    gaps.push_back(gap);
  }
  return gaps;
}

}  // namespace oversight::engine::testing
