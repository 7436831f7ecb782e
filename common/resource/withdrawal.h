#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace oversight::resource {

// What a deleted resource's `withdrawal` says (oversight.type.v1.Withdrawal). A message without that field is
// never withdrawn.

// Whether it was voided or merged.
bool IsWithdrawn(const google::protobuf::Message& state);
// The name of the resource into which it was merged; empty when it was not.
std::string MergedInto(const google::protobuf::Message& state);
// Says why it counts no longer; `merged_into` is empty when it was an error.
void SetWithdrawal(google::protobuf::Message& state, absl::string_view reason, absl::string_view merged_into);

}  // namespace oversight::resource
