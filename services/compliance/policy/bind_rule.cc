// The kinds of obligation.

#include "services/compliance/policy/bind_impl.h"

namespace oversight::policy {
namespace {

namespace v1 = ::oversight::compliance::v1;
using engine::FactKind;
using engine::SubjectKind;

constexpr int kMaxTime = 3660;
constexpr int kMaxAvailableDays = 20;

uint16_t ColumnOfKnown(FactKind kind, absl::string_view name) {
  return RecordSchema().Of(kind).FindColumn(name);
}

// The way to the worker, case or team that answers for a record: its supervisee, the one above it, or whom it
// names.
engine::Path AnswerableOf(FactKind kind) {
  engine::Path path;
  const auto is_end = [](FactKind k) {
    return k == FactKind::kWorker || k == FactKind::kCase || k == FactKind::kTeam ||
           k == FactKind::kAuthority;
  };
  while (!is_end(kind)) {
    const engine::KindSchema& schema = RecordSchema().Of(kind);
    uint16_t column = engine::kNoColumn;
    for (const absl::string_view name : {"supervisee", "parent", "case", "worker", "carer_case", "team"}) {
      column = schema.FindColumn(name);
      if (column != engine::kNoColumn) break;
    }
    if (column == engine::kNoColumn) return {};
    const FactKind next = schema.columns[column].target;
    if (is_end(next)) {
      path.kind = kind;
      path.column = column;
      path.target = next;
    } else {
      path.hops.push_back({kind, column});
    }
    kind = next;
  }
  return path;
}

class RuleBinder {
 public:
  RuleBinder(const Placed<v1::RuleDefinition>& rule, engine::Rule& bound, std::vector<Fault>& faults)
      : rule_(rule), bound_(bound), faults_(faults), binder_(bound, faults) {}

  void Run() {
    BindSubject();
    subject_.kind = bound_.subject;
    if (bound_.subject == FactKind::kNone) return;
    bound_.answerable = AnswerableOf(bound_.subject);
    bound_.when = binder_.BindWhen(rule_, "when", rule_->when(), rule_->has_when(), subject_);
    switch (rule_->kind_case()) {
      case v1::RuleDefinition::kRecurring:
        return BindRecurring(rule_.Into("recurring", rule_->recurring()));
      case v1::RuleDefinition::kCalendarMonth:
        return BindMonth(rule_.Into("calendar_month", rule_->calendar_month()));
      case v1::RuleDefinition::kDeadline:
        return BindDeadline(rule_.Into("deadline", rule_->deadline()));
      case v1::RuleDefinition::kFollowUp:
        return BindFollowUp(rule_.Into("follow_up", rule_->follow_up()));
      case v1::RuleDefinition::kCoverage:
        return BindCoverage(rule_.Into("coverage", rule_->coverage()));
      case v1::RuleDefinition::kStanding:
        return BindStanding(rule_.Into("standing", rule_->standing()));
      case v1::RuleDefinition::kSequence:
        return BindSequence(rule_.Into("sequence", rule_->sequence()));
      case v1::RuleDefinition::kMinimum:
        return BindMinimum(rule_.Into("minimum", rule_->minimum()));
      case v1::RuleDefinition::KIND_NOT_SET:
        return;
    }
  }

 private:
  using Wanted = Binder::Wanted;
  void Add(Fault fault) { faults_.push_back(std::move(fault)); }

  // A recurring obligation or calendar month may say by its event whom it is about.
  void BindSubject() {
    std::optional<SubjectKind> implied;
    const auto imply = [&](const auto& obligation) {
      if (obligation.has_supervision_session()) implied = SubjectKind::kWorker;
      if (obligation.has_case_discussion()) implied = SubjectKind::kCase;
    };
    if (rule_->has_recurring()) imply(rule_->recurring());
    if (rule_->has_calendar_month()) imply(rule_->calendar_month());
    if (rule_->has_coverage()) implied = SubjectKind::kWorker;
    if (!rule_->about().empty()) {
      bound_.subject = binder_.Kind(rule_, "about", rule_->about());
      if (implied && bound_.subject != FactKind::kNone && bound_.subject != *implied) {
        Add(rule_.At("about", absl::StrCat("what must happen happens to a ", ShortName(*implied),
                                           ": expected `about` to say so, or to be left out")));
      }
    } else if (implied) {
      bound_.subject = *implied;
    } else {
      bound_.subject = FactKind::kNone;
      // An event that is not said at all is another fault.
      if (!rule_->has_recurring() || rule_->recurring().has_record()) {
        Add(rule_.Here("it is not said whom the rule is about: expected `about`"));
      }
    }
  }

  engine::TimeAllowed Time(const Placed<v1::TimeAllowed>& time) {
    const v1::TimeAllowed& t = *time;
    const int set =
        (t.hours() != 0) + (t.days() != 0) + (t.working_days() != 0) + (t.weeks() != 0) + (t.months() != 0);
    for (const int number : {t.hours(), t.days(), t.working_days(), t.weeks(), t.months()}) {
      if (number < 0 || number > kMaxTime) {
        Add(time.Here(absl::StrCat("a time of ", number, ": expected 1 to ", kMaxTime)));
      }
    }
    if (set != 1) {
      Add(time.Here("expected exactly one of hours, days, working_days, weeks and months, 1 or more"));
    }
    using Unit = engine::TimeAllowed::Unit;
    if (t.hours() != 0) return {t.hours(), Unit::kHours};
    if (t.working_days() != 0) return {t.working_days(), Unit::kWorkingDays};
    if (t.months() != 0) return {t.months(), Unit::kMonths};
    constexpr int kDaysAWeek = 7;
    return {t.days() + t.weeks() * kDaysAWeek, Unit::kDays};
  }

  void BindSessions(const v1::SupervisionSession& session) {
    bound_.session_kinds = MaskOf(session.kind());
    bound_.led_by = MaskOf(session.led_by());
  }

  template <typename Obligation>
  void BindEvent(const Placed<Obligation>& obligation) {
    if (obligation->has_supervision_session()) {
      BindSessions(obligation->supervision_session());
      bound_.event_owner = ColumnOfKnown(FactKind::kSession, "supervisee");
    } else if (obligation->has_case_discussion()) {
      bound_.session_kinds = MaskOf(obligation->case_discussion().session_kind());
      bound_.event_owner = ColumnOfKnown(FactKind::kDiscussion, "case");
    } else if (obligation->has_record()) {
      bound_.event = binder_.Bind(obligation.Into("record", obligation->record()), subject_);
    }
  }

  // Its rows are checked and compiled elsewhere, but for what their conditions say of records.
  void BindRecurring(const Placed<v1::RecurringObligation>& recurring) {
    BindEvent(recurring);
    for (int i = 0; i < recurring->rows_size(); ++i) {
      const auto row = recurring.Into("rows", recurring->rows(i), i);
      const auto when = binder_.BindWhen(row, "when", row->when(), row->has_when(), subject_);
      bound_.rows.push_back({.when = when.empty() ? engine::Condition{} : when.front()});
      if (row->has_every_of())
        bound_.rows.back().every_of = BindInterval(row.Into("every_of", row->every_of()));
    }
  }

  std::optional<engine::IntervalOfRecords> BindInterval(const Placed<v1::IntervalOfRecords>& every) {
    engine::IntervalOfRecords bound;
    if (!every->has_record()) return std::nullopt;
    bound.records = binder_.Bind(every.Into("record", every->record()), subject_);
    if (bound.records.of == FactKind::kNone) return std::nullopt;
    const Around record{bound.records.of, &subject_};
    if (!every->days().empty())
      bound.days = binder_.BindPath(every, "days", every->days(), record, Wanted::kNumber);
    if (!every->months().empty())
      bound.months = binder_.BindPath(every, "months", every->months(), record, Wanted::kNumber);
    return bound;
  }

  void BindMonth(const Placed<v1::CalendarMonthObligation>& month) {
    BindEvent(month);
    if (month->event_case() == v1::CalendarMonthObligation::EVENT_NOT_SET) {
      Add(month.Here(
          "it is not said what must happen: expected `supervision_session`, `case_discussion` or `record`"));
    }
    engine::CalendarMonth bound;
    if (month->has_available_working_days()) bound.available_working_days = month->available_working_days();
    if (bound.available_working_days < 1 || bound.available_working_days > kMaxAvailableDays) {
      Add(month.At("available_working_days",
                   absl::StrCat("available_working_days ", bound.available_working_days, ": expected 1 to ",
                                kMaxAvailableDays)));
    }
    bound.working_pattern = ColumnOfKnown(FactKind::kPost, "working_days");
    const Around record{bound_.event                           ? bound_.event->of
                        : bound_.subject == SubjectKind::kCase ? FactKind::kDiscussion
                                                               : FactKind::kSession,
                        &subject_};
    for (int i = 0; i < month->rows_size(); ++i) {
      const auto line = month.Into("rows", month->rows(i), i);
      engine::Row row{.id = line->id(), .title = line->title()};
      const auto when = binder_.BindWhen(line, "when", line->when(), line->has_when(), subject_);
      if (!when.empty()) row.when = when.front();
      row.event = binder_.BindWhen(line, "event", line->event(), line->has_event(), record);
      bound_.rows.push_back(std::move(row));
    }
    bound_.obligation = bound;
  }

  void BindDeadline(const Placed<v1::DeadlineObligation>& deadline) {
    engine::Deadline bound;
    bound.final = deadline->final();
    if (deadline->steps().empty()) Add(deadline.Here("no `steps`: expected at least one"));
    for (int i = 0; i < deadline->steps_size(); ++i) {
      const auto step = deadline.Into("steps", deadline->steps(i), i);
      bound_.rows.push_back({.id = step->id(), .title = step->title()});
      bound.steps.push_back(BindStep(step));
    }
    bound_.obligation = std::move(bound);
  }

  // Where it is not set nothing is missing: nothing is due yet.
  static bool IsEndOfWhatRuns(const engine::Path& date) {
    return !date.Given() || date.column == RecordSchema().Of(date.kind).until;
  }

  // A limit that is a date which is not set leaves open what is asked: no date lies before itself.
  void AskForLimit(const Placed<v1::DeadlineStep>& step, const Around& around, engine::DeadlineStep& bound) {
    const engine::Path& limit = bound.until;
    if (IsEndOfWhatRuns(limit)) return;
    const std::string& name = step->has_before() ? step->before()
                              : step->has_by()   ? step->by()
                                                 : step->halfway_to();
    engine::FieldCondition is_set{
        .field = limit, .test = engine::FieldCondition::Test::kNotBefore, .other = limit};
    is_set.input = binder_.Input(name, around.kind);
    if (bound.when.empty()) bound.when.emplace_back();
    bound.when.front().fields.push_back(std::move(is_set));
  }

  // What to name where a time of day is missing: the field that would hold it, or the day that has none.
  uint16_t TimeOf(const engine::Path& time, const engine::Path& day) {
    const engine::Path& path = time.Given() ? time : day;
    if (!path.Given() || path.column == engine::kNoColumn) return engine::kNoInput;
    const std::string& field = RecordSchema().Of(path.kind).columns[path.column].name;
    return binder_.Input(time.Given() ? field : absl::StrCat("the time of day of ", field), path.kind);
  }

  engine::DeadlineStep BindStep(const Placed<v1::DeadlineStep>& step) {
    engine::DeadlineStep bound;
    Around at = subject_;
    Around record{FactKind::kNone, &subject_};
    bool about_record = false;
    switch (step->trigger_case()) {
      case v1::DeadlineStep::kOn:
        bound.on = binder_.BindPath(step, "on", step->on(), subject_, Wanted::kDay);
        break;
      case v1::DeadlineStep::kStartOf:
        bound.start_of = binder_.BindWhen(step, "start_of", step->start_of(), true, subject_);
        break;
      case v1::DeadlineStep::kEach:
        bound.each = binder_.Bind(step.Into("each", step->each()), subject_);
        record.kind = bound.each->of;
        about_record = true;
        break;
      case v1::DeadlineStep::TRIGGER_NOT_SET:
        Add(step.Here("it is not said what starts the time: expected `on`, `start_of` or `each`"));
    }
    const Around& around = about_record ? record : at;
    if (around.kind == FactKind::kNone) return bound;
    const auto time_of = [&](absl::string_view field, const std::string& path) {
      return path.empty() ? engine::Path{} : binder_.BindPath(step, field, path, around, Wanted::kDay);
    };
    bound.trigger_time = time_of("trigger_time", step->trigger_time());
    using Limit = engine::DeadlineStep::Limit;
    switch (step->limit_case()) {
      case v1::DeadlineStep::kWithin:
        bound.time = Time(step.Into("within", step->within()));
        break;
      case v1::DeadlineStep::kBefore:
        bound.limit = Limit::kBefore;
        bound.until = time_of("before", step->before());
        bound.until_time = time_of("before_time", step->before_time());
        break;
      case v1::DeadlineStep::kBy:
        bound.limit = Limit::kBy;
        bound.until = time_of("by", step->by());
        break;
      case v1::DeadlineStep::kHalfwayTo:
        bound.limit = Limit::kHalfwayTo;
        bound.until = time_of("halfway_to", step->halfway_to());
        break;
      case v1::DeadlineStep::LIMIT_NOT_SET:
        Add(step.Here("it is not said how long there is: expected `within`, `before`, `by` or `halfway_to`"));
    }
    if (step->has_plus()) bound.time = Time(step.Into("plus", step->plus()));
    for (int i = 0; i < step->stricter_size(); ++i) {
      const auto stricter = step.Into("stricter", step->stricter(i), i);
      bound.stricter.push_back(
          {binder_.BindWhen(stricter, "when", stricter->when(), stricter->has_when(), around),
           Time(stricter.Into("within", stricter->within()))});
    }
    bound.done_on = time_of("done_on", step->done_on());
    bound.done_time = time_of("done_time", step->done_time());
    bound.done = binder_.BindWhen(step, "done", step->done(), step->has_done(), around);
    if (step->done_on().empty() && step->done_time().empty() && !step->has_done()) {
      Add(step.Here("it is not said when it is done: expected `done_on`, `done_time` or `done`"));
    }
    bound.when = binder_.BindWhen(step, "when", step->when(), step->has_when(), around);
    AskForLimit(step, around, bound);
    const engine::Path& from = bound.limit == Limit::kBefore ? bound.until
                               : bound.each                  ? bound.each->on
                                                             : bound.on;
    bound.limit_input = TimeOf(bound.limit == Limit::kBefore ? bound.until_time : bound.trigger_time, from);
    bound.done_input = TimeOf(bound.done_time, bound.done_on);
    return bound;
  }

  void BindFollowUp(const Placed<v1::FollowUpObligation>& follow_up) {
    engine::FollowUp bound;
    bound.after = binder_.BindPath(follow_up, "after", follow_up->after(), subject_, Wanted::kDay);
    FactKind wanted = FactKind::kWorker;
    if (follow_up->has_worker()) {
      bound.whose = binder_.BindPath(follow_up, "worker", follow_up->worker(), subject_, Wanted::kRecord);
    } else if (follow_up->has_holder_of_case()) {
      bound.holder_of_case = true;
      wanted = FactKind::kCase;
      bound.whose = binder_.BindPath(follow_up, "holder_of_case", follow_up->holder_of_case(), subject_,
                                     Wanted::kRecord);
    } else {
      Add(follow_up.Here("whose sessions? expected `worker` or `holder_of_case`"));
    }
    if (bound.whose.Given() && bound.whose.target != wanted) {
      Add(follow_up.At(
          bound.holder_of_case ? "holder_of_case" : "worker",
          absl::StrCat("it names a ", ShortName(bound.whose.target), ": expected a ", ShortName(wanted))));
    }
    NeedSessions(follow_up, follow_up->sessions());
    const Around session{FactKind::kSession, &subject_};
    bound.followed_up = binder_.BindWhen(follow_up, "followed_up", follow_up->followed_up(),
                                         follow_up->has_followed_up(), session);
    if (!follow_up->has_followed_up())
      Add(follow_up.Here("no `followed_up`: expected what the session must show"));
    if (!follow_up->until().empty()) {
      bound.until = binder_.BindPath(follow_up, "until", follow_up->until(), subject_, Wanted::kDay);
    }
    bound.supervisee = ColumnOfKnown(FactKind::kSession, "supervisee");
    bound.allocated_worker = ColumnOfKnown(FactKind::kAllocation, "worker");
    bound_.obligation = std::move(bound);
  }

  template <typename Obligation>
  void NeedSessions(const Placed<Obligation>& obligation, const v1::SupervisionSession& sessions) {
    BindSessions(sessions);
    if (sessions.kind().empty())
      Add(obligation.Here("no `sessions` with a `kind`: expected the kinds that count"));
  }

  void BindCoverage(const Placed<v1::CoverageObligation>& coverage) {
    engine::Coverage bound;
    bound.continues = ColumnOfKnown(FactKind::kSession, "continues");
    bound.same_month = coverage->same_month();
    NeedSessions(coverage, coverage->sessions());
    if (coverage->has_cases_of()) {
      const auto cases = coverage.Into("cases_of", coverage->cases_of());
      if (cases->record().empty())
        Add(cases.Here("no `record`: expected the records that lead to the cases"));
      std::vector<Around> chain;
      chain.reserve(static_cast<size_t>(cases->record_size()) + 1);
      chain.push_back(subject_);
      for (int i = 0; i < cases->record_size(); ++i) {
        bound.records.push_back(binder_.Bind(cases.Into("record", cases->record(i), i), chain.back()));
        chain.push_back({bound.records.back().of, &chain[static_cast<size_t>(i)]});
      }
      bound.case_of_record = binder_.BindPath(cases, "case", cases->case_(), chain.back(), Wanted::kRecord);
      if (bound.case_of_record.Given() && bound.case_of_record.target != FactKind::kCase) {
        Add(cases.At("case", absl::StrCat("it names a ", ShortName(bound.case_of_record.target),
                                          ": expected a Case")));
      }
    } else if (!coverage->held_cases()) {
      Add(coverage.Here("which cases? expected `held_cases: true` or `cases_of`"));
    }
    bound_.obligation = std::move(bound);
  }

  void BindStanding(const Placed<v1::StandingObligation>& standing) {
    engine::Standing bound;
    bound.must = binder_.BindWhen(standing, "must", standing->must(), standing->has_must(), subject_);
    if (!standing->has_must()) Add(standing.Here("no `must`: expected what has to hold"));
    if (!standing->on().empty()) {
      bound.on = binder_.BindPath(standing, "on", standing->on(), subject_, Wanted::kDay);
    }
    bound.can_be_mended = standing->can_be_mended();
    if (standing->has_grace()) bound.grace = Time(standing.Into("grace", standing->grace()));
    bound_.obligation = std::move(bound);
  }

  void BindSequence(const Placed<v1::SequenceObligation>& sequence) {
    engine::Sequence bound;
    if (!sequence->has_each()) {
      Add(sequence.Here("no `each`: expected the records of the series"));
      return;
    }
    bound.each = binder_.Bind(sequence.Into("each", sequence->each()), subject_);
    const Around record{bound.each.of, &subject_};
    if (sequence->steps().empty()) Add(sequence.Here("no `steps`: expected at least one"));
    for (int i = 0; i < sequence->steps_size(); ++i) {
      const auto step = sequence.Into("steps", sequence->steps(i), i);
      if (step->first() < 1) Add(step.At("first", "expected the first position, 1 or more"));
      if (step->every() < 0) Add(step.At("every", "expected 1 or more, or nothing for the first only"));
      bound_.rows.push_back({.id = step->id(), .title = step->title()});
      bound.steps.push_back({step->first(), std::max(0, step->every()),
                             binder_.BindWhen(step, "must", step->must(), step->has_must(), record)});
    }
    bound_.obligation = std::move(bound);
  }

  void BindMinimum(const Placed<v1::MinimumObligation>& minimum) {
    engine::Minimum bound;
    if (!minimum->has_measure()) {
      Add(minimum.Here("no `measure`: expected what is measured"));
      return;
    }
    engine::Condition condition;
    condition.measures.push_back(binder_.Bind(minimum.Into("measure", minimum->measure()), subject_));
    const engine::Measure& measure = condition.measures.front();
    using Judged = engine::Minimum::Judged;
    switch (minimum->judged_case()) {
      case v1::MinimumObligation::kOn:
        bound.judged = Judged::kOn;
        bound.day = binder_.BindPath(minimum, "on", minimum->on(), subject_, Wanted::kDay);
        break;
      case v1::MinimumObligation::kBy:
        bound.judged = Judged::kBy;
        bound.day = binder_.BindPath(minimum, "by", minimum->by(), subject_, Wanted::kDay);
        if (!IsEndOfWhatRuns(bound.day)) bound.day_input = binder_.Input(minimum->by(), subject_.kind);
        break;
      case v1::MinimumObligation::kEveryDay:
        break;
      case v1::MinimumObligation::kEachMonth:
        bound.judged = Judged::kEachMonth;
        if (!measure.records || !measure.records->on.Given() || !measure.share.empty() ||
            measure.bound_field.Given() || measure.own.Given()) {
          Add(minimum.At("each_month",
                         "a month's measure is a sum of dated records against a number: expected "
                         "`records` with `on`, and `at_least` or `at_most`"));
          return;
        }
        break;
      case v1::MinimumObligation::JUDGED_NOT_SET:
        Add(minimum.Here(
            "it is not said when it is judged: expected `on`, `every_day`, `by` or `each_month`"));
    }
    bound.measure.push_back(std::move(condition));
    bound_.obligation = std::move(bound);
  }

  const Placed<v1::RuleDefinition>& rule_;
  engine::Rule& bound_;
  std::vector<Fault>& faults_;
  Binder binder_;
  Around subject_;
};

}  // namespace

void BindRule(const Placed<v1::RuleDefinition>& rule, engine::Rule& bound, std::vector<Fault>& faults) {
  RuleBinder(rule, bound, faults).Run();
}

}  // namespace oversight::policy
