#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/client.h"

namespace oversight::rpc {

// Asks a server for its gRPC health (grpc.health.v1) over a new connection, as a probe must: a listener that
// accepts no more goes unseen on an old one. `service` is a full name, or empty for the server as a whole. OK
// when it serves. Errors: UNAVAILABLE when it does not, or nothing answers within `patience`; NOT_FOUND for
// an unknown service; FAILED_PRECONDITION for unfit TLS files.
absl::Status CheckHealth(const ClientOptions& options, const std::string& service, absl::Duration patience);

// Whether a server answers at all over a new connection, serving or not: one that waits for its database is
// alive. Errors: UNAVAILABLE, FAILED_PRECONDITION as above.
absl::Status CheckAlive(const ClientOptions& options, absl::Duration patience);

}  // namespace oversight::rpc
