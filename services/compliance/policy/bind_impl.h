#pragma once

// The templates of Binder, for its own files.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/compliance/policy/bind.h"
#include "services/compliance/policy/parse.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::policy {

// `did you mean ...? expected one of: ...`.
inline std::string Suggest(absl::string_view word, const std::vector<std::string>& candidates) {
  const absl::string_view closest = Closest(word, candidates);
  return absl::StrCat(closest.empty() ? "" : absl::StrCat("did you mean `", closest, "`? "),
                      "expected one of: ", absl::StrJoin(candidates, ", "));
}

engine::Mask MaskOf(const auto& values) {
  engine::Mask mask = 0;
  for (const int value : values) mask |= engine::Mask{1} << value;
  return mask;
}

// What conditions about workers and cases say by heart.
engine::Condition BindKnown(const compliance::v1::Condition& condition);

inline std::vector<std::string> ColumnNames(engine::FactKind kind) {
  std::vector<std::string> names;
  for (const engine::Column& column : RecordSchema().Of(kind).columns) {
    if (!column.name.empty()) names.push_back(column.name);
  }
  return names;
}

template <typename Message>
engine::FactKind Binder::Kind(const Placed<Message>& message, absl::string_view field,
                              const std::string& name) {
  std::vector<std::string> names;
  engine::FactKind found = engine::FactKind::kNone;
  int matches = 0;
  for (const engine::KindSchema& kind : RecordSchema().kinds) {
    if (kind.type_name == name) return kind.kind;
    names.push_back(ShortName(kind.kind));
    if (names.back() != name) continue;
    found = kind.kind;
    ++matches;
  }
  if (matches == 1) return found;
  Add(message.At(
      field, matches > 1 ? absl::StrCat("several services have a `", name, "`: expected its full name")
                         : absl::StrCat("there is no kind of record `", name, "`: ", Suggest(name, names))));
  return engine::FactKind::kNone;
}

template <typename Message>
std::vector<engine::Condition> Binder::BindWhen(const Placed<Message>& message, absl::string_view field,
                                                const compliance::v1::Condition& condition, bool is_set,
                                                const Around& around) {
  if (!is_set || around.kind == engine::FactKind::kNone) return {};
  return {Bind(message.Into(field, condition), around)};
}

template <typename Message>
uint16_t Binder::ColumnOf(const Placed<Message>& message, absl::string_view field, const std::string& name,
                          engine::FactKind kind, Wanted wanted) {
  const engine::KindSchema& schema = RecordSchema().Of(kind);
  const uint16_t column = name.empty() ? engine::kNoColumn : schema.FindColumn(name);
  if (column == engine::kNoColumn) {
    Add(message.At(field, absl::StrCat("a ", ShortName(kind), " has no field `", name,
                                       "`: ", Suggest(name, ColumnNames(kind)))));
    return column;
  }
  const engine::ColumnType type = schema.columns[column].type;
  if (wanted == Wanted::kDay && type != engine::ColumnType::kDay && type != engine::ColumnType::kInstant) {
    Add(message.At(field, absl::StrCat("`", name, "` of a ", ShortName(kind), " is no date")));
  }
  return column;
}

template <typename Message>
engine::Path Binder::BindPath(const Placed<Message>& message, absl::string_view field,
                              const std::string& text, const Around& around, Wanted wanted) {
  engine::Path path;
  if (text.empty()) {
    Add(message.At(field, absl::StrCat("no `", field, "`: expected a field or a path over fields")));
    return path;
  }
  std::vector<std::string> names = absl::StrSplit(text, '.');
  const Around* start = &around;
  if (names.front() == "subject" || names.front() == "outer") {
    if (names.front() == "subject") {
      path.start = engine::Path::Start::kSubject;
      while (start->outer != nullptr) start = start->outer;
    } else if (start->outer == nullptr) {
      Add(message.At(field, "`outer` has no meaning here: this is about the rule's subject itself"));
      return path;
    } else {
      path.start = engine::Path::Start::kOuter;
      start = start->outer;
    }
    names.erase(names.begin());
  }
  engine::FactKind kind = start->kind;
  if (kind == engine::FactKind::kNone) return path;
  path.target = kind;
  for (size_t i = 0; i < names.size(); ++i) {
    const engine::KindSchema& schema = RecordSchema().Of(kind);
    const uint16_t column = names[i].empty() ? engine::kNoColumn : schema.FindColumn(names[i]);
    if (column == engine::kNoColumn) {
      Add(message.At(field, absl::StrCat("a ", ShortName(kind), " has no field `", names[i],
                                         "`: ", Suggest(names[i], ColumnNames(kind)))));
      return engine::Path{};
    }
    const engine::Column& found = schema.columns[column];
    if (i + 1 < names.size()) {
      if (found.type != engine::ColumnType::kReference || found.target == engine::FactKind::kNone) {
        Add(message.At(field, absl::StrCat("`", names[i], "` of a ", ShortName(kind),
                                           " names no single other record: the path cannot go on")));
        return engine::Path{};
      }
      path.hops.push_back({kind, column});
      kind = found.target;
      continue;
    }
    path.column = column;
    path.type = found.type;
    path.target = found.target;
  }
  path.kind = kind;
  const bool is_day = path.column != engine::kNoColumn &&
                      (path.type == engine::ColumnType::kDay || path.type == engine::ColumnType::kInstant);
  const bool is_record = path.column == engine::kNoColumn || path.type == engine::ColumnType::kReference ||
                         path.type == engine::ColumnType::kReferences;
  const bool is_number = path.column != engine::kNoColumn && path.type == engine::ColumnType::kNumber;
  if ((wanted == Wanted::kDay && !is_day) || (wanted == Wanted::kNumber && !is_number) ||
      (wanted == Wanted::kRecord && !is_record)) {
    Add(message.At(field, absl::StrCat("`", text, "` is no ",
                                       wanted == Wanted::kDay      ? "date or instant"
                                       : wanted == Wanted::kNumber ? "number"
                                                                   : "other record")));
    return engine::Path{};
  }
  return path;
}

template <typename Message>
uint16_t Binder::Via(const Placed<Message>& message, const std::string& via, engine::FactKind of,
                     engine::FactKind owner) {
  if (via.empty()) {
    if (owner != engine::FactKind::kAuthority && owner != engine::FactKind::kNone) {
      Add(message.Here(absl::StrCat("no `via`: expected the field of a ", ShortName(of), " that names the ",
                                    ShortName(owner))));
    }
    return engine::kNoColumn;
  }
  const uint16_t column = ColumnOf(message, "via", via, of, Wanted::kAny);
  if (column == engine::kNoColumn || owner == engine::FactKind::kNone) return column;
  const engine::Column& found = RecordSchema().Of(of).columns[column];
  if (found.target != owner) {
    Add(message.At("via", absl::StrCat("`", via, "` of a ", ShortName(of), " names no ", ShortName(owner))));
  }
  return column;
}

}  // namespace oversight::policy
