#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/resource/writer.h"
#include "common/rpc/call.h"

namespace oversight::resource {

// A custom verb (AIP-136) that changes several resources, all or none, which it finds by looking.
struct Verb {
  // An id.
  std::string authority;
  IdentifiedRequest request;
  bool validate_only = false;
  // The changes it makes as things are now. Locks nothing: what it relies on, the mutations' `build` looks at
  // again.
  std::function<absl::StatusOr<std::vector<Mutation>>(mysql::Connection& connection)> plan;
};

// Carries it out in one transaction, planning anew up to twice where another call was faster
// (CHANGED_MEANWHILE). Returns the resources that it changed as they are then, in the order of the plan; for
// a request sent again, those that it changed the first time.
absl::StatusOr<std::vector<std::unique_ptr<Message>>> CarryOut(rpc::Call& call, Writer& writer,
                                                               const Verb& verb);

// What the request changed when it was carried out before, as CarryOut would return it, with its token;
// nothing when it is new. For a verb that asks others before it plans: sent again, it need not ask them.
absl::StatusOr<std::optional<std::vector<std::unique_ptr<Message>>>> CarriedOutBefore(rpc::Call& call,
                                                                                      const Writer& writer,
                                                                                      const Verb& verb);

// ABORTED (CHANGED_MEANWHILE): a resource is no longer as the plan found it.
absl::Status ChangedMeanwhile(const Kind& kind);

// A mutation that makes a new resource with this state, whose name it sets. `field` is for errors.
Mutation NewResource(const Kind& kind, const Key& key, const Message& state, const std::string& field = "");

}  // namespace oversight::resource
