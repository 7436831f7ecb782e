#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"
#include "google/protobuf/message.h"

namespace oversight::rpc {

// A question that one service puts to another while it answers a call.
struct PeerQuestion {
  // `compliance`.
  absl::string_view service;
  // Of the error when it cannot be asked, `COMPLIANCE_UNREACHABLE`.
  absl::string_view reason;
  // What the caller can do then; ends the error's sentence.
  absl::string_view advice;
  // `/oversight.compliance.v1.ComplianceService/CheckAllocation`.
  absl::string_view method;
};

// Asks within the call's deadline, but for no more than 5 seconds. UNAVAILABLE with the question's reason
// when the other service is away, not yet able to answer, does not answer in time, or has no such method
// because it was not upgraded yet; `peer` may be null: it is away. Other errors are its own.
absl::Status AskPeer(Client* peer, const Call& call, const PeerQuestion& question,
                     const google::protobuf::Message& request, google::protobuf::Message* response);

}  // namespace oversight::rpc
