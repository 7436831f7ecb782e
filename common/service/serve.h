#pragma once

#include "absl/status/status.h"
#include "common/config/settings.h"
#include "common/service/service_definition.h"

namespace oversight::service {

// Serves until SIGTERM or SIGINT, then drains. Returns why it could not serve.
absl::Status Serve(const ServiceDefinition& definition, const config::Settings& settings);

}  // namespace oversight::service
