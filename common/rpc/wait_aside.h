#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"

namespace oversight::rpc {

// For a unary handler that must wait for what happens elsewhere: the call waits without a thread. The handler
// sees to it that the function it is given is called when that has happened, from any thread, and returns an
// error, which nobody sees. It is called again from its beginning, authorisation included, then or shortly
// before the deadline; so it has done nothing that must not be done twice.
//
// As many calls may wait so as for a worker (ServerOptions::queue_limit, of one authority
// queue_limit_per_authority). Errors: DEADLINE_EXCEEDED when no time is left to wait, RESOURCE_EXHAUSTED
// (TOO_MANY_WAITING), UNAVAILABLE (DRAINING), UNIMPLEMENTED for calls that cannot wait.
absl::StatusOr<std::function<void()>> WaitAside(Call& call);

}  // namespace oversight::rpc
