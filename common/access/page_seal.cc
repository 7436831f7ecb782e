#include "common/access/page_seal.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/aes_gcm.h"
#include "common/status/error.h"

namespace oversight::access {
namespace {

std::string CipherKey(absl::string_view key) { return crypto::Hmac(key, "oversight.access.page.1"); }

}  // namespace

std::string SealPageToken(absl::string_view key, absl::string_view context, absl::string_view token) {
  std::string sealed;
  absl::WebSafeBase64Escape(crypto::Encrypt(CipherKey(key), token, context), &sealed);
  return sealed;
}

absl::StatusOr<std::string> OpenPageToken(absl::string_view key, absl::string_view context,
                                          absl::string_view sealed) {
  std::string bytes;
  std::optional<std::string> token;
  if (absl::WebSafeBase64Unescape(sealed, &bytes)) token = crypto::Decrypt(CipherKey(key), bytes, context);
  if (token.has_value()) return *std::move(token);
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN",
               "the page token belongs to another query or caller; repeat the query unchanged, or start "
               "without a "
               "token")
      .Field("page_token", "does not belong to this query");
}

}  // namespace oversight::access
