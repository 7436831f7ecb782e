#include "services/compliance/policy/record_schema.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::policy {
namespace {

using engine::Column;
using engine::ColumnType;
using engine::FactKind;
using engine::KindSchema;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// The kinds that the engine knows by heart, in the order of FactKind.
constexpr absl::string_view kKnownTypes[] = {
    "oversight.workforce.v1.Worker",
    "oversight.workforce.v1.Post",
    "oversight.workforce.v1.AsyeProgramme",
    "oversight.workforce.v1.StudentPlacement",
    "oversight.workforce.v1.SupervisorLink",
    "oversight.workforce.v1.Absence",
    "oversight.workforce.v1.Team",
    "oversight.caseload.v1.Case",
    "oversight.caseload.v1.StatusPeriod",
    "oversight.caseload.v1.Placement",
    "oversight.caseload.v1.ReducedFrequencyAgreement",
    "oversight.caseload.v1.Allocation",
    "oversight.supervision.v1.Session",
    "oversight.supervision.v1.CaseDiscussion",
    "oversight.workforce.v1.Authority",
};
static_assert(std::size(kKnownTypes) == engine::kKnownKinds);

constexpr absl::string_view kServices[] = {"oversight.workforce.v1.WorkforceService",
                                           "oversight.caseload.v1.CaseloadService",
                                           "oversight.supervision.v1.SupervisionService"};

// Fields that every resource has and no policy asks about.
constexpr absl::string_view kHousekeeping[] = {"name",        "external_ids", "create_time", "update_time",
                                               "delete_time", "etag",         "withdrawal"};

std::string PatternOf(const Descriptor* message) {
  return message->options().GetExtension(type::v1::resource).pattern();
}

// `authorities/{authority}/workers/{worker}` of a worker's post.
std::string AboveOf(const std::string& pattern) {
  const size_t id = pattern.rfind('/');
  if (id == std::string::npos) return "";
  const size_t collection = pattern.rfind('/', id - 1);
  return collection == std::string::npos ? "" : pattern.substr(0, collection);
}

// Every other segment, a leading slash aside.
std::string Collections(absl::string_view name) {
  std::string collections;
  absl::ConsumePrefix(&name, "/");
  bool is_id = false;
  for (const absl::string_view segment : absl::StrSplit(name, '/')) {
    if (!is_id) absl::StrAppend(&collections, collections.empty() ? "" : "/", segment);
    is_id = !is_id;
  }
  return collections;
}

void CollectResources(const FileDescriptor* file, std::set<const FileDescriptor*>& seen,
                      std::map<std::string, const Descriptor*>& resources) {
  if (!seen.insert(file).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) CollectResources(file->dependency(i), seen, resources);
  if (!absl::StartsWith(file->package(), "oversight.") ||
      absl::StartsWith(file->package(), "oversight.compliance")) {
    return;
  }
  for (int i = 0; i < file->message_type_count(); ++i) {
    const Descriptor* message = file->message_type(i);
    if (!PatternOf(message).empty()) resources[message->full_name()] = message;
  }
}

std::optional<ColumnType> TypeOf(const FieldDescriptor* field) {
  const bool names_resource = !field->options().GetExtension(type::v1::rules).reference().empty();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->is_repeated()) return std::nullopt;
      if (field->message_type()->full_name() == "google.type.Date") return ColumnType::kDay;
      if (field->message_type()->full_name() == "google.protobuf.Timestamp") return ColumnType::kInstant;
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_ENUM:
      return field->is_repeated() ? ColumnType::kSet : ColumnType::kEnum;
    case FieldDescriptor::CPPTYPE_STRING:
      if (names_resource) return field->is_repeated() ? ColumnType::kReferences : ColumnType::kReference;
      return ColumnType::kText;
    case FieldDescriptor::CPPTYPE_BOOL:
      return field->is_repeated() ? std::nullopt : std::optional(ColumnType::kFlag);
    default:
      return field->is_repeated() ? std::nullopt : std::optional(ColumnType::kNumber);
  }
}

class Builder {
 public:
  Builder() {
    std::set<const FileDescriptor*> seen;
    std::map<std::string, const Descriptor*> resources;
    for (const absl::string_view service : kServices) {
      const auto* found = DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
      if (found == nullptr) std::abort();  // the program was built without its protos
      CollectResources(found->file(), seen, resources);
    }
    for (const absl::string_view type : kKnownTypes) {
      const auto found = resources.find(std::string(type));
      if (found == resources.end()) std::abort();
      Declare(found->second);
      resources.erase(found);
    }
    for (const auto& [type, message] : resources) Declare(message);
    for (const auto& [type, number] : numbers_) Fill(messages_[number], number);
  }

  engine::Schema schema;
  absl::flat_hash_map<const Descriptor*, MessageColumns> columns;
  // `workers/posts`: the collections in a name, without the ids.
  absl::flat_hash_map<std::string, FactKind> by_collections;

 private:
  void Declare(const Descriptor* message) {
    numbers_[message->full_name()] = messages_.size();
    by_pattern_[PatternOf(message)] = messages_.size();
    by_collections[Collections(PatternOf(message).substr(
        std::string_view("authorities/{authority}").size()))] = static_cast<FactKind>(messages_.size());
    messages_.push_back(message);
    schema.kinds.push_back(
        {.kind = static_cast<FactKind>(schema.kinds.size()), .type_name = message->full_name()});
  }

  FactKind KindOf(const std::string& type) const {
    const auto found = numbers_.find(type);
    return found == numbers_.end() ? FactKind::kNone : static_cast<FactKind>(found->second);
  }

  void Fill(const Descriptor* message, size_t number) {
    KindSchema& kind = schema.kinds[number];
    MessageColumns& plan = columns[message];
    plan.kind = kind.kind;
    const auto above = by_pattern_.find(AboveOf(PatternOf(message)));
    plan.parent = above == by_pattern_.end() ? FactKind::kNone : static_cast<FactKind>(above->second);
    // All belongs to the authority: nobody needs to ask.
    if (plan.parent == FactKind::kAuthority) plan.parent = FactKind::kNone;
    kind.columns.push_back({.name = plan.parent == FactKind::kNone ? "" : "parent",
                            .type = ColumnType::kReference,
                            .target = plan.parent});
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor* field = message->field(i);
      const std::optional<ColumnType> type = TypeOf(field);
      if (!type || std::find(std::begin(kHousekeeping), std::end(kHousekeeping), field->name()) !=
                       std::end(kHousekeeping)) {
        continue;
      }
      Column column{.name = field->name(), .type = *type};
      if (*type == ColumnType::kReference || *type == ColumnType::kReferences) {
        column.target = KindOf(field->options().GetExtension(type::v1::rules).reference());
      }
      if (field->enum_type() != nullptr) {
        for (int v = 0; v < field->enum_type()->value_count(); ++v) {
          const auto* value = field->enum_type()->value(v);
          if (static_cast<size_t>(value->number()) >= column.values.size())
            column.values.resize(value->number() + 1);
          column.values[value->number()] = value->name();
        }
      }
      plan.fields.push_back({field, static_cast<uint16_t>(kind.columns.size()), *type, column.target});
      kind.columns.push_back(std::move(column));
    }
    kind.since = kind.FindColumn("start_date");
    kind.until = kind.FindColumn("end_date");
    if (kind.kind == FactKind::kAbsence) {
      kind.since = kind.FindColumn("first_date");
      kind.until = kind.FindColumn("last_date");
      kind.until_included = true;
    } else if (kind.kind == FactKind::kAsye) {
      kind.until = kind.FindColumn("completed_date");
    }
  }

  std::map<std::string, size_t> numbers_;
  std::map<std::string, size_t> by_pattern_;
  std::vector<const Descriptor*> messages_;
};

const Builder& Built() {
  static const auto* builder = new Builder;
  return *builder;
}

}  // namespace

const engine::Schema& RecordSchema() { return Built().schema; }

std::optional<FactKind> KindOfName(absl::string_view relative_name) {
  const auto found = Built().by_collections.find(Collections(relative_name));
  if (found == Built().by_collections.end()) return std::nullopt;
  return found->second;
}

absl::string_view LedgerOf(FactKind kind) {
  // oversight.workforce.v1.Worker
  const std::vector<absl::string_view> parts = absl::StrSplit(RecordSchema().Of(kind).type_name, '.');
  return parts[1];
}

const MessageColumns* ColumnsOf(const Descriptor* descriptor) {
  const auto found = Built().columns.find(descriptor);
  return found == Built().columns.end() ? nullptr : &found->second;
}

}  // namespace oversight::policy
