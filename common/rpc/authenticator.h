#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/principal.h"
#include "common/rpc/server.h"
#include "common/time/clock.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/support/string_ref.h"

namespace oversight::rpc {

// Metadata of a call, as gRPC gives it.
using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Says who calls. Thread-safe; called on gRPC's threads, so it never blocks on more than a small file.
class Authenticator {
 public:
  // By `options`: the demo header, or bearer tokens and client certificates, whichever are configured.
  // Errors: FAILED_PRECONDITION when nothing is configured, demo mode is not confined to the machine, or key
  // files are unfit.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Create(const ServerOptions& options,
                                                               const Clock* clock);

  virtual ~Authenticator() = default;

  // The user of a valid token, else the service of a verified certificate, or the user named in demo mode.
  // `peer` may be null: no transport security. Errors: UNAUTHENTICATED with reason TOKEN_MISSING,
  // TOKEN_EXPIRED or TOKEN_INVALID; INVALID_ARGUMENT with INVALID_DEMO_USER.
  virtual absl::StatusOr<Principal> Authenticate(const Metadata& metadata,
                                                 const grpc::AuthContext* peer) const = 0;

  // Whether certificates of callers are wanted; without, `peer` need not be fetched.
  virtual bool wants_peer() const = 0;
};

// Whether a listen address can be reached from this machine only: 127.0.0.0/8, [::1] or a Unix socket. Names
// such as `localhost` are not, since they may resolve to anything.
bool IsLoopback(absl::string_view listen);

}  // namespace oversight::rpc
