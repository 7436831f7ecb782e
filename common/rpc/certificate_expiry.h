#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/metrics/metrics.h"

namespace oversight::rpc {

// When the first certificate of a PEM file ends to be valid; nothing when there is none to be read.
std::optional<absl::Time> CertificateExpiry(const std::string& file);

// Adds the instant at which the file's certificate ends, read anew at each scrape because the file may be
// replaced. Adds nothing for an empty name.
void AddCertificateExpiry(const std::string& file, metrics::Registry& registry);

}  // namespace oversight::rpc
