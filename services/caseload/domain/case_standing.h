#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/time/period.h"
#include "services/caseload/domain/workload.h"

namespace oversight::caseload {

// What is on record of a case, as far as it matters for who holds it.
struct CaseRecord {
  struct Status {
    CaseStatus status;
    Period period;
  };
  struct Part {
    std::string worker;
    AllocationRole role;
    std::string team;
    Period period;
  };
  std::string name;
  // The team that answers for it.
  std::string team;
  std::vector<Period> open;
  std::vector<Status> statuses;
  std::vector<Part> parts;
};

// How a case stands on a day.
struct CaseStanding {
  bool open = false;
  std::vector<CaseStatus> statuses;
  CaseStatus primary = CaseStatus::kNone;
  // The parts that hold on the day; empty for a closed case.
  std::vector<CaseRecord::Part> parts;
  // The workers who hold the case.
  std::vector<std::string> holders;
  // Of the first holder's part, else of the case.
  std::string team;
  // For an open case that nobody holds: the first day of the stretch without a holder.
  std::optional<CivilDay> unallocated_since;
};
CaseStanding StandingOn(const CaseRecord& record, CivilDay day);

}  // namespace oversight::caseload
