// Conditions about fields and records of any kind.

#include <algorithm>
#include <utility>

#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/field_tests.h"
#include "services/compliance/engine/remembered.h"
#include "services/compliance/engine/running_count.h"

namespace oversight::engine {
namespace {

using Test = FieldCondition::Test;

IntervalSet Always(bool holds) { return holds ? IntervalSet::All() : IntervalSet(); }

IntervalSet From(CivilDay day) { return IntervalSet(Period{day, CivilDay::Max()}); }

using Step = Asking::Step;

// Ascending, one a day.
void Join(std::vector<Step>& steps) {
  const auto earlier = [](const Step& a, const Step& b) { return a.day < b.day; };
  if (!std::is_sorted(steps.begin(), steps.end(), earlier))
    std::stable_sort(steps.begin(), steps.end(), earlier);
  size_t kept = 0;
  for (size_t i = 1; i < steps.size(); ++i) {
    if (steps[i].day != steps[kept].day) {
      steps[++kept] = steps[i];
      continue;
    }
    steps[kept].total += steps[i].total;
    steps[kept].shared += steps[i].shared;
    steps[kept].missing += steps[i].missing;
  }
  steps.resize(kept + 1);
}

}  // namespace

CivilDay LastBefore(CivilDay date, const Interval& interval) {
  CivilDay last = date - interval.count;
  if (interval.unit == Interval::Unit::kMonths) {
    last = AddMonths(date, -interval.count);
    while (AddMonths(last + 1, interval.count) <= date) ++last;
    while (AddMonths(last, interval.count) > date) last = last - 1;
  }
  return last;
}

Place FollowPath(const AuthorityFacts& facts, const Path& path, const Frame& frame) {
  const Frame* start = &frame;
  if (path.start == Path::Start::kOuter && frame.outer != nullptr) start = frame.outer;
  if (path.start == Path::Start::kSubject) {
    while (start->outer != nullptr) start = start->outer;
  }
  Place place{start->kind, start->row};
  for (const Path::Hop& hop : path.hops) {
    if (place.row == kNobody) break;
    place.row = facts.table(hop.kind).Reference(place.row, hop.column);
  }
  place.kind = path.kind;
  return place;
}

Place TargetOf(const AuthorityFacts& facts, const Path& path, const Frame& frame) {
  const Place place = FollowPath(facts, path, frame);
  if (path.column == kNoColumn || place.row == kNobody) return place;
  return {path.target, facts.table(place.kind).Reference(place.row, path.column)};
}

Subject AnswerableFor(const Rule& rule, const AuthorityFacts& facts, Subject subject) {
  if (!rule.answerable.Given()) return subject;
  const Place place = TargetOf(facts, rule.answerable, Frame{subject.kind, subject.index});
  return place.row == kNobody ? subject : Subject{place.kind, place.row};
}

std::optional<CivilDay> Asking::DayAt(const Path& path, const Frame& frame) const {
  const Place place = Follow(path, frame);
  if (place.row == kNobody) return std::nullopt;
  return facts_.table(place.kind).Day(place.row, path.column);
}

std::optional<int64_t> Asking::InstantAt(const Path& path, const Frame& frame) const {
  if (!path.Given() || path.type != ColumnType::kInstant) return std::nullopt;
  const Place place = Follow(path, frame);
  if (place.row == kNobody) return std::nullopt;
  return facts_.table(place.kind).Instant(place.row, path.column);
}

std::optional<double> Asking::NumberAt(const Path& path, const Frame& frame) const {
  const Place place = Follow(path, frame);
  if (place.row == kNobody) return std::nullopt;
  return facts_.table(place.kind).Number(place.row, path.column);
}

// Whether the test cannot be made for want of its input, or of the one it is compared with. `place` is where
// its path leads.
bool Asking::IsMissing(const FieldCondition& test, const Place& place, const Frame& frame) const {
  if (test.unset_fails || test.test == Test::kSet || test.test == Test::kText ||
      test.test == Test::kReached) {
    return false;
  }
  const auto missing = [&](const Path& path, const Place& at) {
    if (at.row == kNobody) return true;
    if (path.column == kNoColumn) return false;
    // A set without values is known to have none.
    // Nor is a flag that is not set unknown: it is false.
    if (path.type == ColumnType::kSet || path.type == ColumnType::kReferences ||
        path.type == ColumnType::kFlag)
      return !facts_.table(at.kind).Known(at.row);
    return !facts_.table(at.kind).IsSet(at.row, path.column);
  };
  return missing(test.field, place) || (test.other.Given() && missing(test.other, Follow(test.other, frame)));
}

bool Asking::FieldHolds(const FieldCondition& test, const Frame& frame, CivilDay day, bool doubt) const {
  const Place place = Follow(test.field, frame);
  if (IsMissing(test, place, frame)) return InDoubt(doubt);
  const Table& table = facts_.table(place.kind);
  const uint16_t column = test.field.column;
  switch (test.test) {
    case Test::kSet: {
      const bool set = place.row != kNobody && (column == kNoColumn || table.IsSet(place.row, column));
      return set == test.flag;
    }
    case Test::kReached: {
      const std::optional<CivilDay> date = place.row == kNobody ? std::nullopt : table.Day(place.row, column);
      return PassesReached(test, date.has_value(), date.value_or(CivilDay()), day);
    }
    case Test::kText:
      return place.row != kNobody && PassesWhole(test, table.Text(place.row, column));
    default:
      break;
  }
  if (place.row == kNobody) return false;
  switch (test.test) {
    case Test::kIs:
    case Test::kOneOf:
    case Test::kAllOf:
      return PassesWhole(test, test.test == Test::kAllOf || test.field.type == ColumnType::kSet
                                   ? table.Set(place.row, column)
                                   : table.Enum(place.row, column));
    case Test::kAtLeast: {
      const std::optional<double> number = table.Number(place.row, column);
      return number && *number >= test.number;
    }
    case Test::kAtMost: {
      const std::optional<double> number = table.Number(place.row, column);
      return number && *number <= test.number;
    }
    case Test::kReachesAhead: {
      const std::optional<CivilDay> date = table.Day(place.row, column);
      return date && day <= LastBefore(*date, test.interval);
    }
    case Test::kNotBefore:
    case Test::kNotAfter: {
      const std::optional<CivilDay> date = table.Day(place.row, column);
      const std::optional<CivilDay> other = DayAt(test.other, frame);
      return date && other && PassesOther(test, *date, *other);
    }
    case Test::kSameAs: {
      const uint32_t other = Target(test.other, frame).row;
      if (test.field.type == ColumnType::kReferences) return table.Refers(place.row, column, other);
      const uint32_t mine = Target(test.field, frame).row;
      return mine != kNobody && mine == other;
    }
    default:
      return false;
  }
}

IntervalSet Asking::FieldDays(const FieldCondition& test, const Frame& frame, bool doubt) const {
  if (!test.IsDated()) return Always(FieldHolds(test, frame, CivilDay(), doubt));
  const Place place = Follow(test.field, frame);
  if (IsMissing(test, place, frame)) return Always(InDoubt(doubt));
  const std::optional<CivilDay> date =
      place.row == kNobody ? std::nullopt : facts_.table(place.kind).Day(place.row, test.field.column);
  if (test.test == Test::kReachesAhead)
    return date ? IntervalSet(Period{CivilDay::Min(), LastBefore(*date, test.interval) + 1}) : IntervalSet();
  if (!date) return Always(!test.flag);
  const IntervalSet reached = From(Plus(*date, test.interval));
  return test.flag ? reached : Complement(reached);
}

bool Asking::ForEachNamed(const ReferenceCondition& reference, const Frame& frame,
                          absl::FunctionRef<void(const Frame&)> visit) const {
  bool any = false;
  const auto consider = [&](uint32_t row) {
    if (row == kNobody || !facts_.table(reference.path.target).Known(row)) return;
    any = true;
    visit(Frame{reference.path.target, row, &frame});
  };
  if (reference.path.type == ColumnType::kReferences) {
    const Place place = Follow(reference.path, frame);
    if (place.row == kNobody) return false;
    for (const uint32_t row : facts_.table(place.kind).References(place.row, reference.path.column))
      consider(row);
  } else {
    consider(Target(reference.path, frame).row);
  }
  return any;
}

IntervalSet Asking::OwnDays(const Condition& condition, const Frame& frame, bool doubt) const {
  IntervalSet days = IntervalSet::All();
  for (const FieldCondition& test : condition.fields) {
    days = Intersection(days, FieldDays(test, frame, doubt));
    if (days.Empty()) return days;
  }
  for (const RecordCondition& records : condition.records) {
    days = Intersection(days, EnoughRecords(records, frame, doubt));
    if (days.Empty()) return days;
  }
  for (const ReferenceCondition& reference : condition.references) {
    IntervalSet any;
    const bool none = !ForEachNamed(reference, frame, [&](const Frame& named) {
      const IntervalSet* remembered = RememberedDays(reference, named, doubt);
      any = Union(any, remembered != nullptr ? *remembered : Days(reference.is, named, doubt));
    });
    days = Intersection(days, none ? Always(!reference.unset_fails && InDoubt(doubt)) : any);
    if (days.Empty()) return days;
  }
  for (const Measure& measure : condition.measures) days = Intersection(days, Kept(measure, frame, doubt));
  return days;
}

IntervalSet Asking::RecordDays(const RecordCondition& records, const Frame& record, bool doubt) const {
  const bool timeless = Timeless(records.where);
  if (timeless && !HoldsOn(records.where, record, CivilDay(), doubt)) return IntervalSet();
  const Table& table = facts_.table(records.of);
  Period period{CivilDay::Min(), CivilDay::Max()};
  if (records.since != kNoColumn) {
    period.start = table.Day(record.row, records.since).value_or(CivilDay::Min());
  }
  if (records.until != kNoColumn) {
    const std::optional<CivilDay> until = table.Day(record.row, records.until);
    if (until) period.end = records.until_included ? *until + 1 : *until;
  }
  if (records.on.Given()) {
    const std::optional<CivilDay> on = DayAt(records.on, record);
    if (!on) return IntervalSet();
    period.start = std::max(period.start, *on);
    if (records.recent.count > 0) period.end = std::min(period.end, AddInterval(*on, records.recent) + 1);
  }
  IntervalSet days(period);
  if (timeless || days.Empty()) return days;
  for (const Condition& where : records.where) {
    if (!days.Empty()) days = Intersection(days, Days(where, record, doubt));
  }
  return days;
}

template <typename Asked, typename Make>
const IntervalSet* Asking::Remember(const Asked& condition, uint32_t row, bool doubt, Make&& make) const {
  if (remembered_ == nullptr) return nullptr;
  const Remembered::Days* days = remembered_->Find(condition, row, doubt, [&] {
    const uint64_t before = doubts_;
    IntervalSet made = make();
    return Remembered::Days{std::move(made), doubts_ != before};
  });
  if (days == nullptr) return nullptr;
  if (days->in_doubt) InDoubt(doubt);
  return &days->days;
}

const IntervalSet* Asking::RememberedDays(const RecordCondition& records, uint32_t owner, const Frame& frame,
                                          bool doubt) const {
  return Remember(records, owner, doubt, [&] { return CountEnough(records, frame, doubt); });
}

const IntervalSet* Asking::RememberedDays(const ReferenceCondition& reference, const Frame& named,
                                          bool doubt) const {
  return Remember(reference, named.row, doubt, [&] { return Days(reference.is, named, doubt); });
}

IntervalSet Asking::EnoughRecords(const RecordCondition& records, const Frame& frame, bool doubt) const {
  if (!records.from.Given()) return CountEnough(records, frame, doubt);
  const uint32_t owner = Target(records.from, frame).row;
  if (owner == kNobody) return Always(InDoubt(doubt));
  const IntervalSet* remembered = RememberedDays(records, owner, frame, doubt);
  return remembered != nullptr ? *remembered : CountEnough(records, frame, doubt);
}

IntervalSet Asking::CountEnough(const RecordCondition& records, const Frame& frame, bool doubt) const {
  PeriodList periods;
  ForEachRecord(records, frame, [&](uint32_t row) {
    const IntervalSet days = RecordDays(records, Frame{records.of, row, &frame}, doubt);
    for (const Period& period : days.periods()) periods.push_back(period);
  });
  if (records.at_least <= 1) return IntervalSet(periods);
  std::vector<std::pair<CivilDay, int>> edges;
  for (const Period& period : periods) {
    edges.push_back({period.start, 1});
    edges.push_back({period.end, -1});
  }
  std::sort(edges.begin(), edges.end());
  PeriodList enough;
  int count = 0;
  for (size_t i = 0; i < edges.size(); ++i) {
    count += edges[i].second;
    if (count >= records.at_least) enough.push_back({edges[i].first, edges[i + 1].first});
  }
  return IntervalSet(enough);
}

Asking::Counted Asking::CountedDays(const Measure& measure, const Frame& record, bool generous) const {
  const bool share = !measure.share.empty();
  Counted counted{RecordDays(*measure.records, record, share ? false : generous), {}};
  if (share && !counted.days.Empty())
    counted.shared = Intersection(counted.days, Days(measure.share, record, generous));
  return counted;
}

std::vector<Step> Asking::Steps(const Measure& measure, const Frame& frame, bool generous) const {
  std::vector<Step> steps(1, Step{CivilDay::Min()});
  if (measure.own.Given()) {
    const std::optional<double> own = NumberAt(measure.own, frame);
    steps[0].total = own.value_or(0);
    steps[0].missing = own ? 0 : 1;
  }
  if (running_ != nullptr && running_->measure() == &measure) {
    InDoubt(generous);  // some of what was counted may have been
    running_->AddTo(steps, generous);
  } else if (measure.records) {
    ForEachRecord(*measure.records, frame, [&](uint32_t row) {
      const Frame record{measure.records->of, row, &frame};
      const Counted counted = CountedDays(measure, record, generous);
      if (counted.days.Empty()) return;
      const std::optional<double> number =
          measure.field.Given() ? NumberAt(measure.field, record) : std::optional<double>(1);
      const double each = number.value_or(0);
      const int missing = number ? 0 : 1;
      for (const Period& period : counted.days.periods()) {
        steps.push_back({period.start, each, 0, missing});
        steps.push_back({period.end, -each, 0, -missing});
      }
      for (const Period& period : counted.shared.periods()) {
        steps.push_back({period.start, 0, each, 0});
        steps.push_back({period.end, 0, -each, 0});
      }
    });
  }
  Join(steps);
  return steps;
}

IntervalSet Asking::Kept(const Measure& measure, const Frame& frame, bool doubt) const {
  // Where it is open whether a record counts, it does where that helps those who get the benefit of the
  // doubt.
  const bool more_helps = measure.bound == Measure::Bound::kAtLeast;
  const std::vector<Step> steps = Steps(measure, frame, doubt == more_helps);
  std::optional<double> bound = measure.number;
  if (measure.bound_field.Given()) bound = NumberAt(measure.bound_field, frame);
  if (!bound) return Always(InDoubt(doubt));

  const auto kept_with = [&](double percent) {
    PeriodList kept;
    Step sum;
    for (auto step = steps.begin(); step != steps.end(); ++step) {
      sum.total += step->total;
      sum.shared += step->shared;
      sum.missing += step->missing;
      const double limit = measure.bound_field.Given() ? *bound * percent / 100 : *bound;
      const double value = measure.share.empty() ? sum.total : sum.shared * 100;
      const double against = measure.share.empty() ? limit : limit * sum.total;
      // Sums of decimal fractions are not exact.
      constexpr double kSlack = 1e-9;
      const bool holds = more_helps ? value >= against - kSlack : value <= against + kSlack;
      if (!(sum.missing > 0 ? InDoubt(doubt) : holds)) continue;
      const auto next = std::next(step);
      const Period days{step->day, next == steps.end() ? CivilDay::Max() : next->day};
      if (!kept.empty() && kept.back().end == days.start) {
        kept.back().end = days.end;
      } else {
        kept.push_back(days);
      }
    }
    return IntervalSet(kept);
  };
  IntervalSet kept = kept_with(measure.percent);
  for (const Measure::Where& where : measure.percent_where) {
    kept = Intersection(kept, Union(kept_with(where.percent), Complement(Days(where.when, frame, !doubt))));
  }
  return kept;
}

std::vector<Asking::Occurrence> Asking::Occurrences(const RecordEvent& event, const Frame& frame) const {
  std::vector<Occurrence> found;
  const RecordCondition records{.of = event.of, .via = event.via, .from = event.from};
  ForEachRecord(records, frame, [&](uint32_t row) {
    const Frame record{event.of, row, &frame};
    const std::optional<CivilDay> day = DayAt(event.on, record);
    if (!day) return;
    const Answer counts = Ask(event.where, record, *day);
    if (counts != Answer::kNo) found.push_back({*day, row, counts == Answer::kOpen});
  });
  std::sort(found.begin(), found.end(), [&](const Occurrence& a, const Occurrence& b) {
    return a.day != b.day ? a.day < b.day : facts_.NamedBefore(event.of, a.row, b.row);
  });
  return found;
}

std::optional<uint16_t> Asking::MissingInput(const std::vector<Condition>& conditions,
                                             const Frame& frame) const {
  std::optional<uint16_t> first;
  for (const Condition& condition : conditions) {
    const std::optional<uint16_t> missing = MissingInput(condition, frame);
    if (missing && (!first || *missing < *first)) first = missing;
  }
  return first;
}

std::optional<uint16_t> Asking::MissingInput(const Condition& condition, const Frame& frame) const {
  // Where it fails, or holds, whatever is missing, nothing of it is what one waits for.
  if (Days(condition, frame, true) == Days(condition, frame, false)) return std::nullopt;
  std::optional<uint16_t> first;
  const auto consider = [&](std::optional<uint16_t> input) {
    if (input && (!first || *input < *first)) first = input;
  };
  for (const FieldCondition& test : condition.fields) {
    if (IsMissing(test, Follow(test.field, frame), frame)) consider(test.input);
  }
  if (condition.weeks_of_employment && frame.kind == FactKind::kWorker &&
      !facts_.worker(frame.row).employment_start) {
    consider(kEmploymentStartInput);
  }
  for (const RecordCondition& records : condition.records) {
    if (records.from.Given() && Target(records.from, frame).row == kNobody) consider(records.input);
    ForEachRecord(records, frame, [&](uint32_t row) {
      const Frame record{records.of, row, &frame};
      if (RecordDays(records, record, true) == RecordDays(records, record, false)) return;
      consider(MissingInput(records.where, record));
    });
  }
  for (const ReferenceCondition& reference : condition.references) {
    const bool none = !ForEachNamed(reference, frame,
                                    [&](const Frame& named) { consider(MissingInput(reference.is, named)); });
    if (none && !reference.unset_fails) consider(reference.input);
  }
  for (const Measure& measure : condition.measures) {
    if (measure.own.Given() && !NumberAt(measure.own, frame)) consider(measure.input);
    if (measure.bound_field.Given() && !NumberAt(measure.bound_field, frame)) consider(measure.input);
    if (measure.records) {
      ForEachRecord(*measure.records, frame, [&](uint32_t row) {
        const Frame record{measure.records->of, row, &frame};
        if (measure.field.Given() && !NumberAt(measure.field, record)) consider(measure.input);
        consider(MissingInput(measure.records->where, record));
        consider(MissingInput(measure.share, record));
      });
    }
    for (const Measure::Where& where : measure.percent_where) consider(MissingInput(where.when, frame));
  }
  for (const Condition& part : condition.any_of) consider(MissingInput(part, frame));
  for (const Condition& part : condition.none_of) consider(MissingInput(part, frame));
  return first;
}

uint16_t Asking::MissingInputOf(int row, const Frame& subject) const {
  std::optional<uint16_t> input = MissingInput(rule_.rows[static_cast<size_t>(row)].when, subject);
  for (const Row& other : rule_.rows) {
    if (!input && other.in_place_of == row) input = MissingInput(other.when, subject);
  }
  if (!input) input = MissingInput(rule_.when, subject);
  return input.value_or(kNoInput);
}

}  // namespace oversight::engine
