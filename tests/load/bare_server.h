#pragma once

#include "absl/status/status.h"
#include "common/mysql/connection.h"

namespace oversight::load {

// What gRPC and the connector cost together: generated stubs with the callback API in front of a bounded pool
// of threads, each with a BareSession of its own. Serves GetWorker, UpdateWorker and CreateAbsence on a
// loopback port until SIGTERM.
absl::Status RunBareServer(const mysql::ConnectionOptions& database, int port, int threads);

}  // namespace oversight::load
