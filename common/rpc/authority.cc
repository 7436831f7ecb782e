#include "common/rpc/authority.h"

namespace oversight::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kCollection[] = "authorities/";
constexpr size_t kCollectionLength = sizeof(kCollection) - 1;
// Longer ids are refused later; until then they must not become keys.
constexpr size_t kLongestId = 63;

const FieldDescriptor* TextField(const Descriptor* message, const char* name) {
  const FieldDescriptor* field = message->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING)
    return nullptr;
  return field;
}

absl::string_view CutToAuthority(absl::string_view name) {
  if (name.substr(0, kCollectionLength) != kCollection) return {};
  const size_t id_length = name.substr(kCollectionLength).find('/');
  const absl::string_view authority =
      id_length == absl::string_view::npos ? name : name.substr(0, kCollectionLength + id_length);
  return authority.size() <= kCollectionLength + kLongestId ? authority : absl::string_view();
}

}  // namespace

AuthorityField::AuthorityField(const Descriptor* request) {
  name_ = TextField(request, "parent");
  if (name_ == nullptr) name_ = TextField(request, "name");
  for (int i = 0; name_ == nullptr && i < request->field_count(); ++i) {
    const FieldDescriptor* field = request->field(i);
    if (field->is_repeated() || field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
    name_ = TextField(field->message_type(), "name");
    if (name_ != nullptr) resource_ = field;
  }
}

absl::string_view AuthorityField::Of(const google::protobuf::Message& request, std::string* scratch) const {
  if (name_ == nullptr) return {};
  const google::protobuf::Message& holder =
      resource_ == nullptr ? request : request.GetReflection()->GetMessage(request, resource_);
  return CutToAuthority(holder.GetReflection()->GetStringReference(holder, name_, scratch));
}

}  // namespace oversight::rpc
