#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"

namespace oversight::rpc {

// The credentials that the options ask for: plain text, or TLS from files that are read again when they
// change. Errors: FAILED_PRECONDITION when the set of files is incomplete, or one is unreadable or unfit.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(const ServerOptions& options);
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const ClientOptions& options);

}  // namespace oversight::rpc
