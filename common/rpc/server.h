#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"

namespace oversight::rpc {

struct ServerOptions {
  // `host:port` or `unix:path`; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // PEM files for mutual TLS; all or none. Read again when they change. The client's certificate is then
  // optional, but verified when sent.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;
  // Refuse callers without a certificate.
  bool tls_require_client_certificate = false;
  // JWKS or PEM file of the keys that sign callers' tokens (RS256, ES256, EdDSA).
  std::string jwt_keys_file;
  std::string jwt_issuer;
  std::string jwt_audience;
  // Names of the claims that say for which authorities the caller works, in which groups it is, and which
  // worker it is.
  std::string jwt_authority_claim = "authority";
  std::string jwt_groups_claim = "groups";
  std::string jwt_worker_claim = "worker";
  // No authentication: callers name themselves in the `oversight-demo-user` header. Only on loopback
  // addresses.
  bool demo_mode = false;

  int worker_threads = 16;
  // Calls waiting for a worker; more get RESOURCE_EXHAUSTED with a retry hint.
  int queue_limit = 1024;
  // Of one authority, so that its flood does not starve the others; waiting calls are taken in turn by
  // authority.
  int queue_limit_per_authority = 256;
  int stream_threads = 4;
  // Threads for bulk calls (Methods::Bulk): imports handled at once.
  int bulk_threads = 4;
  // Calls of one user in a second, and at once after a rest; 0 for no limit. Services and demo users have
  // none.
  int caller_rate = 0;
  int caller_burst = 1;
  // Open at once.
  int feed_limit = 256;
  // How long a bounded stream may hold its thread for a caller that takes nothing.
  absl::Duration stream_stall_limit = absl::Seconds(60);
  int max_message_bytes = 4 * 1024 * 1024;
  absl::Duration longest_deadline = absl::Seconds(60);
  // From SIGTERM until the listener closes: NOT_SERVING first, then time for balancers to notice.
  absl::Duration drain_notice = absl::Seconds(2);
  absl::Duration drain_timeout = absl::Seconds(20);
  absl::Duration max_connection_age = absl::Minutes(30);
};

// The gRPC server of a service: callback shell over a bounded worker pool, with authentication, deadlines,
// limits, metrics, logs, health and reflection.
class Server {
 public:
  // Errors: FAILED_PRECONDITION for a method without handler, demo mode on another address than loopback, or
  // unreadable or unfit keys and certificates; each says which.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, const Methods& methods,
                                                       metrics::Registry* metrics, const Clock* clock);
  virtual ~Server() = default;
  virtual int port() const = 0;
  // What gRPC health says of every service; NOT_SERVING at first.
  virtual void SetServing(bool serving) = 0;
  // NOT_SERVING, waits the notice, refuses new calls, finishes running ones within the timeout, closes feeds
  // with UNAVAILABLE. Returns when all is done.
  virtual void Drain() = 0;
};

}  // namespace oversight::rpc
