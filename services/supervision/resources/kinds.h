#pragma once

#include <memory>

#include "common/resource/kind.h"

namespace oversight::supervision {

inline constexpr char kSupervisionService[] = "oversight.supervision.v1.SupervisionService";

// The registered kinds of this service, for decisions that look at other resources than the one being
// written. Definition() fills it once all are registered.
struct Kinds {
  const resource::Kind* agreement = nullptr;
  const resource::Kind* planned_series = nullptr;
  const resource::Kind* session = nullptr;
  const resource::Kind* case_discussion = nullptr;
  const resource::Kind* session_record = nullptr;
  const resource::Kind* disclosure = nullptr;
};
using KindsPtr = std::shared_ptr<const Kinds>;

// One factory a kind; each is defined in the file of its name.
resource::Kind AgreementKind();
resource::Kind PlannedSeriesKind();
resource::Kind SessionKind(KindsPtr kinds);
resource::Kind CaseDiscussionKind(KindsPtr kinds);
resource::Kind SessionRecordKind();
resource::Kind ActionKind();
resource::Kind ManagementDecisionKind();
resource::Kind MidwayCheckKind();
resource::Kind DisclosureKind(KindsPtr kinds);
resource::Kind QualityAuditKind();
resource::Kind SurveyResultKind();

}  // namespace oversight::supervision
