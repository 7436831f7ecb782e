#pragma once

#include <array>
#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"

namespace oversight::rpc {

// The families of a server's metrics.
class RpcMetrics {
 public:
  explicit RpcMetrics(metrics::Registry& registry);

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& duration_seconds;
  prometheus::Family<prometheus::Histogram>& queue_wait_seconds;
  prometheus::Family<prometheus::Gauge>& queue_length;
  // Unary calls and bounded streams.
  prometheus::Gauge& in_flight;
  prometheus::Gauge& open_feeds;
  // Unary calls that wait without a thread.
  prometheus::Gauge& waiting_calls;
  // Calls refused because their caller called too often.
  prometheus::Counter& limited;
};

// The series of one method, looked up once. Thread-safe.
class MethodMetrics {
 public:
  MethodMetrics(RpcMetrics& families, const std::string& service, const std::string& method);

  void Count(absl::StatusCode code);
  void Observe(absl::Duration duration) { duration_seconds_.Observe(absl::ToDoubleSeconds(duration)); }

 private:
  RpcMetrics& families_;
  const metrics::Labels labels_;
  prometheus::Histogram& duration_seconds_;
  // By code, made when first needed: most methods know few.
  std::array<std::atomic<prometheus::Counter*>, 17> by_code_{};
};

}  // namespace oversight::rpc
