#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::ledger {

namespace pb = ::oversight::ledger::v1;

// The opaque text of a point in a ledger: base64url without padding of the message's deterministic bytes.
std::string EncodeToken(const pb::Token& token);

// INVALID_ARGUMENT (INVALID_TOKEN) when the text was not made by EncodeToken.
absl::StatusOr<pb::Token> DecodeToken(absl::string_view text);

}  // namespace oversight::ledger
