#include "common/ledger/token.h"

#include "absl/strings/escaping.h"
#include "common/ledger/hash_chain.h"
#include "common/status/error.h"

namespace oversight::ledger {

std::string EncodeToken(const pb::Token& token) {
  std::string text;
  absl::WebSafeBase64Escape(token.SerializeAsString(), &text);
  return text;
}

absl::StatusOr<pb::Token> DecodeToken(absl::string_view text) {
  std::string bytes;
  pb::Token token;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || !token.ParseFromString(bytes) ||
      token.authority().empty() || token.revision() < 0 || token.hash().size() != kHashBytes ||
      token.incarnation().size() != kIncarnationBytes) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN",
                 "the token is not one that an Oversight service gave out; send it back unchanged");
  }
  return token;
}

}  // namespace oversight::ledger
