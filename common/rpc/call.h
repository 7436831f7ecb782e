#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/principal.h"

namespace oversight::rpc {

// One call on its way through the service: who calls, until when, and what goes back beside the reply.
// Belongs to the worker thread that handles the call.
class Call {
 public:
  virtual ~Call() = default;

  // Full method name, `/oversight.workforce.v1.WorkforceService/GetWorker`.
  virtual absl::string_view method() const = 0;
  // The verified caller.
  virtual const Principal& principal() const = 0;
  // Who it is: `user:{subject}`, `service:{name in the certificate}` or `demo:{name}`. Never empty.
  const std::string& actor() const { return principal().actor; }
  // From the caller, or chosen here; in logs and in the reply's `oversight-request-id`.
  virtual const std::string& request_id() const = 0;
  // The caller's deadline; for unary calls capped by the server's own longest.
  virtual absl::Time deadline() const = 0;
  // True once the caller has gone or the deadline has passed; long work asks now and then.
  virtual bool cancelled() const = 0;
  // Sends a trailer with the reply, or with the error. Keys are lower case, values printable ASCII; what gRPC
  // cannot send is left out.
  virtual void AddTrailer(absl::string_view key, absl::string_view value) = 0;
};

}  // namespace oversight::rpc
