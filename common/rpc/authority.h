#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace oversight::rpc {

// Finds the authority a request is about, by a way worked out once for each method: its field `parent`
// (AIP-132, 133), else `name` (AIP-131, 135), else the `name` of the resource in it (AIP-134).
class AuthorityField {
 public:
  AuthorityField() = default;
  explicit AuthorityField(const google::protobuf::Descriptor* request);

  // `authorities/{authority}`, or empty when the request names none. The text may lie in `request` or in
  // `scratch`.
  absl::string_view Of(const google::protobuf::Message& request, std::string* scratch) const;

 private:
  const google::protobuf::FieldDescriptor* resource_ = nullptr;
  const google::protobuf::FieldDescriptor* name_ = nullptr;
};

}  // namespace oversight::rpc
