#pragma once

#include <ostream>
#include <string>

namespace oversight {

// One wrong field of a request, as google.rpc.BadRequest.FieldViolation (AIP-193). Free of protobuf, so that
// pure domain rules can return it.
struct FieldViolation {
  // Path in the request, for example `post.end_date`.
  std::string field;
  // What was wrong and what would be accepted; never echoes personal data.
  std::string description;

  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
  friend std::ostream& operator<<(std::ostream& out, const FieldViolation& violation) {
    return out << violation.field << ": " << violation.description;
  }
};

}  // namespace oversight
