#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/kind.h"
#include "common/resource/writer.h"
#include "common/rpc/call.h"

namespace oversight::resource {

// BatchGet, BatchCreate, BatchUpdate and BatchDelete (AIP-231 to 235): up to 1,000 resources of one kind, all
// or nothing. An error names the request it is about, `requests[3]`, in its message, its fields and its
// metadata `part`.
class BatchMethods {
 public:
  enum class Verb { kGet, kCreate, kUpdate, kDelete };
  static constexpr std::array<Verb, 4> kVerbs = {Verb::kGet, Verb::kCreate, Verb::kUpdate, Verb::kDelete};
  static const char* NameOf(Verb verb);

  explicit BatchMethods(Writer* writer) : writer_(writer) {}
  absl::Status Run(Verb verb, const Kind& kind, rpc::Call& call, const Message& request,
                   Message& response) const;

 private:
  absl::Status Get(const Kind& kind, rpc::Call& call, const Message& request, const Key& parent,
                   Message& response) const;
  absl::Status Write(Verb verb, const Kind& kind, rpc::Call& call, const Message& request, const Key& parent,
                     Message& response) const;

  Writer* const writer_;
};

}  // namespace oversight::resource
