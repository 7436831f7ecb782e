#include "deploy/sample/generate.h"

#include "absl/status/status.h"
#include "deploy/sample/absences.h"
#include "deploy/sample/allocations.h"
#include "deploy/sample/careers.h"
#include "deploy/sample/carers.h"
#include "deploy/sample/cases.h"
#include "deploy/sample/organisation.h"
#include "deploy/sample/sessions.h"
#include "deploy/sample/supervisors.h"

namespace oversight::sample {

absl::StatusOr<Authority> Generate(const Options& options) {
  if (options.workers < 20 || options.workers > 9000) {
    return absl::InvalidArgumentError("--workers must lie between 20 and 9000");
  }
  if (options.cases < 20 || options.cases > 500000) {
    return absl::InvalidArgumentError("--cases must lie between 20 and 500000");
  }
  if (options.months < 4 || options.months > 36) {
    return absl::InvalidArgumentError("--months must lie between 4 and 36");
  }
  Authority authority;
  authority.options = options;
  authority.history = Period{AddMonths(options.end_day, -options.months), options.end_day + 1};
  BuildOrganisation(authority);
  BuildCareers(authority);
  BuildAbsences(authority);
  BuildSupervisorLinks(authority);
  BuildCases(authority);
  BuildAllocations(authority);
  BuildCarers(authority);
  BuildSessions(authority);
  BuildCaseDiscussions(authority);
  return authority;
}

}  // namespace oversight::sample
