#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/oversightctl/cli/services.h"
#include "services/oversightctl/import/plan.h"

namespace oversight::ctl {

// Records that an earlier extract of the same source brought and this one does not hold any more.
struct VanishedKind {
  const ImportKind* kind = nullptr;
  // Messages that hold their names only; the origin is the external id.
  std::vector<Item> items;
};

// Compares what the services hold for an authority (`authorities/{authority}`) with the plan. A record has
// vanished when it came from `source`, the plan does not write it, and every file that its external ids name
// was read to its end. In the order of ImportKinds; kinds without any are left out.
absl::StatusOr<std::vector<VanishedKind>> FindVanished(Services& services, const std::string& authority,
                                                       absl::string_view source, const Plan& plan,
                                                       absl::Time deadline);

}  // namespace oversight::ctl
