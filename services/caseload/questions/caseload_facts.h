#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/resource/writer.h"
#include "common/rpc/call.h"
#include "services/caseload/domain/case_standing.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

// The cases of an authority, by name. Read without locks, from the primary.
absl::StatusOr<std::map<std::string, CaseRecord>> ReadCases(rpc::Call& call,
                                                            const resource::Environment& environment,
                                                            const Kinds& kinds, const std::string& authority);

// The workload scheme of a day; without one, every held case counts one point.
absl::StatusOr<WorkloadScheme> ReadScheme(rpc::Call& call, const resource::Environment& environment,
                                          const Kinds& kinds, const std::string& authority, CivilDay day);

}  // namespace oversight::caseload
