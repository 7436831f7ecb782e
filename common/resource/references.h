#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/field_rules.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"

namespace oversight::resource {

// Asks the services that own referenced resources whether these exist.
class RemoteReferences {
 public:
  virtual ~RemoteReferences() = default;
  struct Answer {
    std::set<std::string> missing;
    // Of those, the ones that were merged into another resource, and its name.
    std::map<std::string, std::string> merged_into;
    // The point of that service's ledger at which it looked; empty when it has none yet.
    std::string token;
  };
  // UNAVAILABLE (REFERENCE_UNCHECKED) when the service is away or does not answer in time: nothing may be
  // written then.
  virtual absl::StatusOr<Answer> LookUp(rpc::Call& call, const std::string& service,
                                        const std::string& authority, const std::set<std::string>& names) = 0;
};

// Asks them through their LedgerService.
class LedgerReferences final : public RemoteReferences {
 public:
  explicit LedgerReferences(std::map<std::string, std::shared_ptr<rpc::Client>> services);
  absl::StatusOr<Answer> LookUp(rpc::Call& call, const std::string& service, const std::string& authority,
                                const std::set<std::string>& names) override;

 private:
  std::map<std::string, std::shared_ptr<rpc::Client>> services_;
};

// The service that owns resources of this type, `workforce` of `oversight.workforce.v1.Worker`.
std::string ServiceOf(absl::string_view type_name);

// FAILED_PRECONDITION (REFERENCE_NOT_FOUND) naming the field and, where what it names was a duplicate, the
// resource that stands for it: metadata `merged_into`.
absl::Status ReferenceNotFound(const Reference& reference, const std::string& prefix,
                               const std::string& merged_into = "");

}  // namespace oversight::resource
