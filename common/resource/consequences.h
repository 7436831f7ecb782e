#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/resource/kind.h"
#include "common/resource/unit_of_work.h"

namespace oversight::resource {

// What else a change of one resource brings with it, in the same transaction. Both may run again from the
// start.
class Consequences {
 public:
  virtual ~Consequences() = default;
  // Reads and locks the rows that other calls lock before the authority's head: those of kinds without
  // `lock_authority`.
  virtual absl::Status Lock(UnitOfWork& work) = 0;
  // Decides and writes. The authority's head is locked: nobody else can commit there.
  virtual absl::Status Write(UnitOfWork& work) = 0;
};

// Visits the live resources beneath `key`, what lies deepest first, kinds in the order of the registry.
// Children of kinds that lock the authority are left out where `lockable_only`.
absl::Status ForEachBeneath(
    UnitOfWork& work, const Registry& kinds, const Kind& kind, const Key& key, bool lockable_only,
    absl::FunctionRef<absl::Status(const Kind& kind, const WriteContext::Item& item)> visit);

}  // namespace oversight::resource
