#pragma once

#include <memory>

#include "common/resource/kind.h"

namespace oversight::caseload {

// The registered kinds of this service, for decisions that look at other resources than the one being
// written. Definition() fills it once all are registered.
struct Kinds {
  const resource::Kind* status_period = nullptr;
  const resource::Kind* placement = nullptr;
  const resource::Kind* allocation = nullptr;
};
using KindsPtr = std::shared_ptr<const Kinds>;

// One factory a kind; each is defined in the file of its name.
resource::Kind CaseKind();
resource::Kind StatusPeriodKind(KindsPtr kinds);
resource::Kind PlacementKind(KindsPtr kinds);
resource::Kind ReducedFrequencyAgreementKind();
resource::Kind AllocationKind(KindsPtr kinds);

}  // namespace oversight::caseload
