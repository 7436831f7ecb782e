#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/service/service_definition.h"
#include "services/supervision/records/record_keeper.h"

namespace oversight::supervision {

void DeclareSupervisionSettings(config::Settings& settings);

// Fills in `surroundings`; nothing is to be started. FAILED_PRECONDITION when a key file is set and unfit.
absl::StatusOr<std::unique_ptr<service::Extension>> MakeSupervision(
    const service::Runtime& runtime, std::shared_ptr<Surroundings> surroundings);

}  // namespace oversight::supervision
