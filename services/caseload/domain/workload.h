#pragma once

#include <map>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "services/caseload/domain/allocation.h"

namespace oversight::caseload {

// The statuses that a case can have, in the order of the API's enum.
enum class CaseStatus {
  kNone,
  kAssessment,
  kChildInNeed,
  kChildProtection,
  kPreProceedings,
  kPublicLawProceedings,
  kLookedAfter,
  kCareLeaver,
  kFamilyPlacement,
};

// The status of a case that weighs most: public law proceedings, looked after, pre-proceedings, child
// protection, child in need, assessment, care leaver, family placement. kNone when it has none.
CaseStatus PrimaryStatus(absl::Span<const CaseStatus> statuses);

// How an authority weighs its cases.
struct WorkloadScheme {
  // Points of full-time work; nothing when no scheme holds.
  std::optional<double> full_time_capacity;
  double default_points = 1;
  std::map<CaseStatus, double> status_points;
  std::map<AllocationRole, double> role_factors;
};

// What a case weighs.
double PointsOf(const WorkloadScheme& scheme, CaseStatus primary);
// What an allocation adds to its worker's workload.
double PointsOf(const WorkloadScheme& scheme, CaseStatus primary, AllocationRole role);

// What workforce knows of a worker's capacity.
struct CapacityFacts {
  double full_time_equivalent = 0;
  std::optional<double> own_points;
  // 0 to 100.
  double reduction_percent = 0;
};
// What the worker can carry: the own capacity, else that of the scheme times the full-time equivalents, less
// the reductions. Nothing when neither is known.
std::optional<double> CapacityOf(const WorkloadScheme& scheme, const CapacityFacts& facts);

struct Workload {
  int cases = 0;
  double points = 0;
  std::optional<double> capacity;

  // Adds what one allocation weighs.
  void Add(const WorkloadScheme& scheme, CaseStatus primary, AllocationRole role);
  // Adds another worker's; the sum has a capacity where any part has.
  void Add(const Workload& other);
  // More than can be carried; false where that is not known.
  bool OverCapacity() const;
};

}  // namespace oversight::caseload
