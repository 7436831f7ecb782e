#pragma once

#include <memory>

#include "common/resource/kind.h"

namespace oversight::workforce {

// The registered kinds of this service, for decisions that look at other resources than the one being
// written. Definition() fills it once all are registered.
struct Kinds {
  const resource::Kind* authority = nullptr;
  const resource::Kind* team = nullptr;
  const resource::Kind* role = nullptr;
  const resource::Kind* worker = nullptr;
  const resource::Kind* post = nullptr;
  const resource::Kind* asye_programme = nullptr;
  const resource::Kind* student_placement = nullptr;
  const resource::Kind* supervisor_link = nullptr;
  const resource::Kind* absence = nullptr;
  const resource::Kind* capacity = nullptr;
  const resource::Kind* capacity_reduction = nullptr;
};
using KindsPtr = std::shared_ptr<const Kinds>;

// One factory for each kind that has rules beyond its annotations, defined in the file of its name.
resource::Kind AuthorityKind();
resource::Kind TeamKind(KindsPtr kinds);
resource::Kind WorkerKind();
resource::Kind PostKind(KindsPtr kinds);
resource::Kind AsyeProgrammeKind(KindsPtr kinds);
resource::Kind StudentPlacementKind(KindsPtr kinds);
resource::Kind SupervisorLinkKind(KindsPtr kinds);
resource::Kind AbsenceKind();
resource::Kind CapabilityAssessmentKind();

}  // namespace oversight::workforce
