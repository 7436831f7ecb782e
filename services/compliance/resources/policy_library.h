#pragma once

#include <string>
#include <vector>

#include "services/compliance/policy/load.h"

namespace oversight::compliance {

// The policies that this process knows, read from their files at the start.
struct PolicyLibrary {
  std::vector<policy::LoadedPolicy> loaded;
  // The same, as the engine takes them.
  std::vector<engine::Policy> policies;

  const policy::LoadedPolicy* Find(absl::string_view id) const {
    for (const policy::LoadedPolicy& candidate : loaded) {
      if (candidate.policy.id == id) return &candidate;
    }
    return nullptr;
  }
};

}  // namespace oversight::compliance
