#include "services/caseload/domain/case_standing.h"

#include <algorithm>

namespace oversight::caseload {
namespace {

// The later of the open period's start and the last end of a part that held the case.
CivilDay UnallocatedSince(const CaseRecord& record, CivilDay opened, CivilDay day) {
  CivilDay since = opened;
  for (const CaseRecord::Part& part : record.parts) {
    if (Holds(part.role) && part.period.end <= day) since = std::max(since, part.period.end);
  }
  return since;
}

}  // namespace

CaseStanding StandingOn(const CaseRecord& record, CivilDay day) {
  CaseStanding standing;
  standing.team = record.team;
  const auto open = std::find_if(record.open.begin(), record.open.end(),
                                 [&](const Period& period) { return period.Contains(day); });
  standing.open = open != record.open.end();
  for (const CaseRecord::Status& status : record.statuses) {
    if (status.period.Contains(day)) standing.statuses.push_back(status.status);
  }
  standing.primary = PrimaryStatus(standing.statuses);
  if (!standing.open) return standing;
  for (const CaseRecord::Part& part : record.parts) {
    if (!part.period.Contains(day)) continue;
    standing.parts.push_back(part);
    if (!Holds(part.role)) continue;
    if (standing.holders.empty() && !part.team.empty()) standing.team = part.team;
    standing.holders.push_back(part.worker);
  }
  if (standing.holders.empty()) standing.unallocated_since = UnallocatedSince(record, open->start, day);
  return standing;
}

}  // namespace oversight::caseload
