#include "common/metrics/http_endpoint.h"

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"

namespace oversight::metrics {

HttpEndpoint::HttpEndpoint(std::unique_ptr<prometheus::Exposer> exposer) : exposer_(std::move(exposer)) {}

HttpEndpoint::~HttpEndpoint() = default;

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(absl::string_view address,
                                                                  const Registry& registry) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(std::string(address));
    for (const auto& collectable : registry.collectables()) exposer->RegisterCollectable(collectable);
    return std::unique_ptr<HttpEndpoint>(new HttpEndpoint(std::move(exposer)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics on ", address, ": ", error.what()));
  }
}

int HttpEndpoint::port() const { return exposer_->GetListeningPorts().at(0); }

}  // namespace oversight::metrics
