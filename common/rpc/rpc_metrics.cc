#include "common/rpc/rpc_metrics.h"

namespace oversight::rpc {

RpcMetrics::RpcMetrics(metrics::Registry& registry)
    : requests(
          registry.Counter("oversight_rpc_requests_total", "Calls that ended, by method and status code.")),
      duration_seconds(
          registry.Histogram("oversight_rpc_duration_seconds",
                             "From a call's arrival to its reply; for feeds, how long they stayed open.")),
      queue_wait_seconds(
          registry.Histogram("oversight_rpc_queue_wait_seconds", "Wait for a thread, by pool.")),
      queue_length(registry.Gauge("oversight_rpc_queue_length", "Calls waiting for a thread, by pool.")),
      in_flight(
          registry.Gauge("oversight_rpc_in_flight", "Calls being served, waiting ones included.").Add({})),
      open_feeds(registry.Gauge("oversight_rpc_open_feeds", "Open feeds.").Add({})),
      waiting_calls(registry
                        .Gauge("oversight_rpc_waiting_calls",
                               "Calls that wait for something to happen, without a thread.")
                        .Add({})),
      limited(
          registry
              .Counter("oversight_rpc_limited_total", "Calls refused because their caller called too often.")
              .Add({})) {}

MethodMetrics::MethodMetrics(RpcMetrics& families, const std::string& service, const std::string& method)
    : families_(families),
      labels_{{"method", method}, {"service", service}},
      duration_seconds_(families.duration_seconds.Add(labels_, metrics::LatencyBuckets())) {}

void MethodMetrics::Count(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  if (index >= by_code_.size()) return Count(absl::StatusCode::kUnknown);
  prometheus::Counter* counter = by_code_[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    metrics::Labels labels = labels_;
    labels["code"] = absl::StatusCodeToString(code);
    // Two threads get the same series for the same labels.
    counter = &families_.requests.Add(labels);
    by_code_[index].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

}  // namespace oversight::rpc
