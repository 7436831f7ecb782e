#include "services/oversightctl/import/import_kinds.h"

#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "oversight/caseload/v1/caseload_standard.pb.h"
#include "oversight/compliance/v1/compliance_standard.pb.h"
#include "oversight/supervision/v1/supervision_standard.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "oversight/workforce/v1/workforce_standard.pb.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Descriptor;

const Descriptor& RecordOf(ServiceId service) {
  switch (service) {
    case ServiceId::kWorkforce:
      return *workforce::v1::ImportRequest::Record::descriptor();
    case ServiceId::kCaseload:
      return *caseload::v1::ImportRequest::Record::descriptor();
    case ServiceId::kSupervision:
      return *supervision::v1::ImportRequest::Record::descriptor();
    case ServiceId::kCompliance:
      break;
  }
  return *compliance::v1::ImportRequest::Record::descriptor();
}

// `student_placements` of `studentPlacements`.
std::string SnakeCase(absl::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !snake.empty()) snake.push_back('_');
    snake.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return snake;
}

void CollectReferences(const Descriptor& type, std::set<std::string>& references) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    const std::string& reference = field.options().GetExtension(type::v1::rules).reference();
    if (!reference.empty()) references.insert(reference);
    const auto* message = field.message_type();
    if (message != nullptr && message->containing_type() == &type) CollectReferences(*message, references);
  }
}

// Orders the kinds of one service, each after those that it needs, otherwise as the request lists them.
class Order {
 public:
  Order(ServiceId service, std::vector<ImportKind>& kinds) : service_(service), kinds_(kinds) {
    const auto& resources = *RecordOf(service).oneof_decl(0);
    for (int i = 0; i < resources.field_count(); ++i) types_.push_back(resources.field(i)->message_type());
  }

  void Run() {
    for (const Descriptor* type : types_) Visit(*type);
  }

 private:
  void Visit(const Descriptor& type) {
    // A kind that refers to itself is sorted out when it is sent.
    if (!visited_.insert(&type).second) return;
    std::set<std::string> needed;
    CollectReferences(type, needed);
    for (const Descriptor* other : types_) {
      if (needed.contains(other->full_name()) || IsParent(*other, type)) Visit(*other);
    }
    const std::vector<std::string> parts = PatternParts(type);
    const std::string file = parts.size() == 2 ? SnakeCase(type.name()) : SnakeCase(parts[parts.size() - 2]);
    kinds_.push_back({&type, service_, file, absl::StrReplaceAll(file, {{"_", " "}})});
  }

  static bool IsParent(const Descriptor& above, const Descriptor& type) {
    std::vector<std::string> parts = PatternParts(type);
    if (parts.size() < 4) return false;
    parts.resize(parts.size() - 2);
    return parts == PatternParts(above);
  }

  const ServiceId service_;
  std::vector<ImportKind>& kinds_;
  std::vector<const Descriptor*> types_;
  std::set<const Descriptor*> visited_;
};

}  // namespace

const std::vector<ImportKind>& ImportKinds() {
  static const auto& kinds = *[] {
    auto* made = new std::vector<ImportKind>;
    for (const ServiceId service : kAllServices) Order(service, *made).Run();
    return made;
  }();
  return kinds;
}

const ImportKind* FindImportKind(const Descriptor* type) {
  static const auto& by_type = *[] {
    auto* made = new absl::flat_hash_map<const Descriptor*, const ImportKind*>;
    for (const ImportKind& kind : ImportKinds()) made->emplace(kind.type, &kind);
    return made;
  }();
  const auto found = by_type.find(type);
  return found == by_type.end() ? nullptr : found->second;
}

std::vector<std::string> PatternParts(const Descriptor& type) {
  return absl::StrSplit(type.options().GetExtension(type::v1::resource).pattern(), '/');
}

}  // namespace oversight::ctl
