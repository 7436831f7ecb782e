#include "services/caseload/domain/workload.h"

#include <algorithm>

namespace oversight::caseload {
namespace {

// Sums of weights like 0.1 must not tip a workload over its capacity.
constexpr double kTolerance = 1e-9;

int Rank(CaseStatus status) {
  switch (status) {
    case CaseStatus::kPublicLawProceedings:
      return 8;
    case CaseStatus::kLookedAfter:
      return 7;
    case CaseStatus::kPreProceedings:
      return 6;
    case CaseStatus::kChildProtection:
      return 5;
    case CaseStatus::kChildInNeed:
      return 4;
    case CaseStatus::kAssessment:
      return 3;
    case CaseStatus::kCareLeaver:
      return 2;
    case CaseStatus::kFamilyPlacement:
      return 1;
    case CaseStatus::kNone:
      return 0;
  }
  return 0;
}

double FactorOf(const WorkloadScheme& scheme, AllocationRole role) {
  const auto factor = scheme.role_factors.find(role);
  if (factor != scheme.role_factors.end()) return factor->second;
  return Holds(role) ? 1 : 0;
}

}  // namespace

CaseStatus PrimaryStatus(absl::Span<const CaseStatus> statuses) {
  const auto primary = std::max_element(statuses.begin(), statuses.end(),
                                        [](CaseStatus a, CaseStatus b) { return Rank(a) < Rank(b); });
  return primary == statuses.end() ? CaseStatus::kNone : *primary;
}

double PointsOf(const WorkloadScheme& scheme, CaseStatus primary) {
  const auto points = scheme.status_points.find(primary);
  return points == scheme.status_points.end() ? scheme.default_points : points->second;
}

double PointsOf(const WorkloadScheme& scheme, CaseStatus primary, AllocationRole role) {
  return PointsOf(scheme, primary) * FactorOf(scheme, role);
}

std::optional<double> CapacityOf(const WorkloadScheme& scheme, const CapacityFacts& facts) {
  std::optional<double> capacity = facts.own_points;
  if (!capacity && scheme.full_time_capacity) {
    capacity = *scheme.full_time_capacity * facts.full_time_equivalent;
  }
  if (capacity) *capacity *= (100 - facts.reduction_percent) / 100;
  return capacity;
}

void Workload::Add(const WorkloadScheme& scheme, CaseStatus primary, AllocationRole role) {
  if (Holds(role)) ++cases;
  points += PointsOf(scheme, primary, role);
}

void Workload::Add(const Workload& other) {
  cases += other.cases;
  points += other.points;
  if (other.capacity) capacity = capacity.value_or(0) + *other.capacity;
}

bool Workload::OverCapacity() const { return capacity && points > *capacity + kTolerance; }

}  // namespace oversight::caseload
