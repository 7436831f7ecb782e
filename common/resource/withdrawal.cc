#include "common/resource/withdrawal.h"

#include "google/protobuf/descriptor.h"
#include "oversight/type/v1/withdrawal.pb.h"

namespace oversight::resource {
namespace {

using google::protobuf::Message;

const google::protobuf::FieldDescriptor* FieldOf(const Message& state) {
  const auto* field = state.GetDescriptor()->FindFieldByName("withdrawal");
  return field != nullptr && field->message_type() == type::v1::Withdrawal::descriptor() ? field : nullptr;
}

}  // namespace

bool IsWithdrawn(const Message& state) {
  const auto* field = FieldOf(state);
  return field != nullptr && state.GetReflection()->HasField(state, field);
}

std::string MergedInto(const Message& state) {
  if (!IsWithdrawn(state)) return "";
  return static_cast<const type::v1::Withdrawal&>(state.GetReflection()->GetMessage(state, FieldOf(state)))
      .merged_into();
}

void SetWithdrawal(Message& state, absl::string_view reason, absl::string_view merged_into) {
  const auto* field = FieldOf(state);
  if (field == nullptr) return;
  auto& withdrawal =
      static_cast<type::v1::Withdrawal&>(*state.GetReflection()->MutableMessage(&state, field));
  withdrawal.set_reason(std::string(reason));
  withdrawal.set_merged_into(std::string(merged_into));
}

}  // namespace oversight::resource
