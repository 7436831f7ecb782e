#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "oversight/access/v1/access_service.pb.h"

namespace oversight::access {

// What is kept of one call: who, in which roles, what, and how it ended. Never a resource's name in plain.
struct AccessEvent {
  // Id of the authority whose auditors see it: the caller's own.
  std::string authority;
  std::string actor;
  std::set<std::string> roles;
  std::string method;
  // Kept as a keyed hash; may be empty.
  std::string resource;
  std::string request_id;
  oversight::access::v1::AccessRecord::Outcome outcome =
      oversight::access::v1::AccessRecord::OUTCOME_UNSPECIFIED;
};

// The record of denied calls and of readings of confidential text, written before the reply goes out.
// Thread-safe.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  // UNAVAILABLE when it cannot be written by the deadline: then the call must not succeed.
  virtual absl::Status Write(const AccessEvent& event, absl::Time deadline) = 0;
};

}  // namespace oversight::access
