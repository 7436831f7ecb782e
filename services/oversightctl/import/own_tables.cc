#include "services/oversightctl/import/own_tables.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Names of columns that are older than the rule by which columns are named.
constexpr const char* kOldNames[][2] = {{"case_id", "person_id"},
                                        {"reduced_frequency_agreement_id", "agreement_id"}};

std::string IdColumn(absl::string_view stem) {
  std::string column = absl::StrCat(stem, "_id");
  for (const auto& [by_rule, old] : kOldNames) {
    if (column == by_rule) column = old;
  }
  return column;
}

// What is no fact that a file could bring: names, what the service alone sets, and where the service keeps
// the confidential text of a session's record itself.
bool IsLeftOut(const FieldDescriptor& field) {
  const auto& rules = field.options().GetExtension(type::v1::rules);
  if (rules.output_only() || rules.sensitivity() == type::v1::SENSITIVITY_CONFIDENTIAL) return true;
  static const auto& names = *new std::vector<std::string>{
      "name",
      "external_ids",
      "etag",
      "oversight.caseload.v1.Allocation.unchecked_reason",
      "oversight.caseload.v1.Allocation.verdict",
      "oversight.caseload.v1.Allocation.verdict_tokens",
      "oversight.supervision.v1.SessionRecord.latest_version",
      "oversight.supervision.v1.SessionRecord.signed_version",
      "oversight.supervision.v1.SessionRecord.text_digest",
      "oversight.supervision.v1.SurveyResult.Group.withheld",
  };
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == field.name() || name == field.full_name();
  });
}

bool IsValue(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
         field.message_type() == google::type::Date::descriptor() ||
         field.message_type() == google::protobuf::Timestamp::descriptor();
}

// `supervisor_id` of `supervisor`, `matter_ids` of the list `matters`.
std::string NameOfReferences(const FieldDescriptor& field) {
  if (!field.is_repeated()) return IdColumn(field.name());
  return absl::StrCat(absl::StripSuffix(field.name(), "s"), "_ids");
}

void AddColumns(const Descriptor& type, const OwnColumn& above, std::vector<OwnColumn>& columns) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsLeftOut(field)) continue;
    OwnColumn column = above;
    column.path.push_back(&field);
    const std::string prefix = above.path.empty() ? "" : absl::StrCat(above.name, ".");
    if (!IsValue(field)) {
      column.name = absl::StrCat(prefix, field.name());
      AddColumns(*field.message_type(), column, columns);
      continue;
    }
    const auto& rules = field.options().GetExtension(type::v1::rules);
    column.required = rules.required() && above.path.empty();
    if (rules.reference().empty()) {
      column.name = absl::StrCat(prefix, field.name());
    } else {
      column.reference =
          google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(rules.reference());
      column.name = absl::StrCat(prefix, NameOfReferences(field));
    }
    columns.push_back(std::move(column));
  }
}

bool NamesItself(const Descriptor& type) {
  return &type != workforce::v1::Authority::descriptor() &&
         &type != compliance::v1::PolicyAssignment::descriptor();
}

OwnTable MakeTable(const ImportKind& kind) {
  OwnTable table{.kind = &kind};
  const std::vector<std::string> parts = PatternParts(*kind.type);
  if (NamesItself(*kind.type)) table.id_column = IdColumnOf(*kind.type);
  // authorities/{authority}/parents/{parent}/things/{thing}
  if (parts.size() == 6) table.parent_column = IdColumn(parts[3].substr(1, parts[3].size() - 2));
  AddColumns(*kind.type, {}, table.columns);
  TableSpec& spec = table.spec;
  spec.file = kind.file;
  spec.only_these = true;
  spec.key = table.id_column;
  for (const std::string& column : {table.id_column, table.parent_column}) {
    if (!column.empty()) spec.columns.push_back({column, true});
  }
  for (const OwnColumn& column : table.columns) {
    spec.columns.push_back({column.name, column.required && !IsMadeByExtract(*kind.type)});
  }
  return table;
}

}  // namespace

const std::vector<OwnTable>& OwnTables() {
  static const auto& tables = *[] {
    auto* made = new std::vector<OwnTable>;
    for (const ImportKind& kind : ImportKinds()) made->push_back(MakeTable(kind));
    return made;
  }();
  return tables;
}

std::string IdColumnOf(const Descriptor& type) {
  const std::string last = PatternParts(type).back();
  return IdColumn(absl::string_view(last).substr(1, last.size() - 2));
}

bool IsMadeByExtract(const Descriptor& type) {
  static const auto& made = *new std::vector<const Descriptor*>{
      workforce::v1::Team::descriptor(),     workforce::v1::Worker::descriptor(),
      caseload::v1::Case::descriptor(),      caseload::v1::StatusPeriod::descriptor(),
      caseload::v1::Placement::descriptor(), caseload::v1::Allocation::descriptor()};
  return std::find(made.begin(), made.end(), &type) != made.end();
}

}  // namespace oversight::ctl
