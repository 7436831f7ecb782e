#pragma once

#include "oversight/caseload/v1/caseload.pb.h"
#include "services/caseload/domain/allocation.h"
#include "services/caseload/domain/workload.h"

namespace oversight::caseload {

// The domain has its words in the order of the API.
static_assert(static_cast<int>(AllocationRole::kKeyworker) == v1::ALLOCATION_ROLE_KEYWORKER);
static_assert(static_cast<int>(AllocationRole::kSupervisedStudent) ==
              v1::ALLOCATION_ROLE_INVOLVED_WORKER_SUPERVISED_STUDENT);
static_assert(static_cast<int>(AllocationRole::kSupervisingSocialWorker) ==
              v1::ALLOCATION_ROLE_SUPERVISING_SOCIAL_WORKER);
static_assert(static_cast<int>(AllocationRole::kSupervisingSocialWorker) == v1::AllocationRole_MAX);
static_assert(static_cast<int>(CaseStatus::kAssessment) == v1::CASE_STATUS_ASSESSMENT);
static_assert(static_cast<int>(CaseStatus::kPublicLawProceedings) == v1::CASE_STATUS_PUBLIC_LAW_PROCEEDINGS);
static_assert(static_cast<int>(CaseStatus::kFamilyPlacement) == v1::CaseStatus_MAX);

inline AllocationRole RoleOf(v1::AllocationRole role) { return static_cast<AllocationRole>(role); }
inline CaseStatus StatusOf(v1::CaseStatus status) { return static_cast<CaseStatus>(status); }

}  // namespace oversight::caseload
