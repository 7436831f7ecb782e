#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/metrics/metrics.h"

namespace prometheus {
class Exposer;
}

namespace oversight::metrics {

// Serves a registry's metrics for Prometheus at http://<address>/metrics until destroyed. Plain HTTP without
// authentication: the metrics name no person, but bind it where only the monitoring reaches it.
class HttpEndpoint {
 public:
  // `address` is host:port, for example `0.0.0.0:9100` or `[::]:9100`; port 0 takes a free one.
  // UNAVAILABLE when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(absl::string_view address,
                                                             const Registry& registry);
  ~HttpEndpoint();

  int port() const;

 private:
  explicit HttpEndpoint(std::unique_ptr<prometheus::Exposer> exposer);

  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace oversight::metrics
