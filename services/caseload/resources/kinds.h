#pragma once

#include <memory>

#include "common/resource/kind.h"
#include "services/caseload/peers/peers.h"

namespace oversight::caseload {

// The registered kinds of this service, for decisions that look at other resources than the one being
// written. Definition() fills it once all are registered.
struct Kinds {
  const resource::Kind* case_record = nullptr;
  const resource::Kind* status_period = nullptr;
  const resource::Kind* placement = nullptr;
  const resource::Kind* reduced_frequency_agreement = nullptr;
  const resource::Kind* risk_assessment = nullptr;
  const resource::Kind* stricter_frequency_agreement = nullptr;
  const resource::Kind* allocation = nullptr;
  const resource::Kind* meeting = nullptr;
  const resource::Kind* workload_scheme = nullptr;
};
using KindsPtr = std::shared_ptr<const Kinds>;

// One factory for each kind that has rules beyond its annotations, defined in the file of its name.
resource::Kind CaseKind();
resource::Kind StatusPeriodKind(KindsPtr kinds);
resource::Kind PlacementKind(KindsPtr kinds);
resource::Kind ReducedFrequencyAgreementKind();
resource::Kind StricterFrequencyAgreementKind();
resource::Kind AllocationKind(KindsPtr kinds, PeersPtr peers);
resource::Kind MeetingKind(KindsPtr kinds);
resource::Kind WorkloadSchemeKind();

}  // namespace oversight::caseload
