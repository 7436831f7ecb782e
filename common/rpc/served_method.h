#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/authority.h"
#include "common/rpc/caller_limits.h"
#include "common/rpc/fair_pool.h"
#include "common/rpc/feed_registry.h"
#include "common/rpc/methods.h"
#include "common/rpc/rpc_metrics.h"
#include "common/rpc/waiting_calls.h"

namespace oversight::rpc {

// What all calls of a server share. Outlives them.
struct ServerParts {
  const Authenticator& authenticator;
  CallerLimits& caller_limits;
  FairPool& workers;
  FairPool& bulk_threads;
  FairPool& stream_threads;
  FeedRegistry& feeds;
  WaitingCalls& waiting_calls;
  RpcMetrics& metrics;
  absl::Duration longest_deadline;
  absl::Duration stream_stall_limit;
};

// One method with all that can be worked out before its first call. Outlives its calls.
struct ServedMethod {
  ServedMethod(std::string full_path, const Methods::Handler& method_handler, ServerParts& server_parts);

  const std::string path;
  const Methods::Handler handler;
  ServerParts& parts;
  const Message& request_prototype;
  const Message& response_prototype;
  const AuthorityField authority;
  MethodMetrics metrics;
};

}  // namespace oversight::rpc
