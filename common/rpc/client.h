#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace oversight::rpc {

struct ClientOptions {
  // `host:port`, or `dns:///name:port` for a headless service (all its addresses are used in turn).
  std::string target;
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
  // Expected server name when it differs from the target's host.
  std::string tls_server_name;
  // File with a bearer token, read anew for each call.
  std::string token_file;
  // Sent in `oversight-demo-user`; for servers in demo mode.
  std::string demo_user;
  int max_message_bytes = 64 * 1024 * 1024;
  // Sends calls only to addresses whose gRPC health is SERVING (client-side health checking), so that a
  // server that drains is left in time and a rolling restart loses no call. While none serves, calls are
  // UNAVAILABLE at once.
  bool follow_health = false;
};

struct CallOptions {
  absl::Time deadline = absl::InfiniteFuture();
  std::string request_id;
};

// A stream that is being read; ends when destroyed.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Blocks for the next message; false at the end, then Finish says how it ended.
  virtual bool Read(google::protobuf::Message* message) = 0;
  virtual absl::Status Finish() = 0;
  // Ends a blocked Read from another thread.
  virtual void Cancel() = 0;
};

// Calls any method by its full name `/package.Service/Method`. Thread-safe. Errors are the server's, with
// their details (see common/status/error.h), or UNAVAILABLE when it is away.
class Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Create(const ClientOptions& options);
  virtual ~Client() = default;
  virtual absl::Status Unary(absl::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message* response, const CallOptions& options,
                             std::vector<std::pair<std::string, std::string>>* trailers = nullptr) = 0;
  virtual std::unique_ptr<StreamReader> Stream(absl::string_view method,
                                               const google::protobuf::Message& request,
                                               const CallOptions& options) = 0;
};

}  // namespace oversight::rpc
