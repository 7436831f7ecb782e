#include "services/caseload/questions/caseload_facts.h"

#include "common/resource/dated.h"
#include "common/resource/read_all.h"
#include "oversight/caseload/v1/workload.pb.h"
#include "services/caseload/resources/vocabulary.h"

namespace oversight::caseload {
namespace {

// `authorities/a/cases/c` of `authorities/a/cases/c/allocations/x`.
std::string CaseOf(const std::string& name) {
  const size_t id = name.rfind('/');
  return name.substr(0, name.rfind('/', id - 1));
}

}  // namespace

absl::StatusOr<std::map<std::string, CaseRecord>> ReadCases(rpc::Call& call,
                                                            const resource::Environment& environment,
                                                            const Kinds& kinds,
                                                            const std::string& authority) {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment.pool->Acquire(call.deadline()));
  const resource::Tables& tables = *environment.tables;
  OVERSIGHT_ASSIGN_OR_RETURN(const auto cases,
                             resource::ReadAll<v1::Case>(*connection, tables, *kinds.case_record, authority));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto statuses, resource::ReadAll<v1::StatusPeriod>(
                                                      *connection, tables, *kinds.status_period, authority));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto allocations, resource::ReadAll<v1::Allocation>(
                                                         *connection, tables, *kinds.allocation, authority));
  std::map<std::string, CaseRecord> records;
  for (const v1::Case& found : cases) {
    CaseRecord& record = records[found.name()];
    record.name = found.name();
    record.team = found.team();
    for (const auto& period : found.open_periods()) record.open.push_back(resource::PeriodOf(period));
  }
  for (const v1::StatusPeriod& status : statuses) {
    const auto record = records.find(CaseOf(status.name()));
    if (record == records.end()) continue;
    record->second.statuses.push_back({StatusOf(status.status()), resource::PeriodOf(status)});
  }
  for (const v1::Allocation& allocation : allocations) {
    const auto record = records.find(CaseOf(allocation.name()));
    if (record == records.end()) continue;
    record->second.parts.push_back(
        {allocation.worker(), RoleOf(allocation.role()), allocation.team(), resource::PeriodOf(allocation)});
  }
  return records;
}

absl::StatusOr<WorkloadScheme> ReadScheme(rpc::Call& call, const resource::Environment& environment,
                                          const Kinds& kinds, const std::string& authority, CivilDay day) {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment.pool->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto schemes,
                             resource::ReadAll<v1::WorkloadScheme>(*connection, *environment.tables,
                                                                   *kinds.workload_scheme, authority));
  WorkloadScheme scheme;
  for (const v1::WorkloadScheme& stored : schemes) {
    if (!resource::PeriodOf(stored).Contains(day)) continue;
    scheme.full_time_capacity = stored.full_time_capacity();
    scheme.default_points = stored.default_points();
    for (const auto& weight : stored.status_weights()) {
      scheme.status_points[StatusOf(weight.status())] = weight.points();
    }
    for (const auto& factor : stored.role_factors())
      scheme.role_factors[RoleOf(factor.role())] = factor.factor();
  }
  return scheme;
}

}  // namespace oversight::caseload
