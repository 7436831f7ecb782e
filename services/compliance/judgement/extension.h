#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/service/service_definition.h"
#include "services/compliance/resources/policy_library.h"

namespace oversight::compliance {

void DeclareComplianceSettings(config::Settings& settings);

// Reads the policies into `library` and makes what keeps judging and answers questions. INVALID_ARGUMENT
// lists every fault of the policy files as file:line:column.
absl::StatusOr<std::unique_ptr<service::Extension>> MakeCompliance(const service::Runtime& runtime,
                                                                   std::shared_ptr<PolicyLibrary> library);

}  // namespace oversight::compliance
