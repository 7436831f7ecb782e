#include "common/resource/page_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/hash_chain.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

constexpr size_t kDigestBytes = 16;
constexpr int kDefaultPageSize = 100;
constexpr int kLargestPageSize = 1000;

std::string Digest(absl::string_view query, absl::string_view last_key) {
  return ledger::Sha256(absl::StrCat("oversight.page.1\n", query.size(), "\n", query, last_key))
      .substr(0, kDigestBytes);
}

}  // namespace

std::string EncodePageToken(absl::string_view query, absl::string_view last_key) {
  std::string text;
  absl::WebSafeBase64Escape(absl::StrCat(Digest(query, last_key), last_key), &text);
  return text;
}

absl::StatusOr<std::string> DecodePageToken(absl::string_view query, absl::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() < kDigestBytes ||
      bytes.substr(0, kDigestBytes) != Digest(query, bytes.substr(kDigestBytes))) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN",
                 "the page token belongs to another query; repeat the query unchanged, or start without a "
                 "token")
        .Field("page_token", "does not belong to this query");
  }
  return bytes.substr(kDigestBytes);
}

absl::StatusOr<int> PageSize(int requested) {
  if (requested < 0)
    return InvalidFields({{"page_size", "must not be negative; 0 means 100, the largest is 1000"}});
  return requested == 0 ? kDefaultPageSize : std::min(requested, kLargestPageSize);
}

}  // namespace oversight::resource
