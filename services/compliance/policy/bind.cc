#include "services/compliance/policy/bind.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/compliance/policy/bind_impl.h"
#include "services/compliance/policy/check_condition.h"
#include "services/compliance/policy/parse.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::policy {

namespace v1 = ::oversight::compliance::v1;
using engine::Column;
using engine::ColumnType;
using engine::FactKind;
using engine::kNoColumn;
using engine::Path;

engine::Interval BindInterval(const v1::Interval& interval) {
  return interval.months() != 0 ? engine::Interval::Months(interval.months())
                                : engine::Interval::Days(interval.days());
}

std::string ShortName(FactKind kind) {
  if (static_cast<size_t>(kind) >= RecordSchema().kinds.size()) return "nothing";
  const std::string& full = RecordSchema().Of(kind).type_name;
  return full.substr(full.rfind('.') + 1);
}

uint16_t Binder::Input(absl::string_view field, FactKind kind) {
  std::string input = absl::StrCat(field, " of ", ShortName(kind));
  const auto found = std::find(rule_.inputs.begin(), rule_.inputs.end(), input);
  if (found != rule_.inputs.end()) return static_cast<uint16_t>(found - rule_.inputs.begin());
  rule_.inputs.push_back(std::move(input));
  return static_cast<uint16_t>(rule_.inputs.size() - 1);
}

uint64_t Binder::Values(const Placed<v1::EnumValues>& values, const Path& path) {
  uint64_t mask = 0;
  if (!path.Given() || path.column == kNoColumn) return mask;
  const std::vector<std::string>& known = RecordSchema().Of(path.kind).columns[path.column].values;
  if (values->value().empty()) Add(values.Here("no `value`: expected at least one"));
  for (int i = 0; i < values->value_size(); ++i) {
    const std::string& name = values->value(i);
    size_t number = 0;
    for (size_t v = 1; v < known.size(); ++v) {
      if (known[v] == name || (!name.empty() && absl::EndsWith(known[v], absl::StrCat("_", name)))) {
        // A value may end like another one: the whole name decides.
        if (number == 0 || known[v] == name || known[v].size() < known[number].size()) number = v;
      }
    }
    if (number == 0) {
      std::vector<std::string> candidates;
      for (size_t v = 1; v < known.size(); ++v) {
        if (!known[v].empty()) candidates.push_back(known[v]);
      }
      Add(values.At("value", absl::StrCat("unknown value `", name, "`: ", Suggest(name, candidates)), i));
    }
    mask |= uint64_t{1} << number;
  }
  return mask;
}

engine::FieldCondition Binder::Bind(const Placed<v1::FieldCondition>& field, const Around& around) {
  using Test = engine::FieldCondition::Test;
  engine::FieldCondition bound;
  const auto bind_field = [&](Wanted wanted) {
    bound.field = BindPath(field, "name", field->name(), around, wanted);
  };
  const auto expect = [&](std::initializer_list<ColumnType> types, absl::string_view what) {
    if (!bound.field.Given() || std::find(types.begin(), types.end(), bound.field.type) != types.end())
      return;
    Add(field.At("name",
                 absl::StrCat("`", field->name(), "` is no ", what, ": expected a test that fits it")));
  };
  const auto bind_other = [&](absl::string_view name, const std::string& text, Wanted wanted) {
    bound.other = BindPath(field, name, text, around, wanted);
  };
  switch (field->test_case()) {
    case v1::FieldCondition::kSet:
      bind_field(Wanted::kAny);
      bound.test = Test::kSet;
      bound.flag = field->set();
      break;
    case v1::FieldCondition::kIs:
      bind_field(Wanted::kAny);
      expect({ColumnType::kFlag}, "yes or no");
      bound.test = Test::kIs;
      bound.flag = field->is();
      break;
    case v1::FieldCondition::kOneOf:
    case v1::FieldCondition::kAllOf: {
      bind_field(Wanted::kAny);
      const bool one = field->test_case() == v1::FieldCondition::kOneOf;
      expect({ColumnType::kEnum, ColumnType::kSet}, "choice among values");
      bound.test = one ? Test::kOneOf : Test::kAllOf;
      if (bound.field.type == ColumnType::kEnum || bound.field.type == ColumnType::kSet) {
        bound.mask = Values(
            one ? field.Into("one_of", field->one_of()) : field.Into("all_of", field->all_of()), bound.field);
      }
      break;
    }
    case v1::FieldCondition::kAtLeast:
    case v1::FieldCondition::kAtMost:
      bind_field(Wanted::kNumber);
      bound.test = field->has_at_least() ? Test::kAtLeast : Test::kAtMost;
      bound.number = field->has_at_least() ? field->at_least() : field->at_most();
      break;
    case v1::FieldCondition::kText:
      bind_field(Wanted::kAny);
      expect({ColumnType::kText}, "text");
      bound.test = Test::kText;
      bound.mask = engine::TextHash(field->text());
      break;
    case v1::FieldCondition::kReached:
      bind_field(Wanted::kDay);
      bound.test = Test::kReached;
      bound.flag = field->reached();
      bound.interval = BindInterval(field->plus());
      break;
    case v1::FieldCondition::kReachesAhead:
      bind_field(Wanted::kDay);
      bound.test = Test::kReachesAhead;
      bound.interval = BindInterval(field->reaches_ahead());
      break;
    case v1::FieldCondition::kNotBefore:
    case v1::FieldCondition::kNotAfter:
      bind_field(Wanted::kDay);
      bound.test = field->has_not_before() ? Test::kNotBefore : Test::kNotAfter;
      bound.interval = BindInterval(field->plus());
      if (field->has_not_before()) {
        bind_other("not_before", field->not_before(), Wanted::kDay);
      } else {
        bind_other("not_after", field->not_after(), Wanted::kDay);
      }
      break;
    case v1::FieldCondition::kSameAs:
      bind_field(Wanted::kRecord);
      bind_other("same_as", field->same_as(), Wanted::kRecord);
      bound.test = Test::kSameAs;
      if (bound.field.Given() && bound.other.Given() && bound.field.target != bound.other.target) {
        Add(field.At("same_as", absl::StrCat("`", field->name(), "` names a ", ShortName(bound.field.target),
                                             ", `", field->same_as(), "` a ", ShortName(bound.other.target),
                                             ": expected the same kind")));
      }
      break;
    case v1::FieldCondition::TEST_NOT_SET:
      bind_field(Wanted::kAny);
      Add(field.Here(
          "the field is not tested: expected one of set, is, one_of, all_of, at_least, at_most, text, "
          "reached, reaches_ahead, not_before, not_after, same_as"));
      break;
  }
  bound.unset_fails = field->unset_fails();
  if (bound.field.Given()) bound.input = Input(field->name(), around.kind);
  return bound;
}

engine::ReferenceCondition Binder::Bind(const Placed<v1::ReferenceCondition>& reference,
                                        const Around& around) {
  engine::ReferenceCondition bound;
  bound.path = BindPath(reference, "name", reference->name(), around, Wanted::kRecord);
  const Around named{bound.path.target, &around};
  bound.is = BindWhen(reference, "is", reference->is(), reference->has_is(), named);
  bound.unset_fails = reference->unset_fails();
  bound.input = Input(reference->name(), around.kind);
  return bound;
}

engine::RecordCondition Binder::Bind(const Placed<v1::RecordCondition>& records, const Around& around) {
  engine::RecordCondition bound;
  bound.of = Kind(records, "of", records->of());
  if (bound.of == FactKind::kNone) return bound;
  FactKind owner = around.kind;
  if (!records->from().empty()) {
    bound.from = BindPath(records, "from", records->from(), around, Wanted::kRecord);
    owner = bound.from.target;
    bound.input = Input(records->from(), around.kind);
  }
  bound.via = Via(records, records->via(), bound.of, owner);
  const Around record{bound.of, &around};
  bound.where = BindWhen(records, "where", records->where(), records->has_where(), record);
  const engine::KindSchema& schema = RecordSchema().Of(bound.of);
  if (records->in_force()) {
    bound.since = schema.since;
    bound.until = schema.until;
    bound.until_included = schema.until_included;
    if (schema.since == kNoColumn && records->since().empty()) {
      Add(records.At("in_force",
                     absl::StrCat("a ", ShortName(bound.of),
                                  " has no `start_date`: expected `since`, or `on` with `recent`")));
    }
  }
  if (!records->since().empty())
    bound.since = ColumnOf(records, "since", records->since(), bound.of, Wanted::kDay);
  if (!records->until().empty())
    bound.until = ColumnOf(records, "until", records->until(), bound.of, Wanted::kDay);
  if (!records->on().empty()) bound.on = BindPath(records, "on", records->on(), record, Wanted::kDay);
  if (records->has_recent()) {
    bound.recent = BindInterval(records->recent());
    if (records->on().empty()) {
      Add(records.At("recent", "`recent` from which day: expected `on` with a date of the record"));
    }
    if (bound.recent.count <= 0) Add(records.At("recent", "an interval of nothing: expected days or months"));
  }
  if (records->at_least() < 0) Add(records.At("at_least", "expected 1 or more, or nothing for 1"));
  bound.at_least = std::max(1, records->at_least());
  return bound;
}

engine::RecordEvent Binder::Bind(const Placed<v1::RecordEvent>& event, const Around& around) {
  engine::RecordEvent bound;
  bound.of = Kind(event, "of", event->of());
  if (bound.of == FactKind::kNone) return bound;
  FactKind owner = around.kind;
  if (!event->from().empty()) {
    bound.from = BindPath(event, "from", event->from(), around, Wanted::kRecord);
    owner = bound.from.target;
  }
  bound.via = Via(event, event->via(), bound.of, owner);
  const Around record{bound.of, &around};
  bound.where = BindWhen(event, "where", event->where(), event->has_where(), record);
  bound.on = BindPath(event, "on", event->on(), record, Wanted::kDay);
  if (!event->each_value_of().empty()) {
    const uint16_t column = ColumnOf(event, "each_value_of", event->each_value_of(), bound.of, Wanted::kAny);
    if (column != kNoColumn) {
      const Column& set = RecordSchema().Of(bound.of).columns[column];
      if (set.type != ColumnType::kSet) {
        Add(event.At("each_value_of", absl::StrCat("`", set.name, "` is no repeated choice among values")));
      }
      bound.each_value_of = column;
      for (size_t v = 1; v < set.values.size(); ++v) bound.values.push_back(static_cast<int>(v));
    }
  }
  return bound;
}

engine::Measure Binder::Bind(const Placed<v1::Measure>& measure, const Around& around) {
  engine::Measure bound;
  if (!measure->own().empty()) bound.own = BindPath(measure, "own", measure->own(), around, Wanted::kNumber);
  Around record{around.kind, &around};
  if (measure->has_records()) {
    bound.records = Bind(measure.Into("records", measure->records()), around);
    record.kind = bound.records->of;
  } else if (measure->own().empty()) {
    Add(measure.Here("nothing is measured: expected `own` or `records`"));
  }
  if (!measure->field().empty()) {
    bound.field = BindPath(measure, "field", measure->field(), record, Wanted::kNumber);
  }
  bound.share = BindWhen(measure, "share", measure->share(), measure->has_share(), record);
  switch (measure->bound_case()) {
    case v1::Measure::kAtLeast:
      bound.number = measure->at_least();
      break;
    case v1::Measure::kAtMost:
      bound.bound = engine::Measure::Bound::kAtMost;
      bound.number = measure->at_most();
      break;
    case v1::Measure::kAtMostField:
      bound.bound = engine::Measure::Bound::kAtMost;
      bound.bound_field =
          BindPath(measure, "at_most_field", measure->at_most_field(), around, Wanted::kNumber);
      break;
    case v1::Measure::kAtLeastField:
      bound.bound_field =
          BindPath(measure, "at_least_field", measure->at_least_field(), around, Wanted::kNumber);
      break;
    case v1::Measure::BOUND_NOT_SET:
      Add(measure.Here("no bound: expected at_least, at_most, at_least_field or at_most_field"));
      break;
  }
  if (measure->has_percent()) bound.percent = measure->percent();
  for (int i = 0; i < measure->percent_where_size(); ++i) {
    const auto where = measure.Into("percent_where", measure->percent_where(i), i);
    bound.percent_where.push_back(
        {BindWhen(where, "when", where->when(), where->has_when(), around), where->percent()});
  }
  if (!measure->own().empty()) {
    bound.input = Input(measure->own(), around.kind);
  } else if (!measure->field().empty()) {
    bound.input = Input(measure->field(), record.kind);
  } else if (bound.bound_field.Given()) {
    bound.input = Input(measure->has_at_most_field() ? measure->at_most_field() : measure->at_least_field(),
                        around.kind);
  }
  return bound;
}

engine::Condition Binder::Bind(const Placed<v1::Condition>& condition, const Around& around) {
  engine::Condition bound = BindKnown(*condition);
  CheckCondition(condition, around.kind, faults_);
  for (int i = 0; i < condition->field_size(); ++i) {
    bound.fields.push_back(Bind(condition.Into("field", condition->field(i), i), around));
  }
  for (int i = 0; i < condition->record_size(); ++i) {
    bound.records.push_back(Bind(condition.Into("record", condition->record(i), i), around));
  }
  for (int i = 0; i < condition->reference_size(); ++i) {
    bound.references.push_back(Bind(condition.Into("reference", condition->reference(i), i), around));
  }
  for (int i = 0; i < condition->measure_size(); ++i) {
    bound.measures.push_back(Bind(condition.Into("measure", condition->measure(i), i), around));
  }
  for (int i = 0; i < condition->any_of_size(); ++i) {
    bound.any_of.push_back(Bind(condition.Into("any_of", condition->any_of(i), i), around));
  }
  if (condition->has_not_()) bound.none_of.push_back(Bind(condition.Into("not", condition->not_()), around));
  return bound;
}

}  // namespace oversight::policy
