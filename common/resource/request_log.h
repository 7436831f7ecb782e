#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "google/protobuf/message.h"

namespace oversight::resource {

// A request that its caller gave an id (AIP-155), so that sending it again does it once.
struct IdentifiedRequest {
  std::string authority;
  std::string actor;
  // Empty when the caller gave none.
  std::string request_id;
  // SHA-256 of method and request.
  std::string hash;
};

IdentifiedRequest Identify(const std::string& authority, const std::string& actor, absl::string_view method,
                           const std::string& request_id, const google::protobuf::Message& request);

// The revision that this request made when it was carried out before; nothing when it is new or has no id.
// Errors: ALREADY_EXISTS (REQUEST_ID_REUSED) when the id belongs to another request.
absl::StatusOr<std::optional<uint64_t>> FindRequest(mysql::Connection& connection,
                                                    const IdentifiedRequest& request);

// Remembers it, in the transaction that carries it out. ABORTED (TRANSACTION_CONFLICT) when the same request
// is being carried out at the same time.
absl::Status RecordRequest(mysql::Connection& connection, const IdentifiedRequest& request, uint64_t revision,
                           absl::Time now);

// Forgets requests older than 30 days, some at a time. Returns how many.
absl::StatusOr<int64_t> PurgeRequests(mysql::Connection& connection, absl::Time now);

}  // namespace oversight::resource
