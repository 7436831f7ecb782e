#pragma once

#include "absl/status/status.h"
#include "common/resource/kind.h"
#include "common/resource/writer.h"
#include "common/rpc/call.h"

namespace oversight::resource {

// The List methods (AIP-132) with their filters (AIP-160, see filter.h).
class ListMethod {
 public:
  explicit ListMethod(Writer* writer) : writer_(writer) {}
  absl::Status List(const Kind& kind, rpc::Call& call, const Message& request, Message& response) const;

 private:
  absl::Status CheckParent(const Kind& kind, mysql::Connection& connection, const Key& parent) const;

  Writer* const writer_;
};

}  // namespace oversight::resource
