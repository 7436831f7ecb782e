// How instances stand on a day, and which of them speaks for the rule.

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "services/compliance/engine/evaluate.h"

namespace oversight::engine {
namespace {

constexpr int kNoticeDays = 7;
constexpr int kNoticeDaysOfWeekly = 2;
constexpr int kWeek = 7;

// Of what is open, what is missed speaks before what may be, and that before what can still be done in time.
int Precedence(Status open) { return open == Status::kOverdue ? 0 : open == Status::kUnknown ? 1 : 2; }

// By name, so that the order in which facts came does not show; nothing comes before anything.
bool NamedBefore(const AuthorityFacts& facts, FactKind kind, uint32_t a, uint32_t b) {
  if (a == b || b == Finding::kNoEvent) return false;
  return a == Finding::kNoEvent || facts.NamedBefore(kind, a, b);
}

// Of one day what is not kept speaks first, then what is still to come, then what was let off.
int Urgency(Status status) {
  constexpr Status kFirstToLast[] = {Status::kOverdue, Status::kBreached, Status::kUnknown, Status::kLate,
                                     Status::kDueSoon, Status::kPending,  Status::kExcused, Status::kMet};
  return static_cast<int>(std::find(std::begin(kFirstToLast), std::end(kFirstToLast), status) -
                          std::begin(kFirstToLast));
}

Outcome OutcomeOf(Status status, bool open_then, bool over) {
  switch (status) {
    case Status::kMet:
      return Outcome::kMet;
    case Status::kLate:
      return Outcome::kLate;
    case Status::kBreached:
      return Outcome::kBroken;
    case Status::kExcused:
      return Outcome::kExcused;
    case Status::kUnknown:
      return Outcome::kUnknown;
    default:
      return open_then && !over ? Outcome::kOpen : Outcome::kLapsed;
  }
}

// `said`: a finding or a gap.
template <typename Said>
std::string Which(const Rule& rule, const AuthorityFacts& facts, const Said& said) {
  std::string which;
  if (said.clock != kOneClock) {
    if (said.clock != rule.event->values.front()) absl::StrAppend(&which, "value ", said.clock);
    return which;
  }
  const bool follow_up = rule.As<FollowUp>() != nullptr;
  const bool by_step = rule.As<Deadline>() != nullptr || rule.As<Sequence>() != nullptr;
  if (by_step && said.row > 0)
    absl::StrAppend(&which, "step ", rule.rows[static_cast<size_t>(said.row)].id, "\n");
  if ((by_step || follow_up) && said.event != Finding::kNoEvent)
    absl::StrAppend(&which, "record ", facts.Name(EventKindOf(rule, said.row), said.event), "\n");
  // Beside a session there is the wait for the next one, of which nothing is due.
  if (follow_up && said.event != Finding::kNoEvent && said.due == CivilDay::Max())
    absl::StrAppend(&which, "until the next");
  return which;
}

}  // namespace

FactKind EventKindOf(const Rule& rule, int row) {
  if (const auto* deadline = rule.As<Deadline>(); deadline != nullptr && row >= 0) {
    const auto& each = deadline->steps[static_cast<size_t>(row)].each;
    return each ? each->of : FactKind::kNone;
  }
  if (const auto* sequence = rule.As<Sequence>()) return sequence->each.of;
  if (rule.As<FollowUp>() != nullptr || rule.As<Coverage>() != nullptr) return FactKind::kSession;
  if (rule.As<Recurring>() != nullptr || rule.As<CalendarMonth>() != nullptr) return Events::KindOf(rule);
  return FactKind::kNone;
}

std::string WhichOfItsDay(const Rule& rule, const AuthorityFacts& facts, const Finding& finding) {
  return Which(rule, facts, finding);
}

std::string WhichOfItsDay(const Rule& rule, const AuthorityFacts& facts, const Gap& gap) {
  return Which(rule, facts, gap);
}

Subjected Evaluator::MakeSubjected(const Asking& asking, uint32_t subject) const {
  return Subjected(asking, {rule_.subject, subject}, Window(assignment_, asking.facts()), timeless_);
}

InstanceList Evaluator::Instances(const Subjected& s, CivilDay as_of, bool all) const {
  if (s.NeverInScope()) return {};
  if (const auto* month = rule_.As<CalendarMonth>()) return MonthInstances(s, *month, as_of, all);
  if (const auto* deadline = rule_.As<Deadline>()) return DeadlineInstances(s, *deadline);
  if (const auto* follow_up = rule_.As<FollowUp>()) return FollowUpInstances(s, *follow_up);
  if (const auto* coverage = rule_.As<Coverage>()) return CoverageInstances(s, *coverage, as_of, all);
  if (const auto* standing = rule_.As<Standing>())
    return StandingInstances(s, standing->must, standing->on, standing->can_be_mended, standing->grace);
  if (const auto* sequence = rule_.As<Sequence>()) return SequenceInstances(s, *sequence);
  if (const auto* minimum = rule_.As<Minimum>()) return MinimumInstances(s, *minimum, as_of);
  return {};
}

bool Evaluator::IsOpen(const Instance& instance, Status status, CivilDay as_of) {
  // Of what may have been done, or in time, it is open whether it was.
  if (instance.done <= as_of && instance.timing != Instance::Timing::kInDoubt) return false;
  switch (status) {
    case Status::kPending:
    case Status::kDueSoon:
    case Status::kOverdue:
      return true;
    case Status::kUnknown:
      return instance.course == Instance::Course::kToDo || instance.course == Instance::Course::kUnknown;
    default:
      return false;
  }
}

void Evaluator::Judge(const Subjected& s, const Instance& instance, CivilDay as_of, Finding& finding) const {
  finding.base = instance.base;
  finding.base_reason = BaseReason::kItself;
  finding.row = instance.row;
  finding.event = instance.event;
  finding.due = finding.unadjusted_due = instance.due;
  if (instance.due != CivilDay::Max()) {
    const int length = instance.due - instance.base;
    finding.notice_from =
        instance.due - rule_.notice_days.value_or(length <= kWeek ? kNoticeDaysOfWeekly : kNoticeDays);
  }
  const bool done = instance.done <= as_of;
  const CivilDay last = done ? instance.done : as_of;
  if (instance.due < last) {
    finding.days_overdue = s.subject.kind == SubjectKind::kWorker
                               ? s.absences().DaysPresent(instance.due, last)
                               : last - instance.due;
  }
  const auto unknown = [&] {
    finding.status = Status::kUnknown;
    finding.missing = Missing::kInput;
    finding.input = instance.input;
    finding.days_overdue = 0;
  };
  switch (instance.course) {
    case Instance::Course::kHolds:
      finding.status = as_of >= finding.notice_from ? Status::kDueSoon : Status::kMet;
      finding.days_overdue = 0;
      return;
    case Instance::Course::kBroken:
      finding.status = Status::kBreached;
      return;
    case Instance::Course::kExcused:
      finding.status = Status::kExcused;
      finding.days_overdue = 0;
      return;
    case Instance::Course::kUnknown:
      unknown();
      return;
    case Instance::Course::kToDo:
      break;
  }
  if (done) {
    using Timing = Instance::Timing;
    const bool in_time = instance.timing == Timing::kByDay ? instance.done <= instance.due
                                                           : instance.timing == Timing::kInTime;
    finding.status = in_time ? Status::kMet : Status::kLate;
    if (instance.timing == Timing::kInDoubt) unknown();
  } else if (rule_.As<CalendarMonth>() != nullptr && s.absences().Contains(as_of)) {
    finding.status = Status::kExcused;
    finding.days_overdue = 0;
  } else if (as_of > instance.due) {
    finding.status = instance.final ? Status::kBreached : Status::kOverdue;
    if (instance.final) finding.days_overdue = 0;
  } else {
    finding.status = as_of >= finding.notice_from ? Status::kDueSoon : Status::kPending;
  }
}

const Instance* Evaluator::Choose(const Subjected& s, std::span<const Instance> instances, CivilDay as_of,
                                  Finding& finding, CivilDay& next) const {
  struct Judged {
    const Instance* instance = nullptr;
    Status status = Status::kPending;
  };
  Judged oldest_open;
  Judged latest;
  // By name in the end, so that the order in which facts came does not show. The more urgent first, or last.
  const auto before = [&](const Judged& a, const Judged& b, bool urgent_first) {
    const Instance& one = *a.instance;
    const Instance& other = *b.instance;
    if (one.base != other.base) return one.base < other.base;
    if (one.waiting != other.waiting) return other.waiting;
    const int urgency = Urgency(a.status) - Urgency(b.status);
    if (urgency != 0) return urgent_first == (urgency < 0);
    if (one.row != other.row) return one.row < other.row;
    return NamedBefore(s.facts(), EventKindOf(rule_, one.row), one.event, other.event);
  };
  const auto consider = [&](CivilDay day) {
    if (day > as_of) next = std::min(next, day);
  };
  // The last that was judged is mostly the one that speaks.
  const Instance* told = nullptr;
  for (const Instance& instance : instances) {
    if (instance.base > as_of || as_of >= instance.until) continue;
    finding = Finding();
    Judge(s, instance, as_of, finding);
    told = &instance;
    const Judged judged{&instance, finding.status};
    if (instance.due != CivilDay::Max()) {
      consider(instance.due + 1);
      consider(finding.notice_from);
    }
    if (IsOpen(instance, judged.status, as_of)) {
      const int precedes =
          oldest_open.instance == nullptr ? -1 : Precedence(judged.status) - Precedence(oldest_open.status);
      if (precedes < 0 || (precedes == 0 && before(judged, oldest_open, true))) oldest_open = judged;
    }
    if (latest.instance == nullptr || before(latest, judged, false)) latest = judged;
  }
  // The latest speaks where none is open; a broken one, which never is, until a later one has begun.
  const bool latest_speaks = oldest_open.instance == nullptr ||
                             (latest.status == Status::kBreached && oldest_open.status != Status::kOverdue);
  const Instance* chosen = latest_speaks ? latest.instance : oldest_open.instance;
  if (chosen != told) {
    finding = Finding();
    Judge(s, *chosen, as_of, finding);
  }
  return chosen;
}

bool Evaluator::SpeaksOnlyInScope() const {
  const auto* standing = rule_.As<Standing>();
  return rule_.As<CalendarMonth>() != nullptr || rule_.As<Minimum>() != nullptr ||
         (standing != nullptr && !standing->on.Given());
}

std::optional<Finding> Evaluator::EvaluateInstances(const Asking& asking, uint32_t subject, CivilDay as_of,
                                                    CivilDay* next_change) const {
  const AuthorityFacts& facts = asking.facts();
  const Subjected s = MakeSubjected(asking, subject);
  if (s.NeverInScope()) {
    if (next_change != nullptr) *next_change = CivilDay::Max();
    return std::nullopt;
  }
  if (next_change == nullptr && SpeaksOnlyInScope() && !s.MayBeInScope(as_of)) return std::nullopt;
  CivilDay next = CivilDay::Max();
  const auto consider = [&](CivilDay day) {
    if (day > as_of) next = std::min(next, day);
  };
  InstanceList instances = Instances(s, as_of, false);
  const auto has_begun = [&](const Instance& instance) {
    return instance.base <= as_of && as_of < instance.until;
  };
  // Where no month from that of the latest event on counts, the last one before it speaks.
  const bool monthly = rule_.As<CalendarMonth>() != nullptr;
  if (monthly && std::none_of(instances.begin(), instances.end(), has_begun)) {
    instances = Instances(s, as_of, true);
  }
  for (const Instance& instance : instances) {
    consider(instance.base);
    consider(instance.until);
    consider(instance.done);
  }
  Finding of_chosen;
  const Instance* chosen = Choose(s, {instances.data(), instances.size()}, as_of, of_chosen, next);
  // A month is spoken of only while the rule applies; what happened once outlives that.
  const bool while_in_scope = monthly || rule_.As<Minimum>() != nullptr;
  std::optional<Finding> finding;
  if (chosen != nullptr && (!while_in_scope || s.MayBeInScope(as_of))) finding = of_chosen;
  if (const auto* coverage = rule_.As<Coverage>(); coverage != nullptr && finding) {
    finding->lacking = static_cast<uint32_t>(NotCovered(s, *coverage, *chosen, as_of).size());
  }
  if (next_change == nullptr) return finding;

  if (while_in_scope) {
    for (const IntervalSet* days : {&s.scope(), &s.possible_scope()}) {
      for (const Period& period : days->periods()) {
        consider(period.start);
        consider(period.end);
      }
    }
    consider(s.absences().NextChange(as_of));
    // No month beyond the next was looked at.
    const auto* minimum = rule_.As<Minimum>();
    const bool each_month = monthly || minimum->judged == Minimum::Judged::kEachMonth;
    const auto scope = s.possible_scope().periods();
    if (each_month && !scope.empty() && scope.back().end > as_of) {
      consider(AddMonths(FirstOfMonth(as_of), 2));
    }
  }
  if (finding) consider(NextChangeOfTeam(facts, subject, as_of));
  if (rule_.As<Coverage>() != nullptr) {
    for (const EventRef& event : facts.worker(subject).sessions) consider(event.day);
  }
  if (finding) finding->next_change = next;
  *next_change = next;
  return finding;
}

std::vector<Gap> Evaluator::HistoryOfInstances(const AuthorityFacts& facts, uint32_t subject,
                                               CivilDay until) const {
  const Asking asking(rule_, facts, working_days_);
  const Subjected s = MakeSubjected(asking, subject);
  std::vector<Gap> gaps;
  for (const Instance& instance : Instances(s, until, true)) {
    if (instance.waiting || instance.base > until) continue;
    const bool over = instance.until <= until;
    // How it stood when it ended; what was done on the day of its end was done.
    const CivilDay as_of =
        over ? std::max(instance.done == instance.until ? instance.done : instance.until - 1, instance.base)
             : until;
    Finding finding;
    Judge(s, instance, as_of, finding);
    Gap gap;
    gap.outcome = OutcomeOf(finding.status, true, over);
    if (instance.course == Instance::Course::kHolds) gap.outcome = Outcome::kMet;
    // Away today; when they are back it is asked again.
    if (finding.status == Status::kExcused && instance.course == Instance::Course::kToDo) {
      gap.outcome = Outcome::kOpen;
    }
    gap.base = instance.base;
    gap.base_reason = finding.base_reason;
    gap.event = instance.event;
    gap.row = instance.row;
    gap.due = gap.unadjusted_due = instance.due;
    gap.days_overdue = finding.days_overdue;
    if (instance.done <= until) {
      gap.closed = instance.done;
      gap.closing_event = instance.closing_event;
    } else if (over) {
      gap.closed = instance.until;
    }
    gaps.push_back(gap);
  }
  std::sort(gaps.begin(), gaps.end(), [&](const Gap& a, const Gap& b) {
    if (std::tie(a.base, a.row) != std::tie(b.base, b.row))
      return std::tie(a.base, a.row) < std::tie(b.base, b.row);
    return NamedBefore(facts, EventKindOf(rule_, a.row), a.event, b.event);
  });
  return gaps;
}

}  // namespace oversight::engine
