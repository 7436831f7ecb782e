#pragma once

#include <cstdint>

// The field's words as the engine knows them. The numbers equal those of the API's enums, 0 meaning
// unspecified, so that a set of values fits a bit mask; the policy compiler asserts the equality.
namespace oversight::engine {

enum class ServiceArea : uint8_t {
  kUnspecified = 0,
  kChildInNeed = 1,
  kChildProtection = 2,
  kLookedAfter = 3,
  kLeavingCare = 4,
  kChildrenWithDisabilities = 5,
  kFamilyPlacement = 6,
  kResidential = 7,
  kFrontDoor = 8,
  kAdults = 9,
  kContact = 10,
};

enum class CareerStage : uint8_t {
  kUnspecified = 0,
  kPointOfEntry = 1,
  kReadinessForPractice = 2,
  kEndOfFirstPlacement = 3,
  kEndOfLastPlacement = 4,
  kNewlyQualified = 5,
  kSocialWorker = 6,
  kExperiencedSocialWorker = 7,
  kAdvanced = 8,
  kStrategic = 9,
  kUnregisteredPractitioner = 10,
  kVolunteer = 11,
};

enum class EmploymentBasis : uint8_t {
  kUnspecified = 0,
  kPermanent = 1,
  kAgency = 2,
  kIndependent = 3,
  kVolunteer = 4,
  kStudent = 5,
};

enum class StudentRoute : uint8_t {
  kUnspecified = 0,
  kUniversity = 1,
  kEmployedStudent = 2,
  kApprentice = 3
};

enum class SupervisorFunction : uint8_t {
  kUnspecified = 0,
  kLineManagement = 1,
  kProfessional = 2,
  kPracticeEducation = 3,
};

enum class CaseStatus : uint8_t {
  kUnspecified = 0,
  kAssessment = 1,
  kChildInNeed = 2,
  kChildProtection = 3,
  kPreProceedings = 4,
  kPublicLawProceedings = 5,
  kLookedAfter = 6,
  kCareLeaver = 7,
  kFamilyPlacement = 8,
};

enum class PlacementType : uint8_t {
  kUnspecified = 0,
  kFoster = 1,
  kResidential = 2,
  kWithParents = 3,
  kForAdoption = 4,
  kOther = 5,
};

enum class AgreementGround : uint8_t { kUnspecified = 0, kSupportOnly = 1, kDirectPaymentsOnly = 2 };

enum class AllocationRole : uint8_t {
  kUnspecified = 0,
  kKeyworker = 1,
  kCoworker = 2,
  kInvolvedWorker = 3,
  kInvolvedWorkerSupervisedStudent = 4,
  kPersonalAdviser = 5,
  kSupervisingSocialWorker = 6,
};

enum class SessionKind : uint8_t {
  kUnspecified = 0,
  kFormalOneToOne = 1,
  kProfessional = 2,
  kPracticeEducation = 3,
  kGroup = 4,
  kInformal = 5,
};

enum class SessionState : uint8_t {
  kUnspecified = 0,
  kScheduled = 1,
  kHeld = 2,
  kCancelled = 3,
  kMissed = 4
};

// A set of values of one of the enums above.
using Mask = uint32_t;

template <typename... Enum>
constexpr Mask MaskOf(Enum... values) {
  return (Mask{0} | ... | (Mask{1} << static_cast<unsigned>(values)));
}

template <typename Enum>
constexpr bool Contains(Mask mask, Enum value) {
  return (mask & MaskOf(value)) != 0;
}

}  // namespace oversight::engine
