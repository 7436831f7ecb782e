#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "services/oversightctl/call/methods.h"
#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// A kind of resource and the service that keeps it.
struct ResourceKind {
  ServiceId service;
  // `workforce.Worker`.
  std::string name;
  const google::protobuf::Descriptor* message = nullptr;
  // `authorities/{authority}/workers/{worker}`.
  std::string pattern;

  // Its part of a name: `workers`.
  std::string collection() const;
  // The collections and ids above it, ids as `{worker}`; empty for an authority.
  std::string parent_pattern() const;
  // `Workers`, as in ListWorkers.
  std::string plural() const;
};

// All kinds, by service and in the order of their definition.
const std::vector<ResourceKind>& AllKinds();

// Finds `workforce.Worker` or, where only one service has it, `Worker`; in any case, underscores and dashes
// left out. Errors: NOT_FOUND, naming what comes close.
absl::StatusOr<ResourceKind> FindKind(absl::string_view name);

// The method of a kind, `Get` of `workforce.Worker`. Errors: NOT_FOUND when it has none.
absl::StatusOr<CallableMethod> MethodOfKind(const ResourceKind& kind, const std::string& verb);

// A name as people write it, in full: `W1`, `workers/W1` and `authorities/a/workers/W1` mean the same for a
// worker, and `workers/W1/posts/P1` needs only the authority.
std::string FullName(const Context& context, const std::string& pattern, const std::string& text);

}  // namespace oversight::ctl
