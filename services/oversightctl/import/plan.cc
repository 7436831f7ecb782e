#include "services/oversightctl/import/plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace oversight::ctl {

std::string ToText(const Refusal& refusal) {
  std::string text = absl::StrCat(refusal.origin.file, ":", refusal.origin.line, ": ", refusal.reason, ": ",
                                  refusal.message);
  if (!refusal.fields.empty()) absl::StrAppend(&text, " (", absl::StrJoin(refusal.fields, "; "), ")");
  return text;
}

Plan::Plan() {
  for (const ImportKind& kind : ImportKinds()) kinds_.push_back({&kind, {}});
}

void Plan::Add(std::unique_ptr<google::protobuf::Message> resource, Origin origin) {
  if (!names_.emplace(NameOf(*resource), resource.get()).second) {
    Refuse({std::move(origin), "DUPLICATE_ROW", "another row stands for the same record already", {}});
    return;
  }
  const ImportKind* kind = FindImportKind(resource->GetDescriptor());
  kinds_[static_cast<size_t>(kind - ImportKinds().data())].items.push_back(
      {std::move(resource), std::move(origin)});
}

google::protobuf::Message* Plan::Find(absl::string_view resource_name) {
  const auto found = names_.find(resource_name);
  return found == names_.end() ? nullptr : found->second;
}

void Plan::Seal() {
  for (auto& [name, resource] : names_) resource = nullptr;
  if (left_out_.empty()) return;
  for (KindItems& kind : kinds_) {
    std::erase_if(kind.items,
                  [this](const Item& item) { return left_out_.contains(NameOf(*item.resource)); });
  }
}

bool Plan::IsShielded(absl::string_view external_id, absl::string_view resource_name) const {
  if (shielded_.contains(external_id)) return true;
  for (size_t slash = resource_name.find('/'); slash != absl::string_view::npos;
       slash = resource_name.find('/', slash + 1)) {
    if (shielded_parents_.contains(resource_name.substr(0, slash))) return true;
  }
  return shielded_parents_.contains(resource_name);
}

std::string NameOf(const google::protobuf::Message& resource) {
  return resource.GetReflection()->GetString(resource, resource.GetDescriptor()->FindFieldByName("name"));
}

}  // namespace oversight::ctl
