#include "services/compliance/policy_words/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::policy_words {
namespace {

using engine::FactKind;

std::string Listed(const std::vector<std::string>& words, absl::string_view last) {
  if (words.empty()) return "";
  if (words.size() == 1) return words.front();
  return absl::StrCat(absl::StrJoin(words.begin(), words.end() - 1, ", "), " ", last, " ", words.back());
}

std::string FieldWords(absl::string_view field) { return absl::StrReplaceAll(field, {{"_", " "}}); }

std::string Counted(int count, absl::string_view unit) {
  return absl::StrCat(count, " ", unit, count == 1 ? "" : "s");
}

// `ROLE_` of the values of one enum.
std::string PrefixOf(const std::string& unspecified) {
  return std::string(absl::StripSuffix(unspecified, "UNSPECIFIED"));
}

std::string WithoutPrefix(absl::string_view value, const std::string& prefix) {
  return FieldWords(absl::AsciiStrToLower(absl::StripPrefix(value, prefix)));
}

}  // namespace

std::string AnyOf(const std::vector<std::string>& words) { return Listed(words, "or"); }
std::string AllOf(const std::vector<std::string>& words) { return Listed(words, "and"); }

std::string KindWords(FactKind kind) {
  if (kind == FactKind::kNone) return "record";
  const std::string& type = policy::RecordSchema().Of(kind).type_name;
  std::string words;
  for (const char c : type.substr(type.rfind('.') + 1)) {
    if (absl::ascii_isupper(c) && !words.empty()) words += ' ';
    words += absl::ascii_tolower(c);
  }
  return words;
}

std::string WithArticle(absl::string_view words) {
  const bool vowel = !words.empty() && absl::StrContains("aeio", words.substr(0, 1));
  return absl::StrCat(vowel ? "an " : "a ", words);
}

FactKind KindNamed(absl::string_view name) {
  if (name.empty()) return FactKind::kNone;
  for (const engine::KindSchema& kind : policy::RecordSchema().kinds) {
    if (kind.type_name == std::string(name) || absl::EndsWith(kind.type_name, absl::StrCat(".", name)))
      return kind.kind;
  }
  return FactKind::kNone;
}

std::string ValueWords(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  return WithoutPrefix(value->name(), PrefixOf(type.value(0)->name()));
}

std::vector<std::string> ValuesWords(FactKind kind, absl::string_view field,
                                     const compliance::v1::EnumValues& values) {
  std::string prefix;
  if (kind != FactKind::kNone) {
    const engine::KindSchema& schema = policy::RecordSchema().Of(kind);
    if (const uint16_t column = schema.FindColumn(field);
        column != engine::kNoColumn && !schema.columns[column].values.empty()) {
      prefix = PrefixOf(schema.columns[column].values.front());
    }
  }
  std::vector<std::string> words;
  for (const std::string& value : values.value()) words.push_back(WithoutPrefix(value, prefix));
  return words;
}

namespace {

// A path taken apart: where it begins, the references in the order in which they are followed, the field.
struct Steps {
  const Around* start;
  std::vector<std::string> names;
  bool says_whose = false;  // it begins with `subject` or `outer`
};

Steps StepsOf(absl::string_view path, const Around& around) {
  Steps steps{&around, {}, false};
  if (path.empty()) return steps;
  steps.names = absl::StrSplit(path, '.');
  if (steps.names.front() == "subject") {
    while (steps.start->outer != nullptr) steps.start = steps.start->outer;
  } else if (steps.names.front() == "outer" && steps.start->outer != nullptr) {
    steps.start = steps.start->outer;
  } else {
    return steps;
  }
  steps.says_whose = true;
  steps.names.erase(steps.names.begin());
  return steps;
}

const engine::Column* ColumnOf(FactKind kind, absl::string_view name) {
  if (kind == FactKind::kNone) return nullptr;
  const engine::KindSchema& schema = policy::RecordSchema().Of(kind);
  const uint16_t column = schema.FindColumn(name);
  return column == engine::kNoColumn ? nullptr : &schema.columns[column];
}

// What a name in a path is called: the record above is called by its kind.
std::string NameWords(FactKind kind, const std::string& name) {
  const engine::Column* column = ColumnOf(kind, name);
  return name == "parent" && column != nullptr ? KindWords(column->target) : FieldWords(name);
}

}  // namespace

std::string PathWords(absl::string_view path, const Around& around) {
  const Steps steps = StepsOf(path, around);
  if (steps.names.empty()) return absl::StrCat("the ", KindWords(steps.start->kind));
  FactKind kind = steps.start->kind;
  std::string words;
  for (const std::string& name : steps.names) {
    const std::string called = NameWords(kind, name);
    words = words.empty() ? called : absl::StrCat(called, " of the ", words);
    const engine::Column* column = ColumnOf(kind, name);
    kind = column == nullptr ? FactKind::kNone : column->target;
  }
  if (steps.says_whose) absl::StrAppend(&words, " of the ", KindWords(steps.start->kind));
  return words;
}

PathEnd EndOf(absl::string_view path, const Around& around) {
  const Steps steps = StepsOf(path, around);
  PathEnd end{steps.start->kind, ""};
  for (size_t i = 0; i < steps.names.size(); ++i) {
    end.field = steps.names[i];
    if (i + 1 == steps.names.size()) break;
    const engine::Column* column = ColumnOf(end.kind, steps.names[i]);
    end.kind = column == nullptr ? FactKind::kNone : column->target;
  }
  return end;
}

bool NamesSeveral(FactKind kind, absl::string_view field) {
  const engine::Column* column = ColumnOf(kind, field);
  return column != nullptr && column->type == engine::ColumnType::kReferences;
}

FactKind KindOfReference(const PathEnd& end) {
  if (end.field.empty()) return end.kind;
  const engine::Column* column = ColumnOf(end.kind, end.field);
  return column == nullptr ? FactKind::kNone : column->target;
}

std::string Length(const compliance::v1::Interval& interval) {
  return interval.months() != 0 ? Counted(interval.months(), "month") : Counted(interval.days(), "day");
}

std::string Length(const compliance::v1::TimeAllowed& time) {
  if (time.hours() != 0) return Counted(time.hours(), "hour");
  if (time.working_days() != 0) return Counted(time.working_days(), "working day");
  if (time.weeks() != 0) return Counted(time.weeks(), "week");
  if (time.months() != 0) return Counted(time.months(), "month");
  return Counted(time.days(), "day");
}

std::string Every(const compliance::v1::Interval& interval) {
  constexpr int kWeek = 7;
  if (interval.months() == 1) return "every month";
  if (interval.months() != 0) return absl::StrCat("every ", interval.months(), " months");
  if (interval.days() == kWeek) return "every week";
  if (interval.days() % kWeek == 0) return absl::StrCat("every ", interval.days() / kWeek, " weeks");
  return interval.days() == 1 ? "every day" : absl::StrCat("every ", interval.days(), " days");
}

std::string Number(double number) { return absl::StrCat(number); }

}  // namespace oversight::policy_words
