#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/belonging.h"

namespace oversight::access {

// Says to whom stored resources belong.
class OwnerSource {
 public:
  virtual ~OwnerSource() = default;
  // The owners of the resource with this full name, deleted ones included; none when it is not kept here.
  virtual absl::StatusOr<Owners> OwnersOf(const std::string& name, absl::Time deadline) = 0;
};

}  // namespace oversight::access
