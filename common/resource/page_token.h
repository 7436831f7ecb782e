#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace oversight::resource {

// Page tokens (AIP-158) carry the last key of the page before and are bound to their query: `query` is any
// text that is the same for all pages of one query and differs between queries.
std::string EncodePageToken(absl::string_view query, absl::string_view last_key);

// The last key; empty for an empty token. INVALID_ARGUMENT (INVALID_PAGE_TOKEN) when it is none or of another
// query.
absl::StatusOr<std::string> DecodePageToken(absl::string_view query, absl::string_view token);

// The size of a page: 0 means 100, more than 1,000 counts as 1,000. INVALID_ARGUMENT when negative.
absl::StatusOr<int> PageSize(int requested);

}  // namespace oversight::resource
