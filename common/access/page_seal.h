#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace oversight::access {

// A page token holds the name of the last resource read, which a caller who sees only part of a list may not
// learn. So it is encrypted (AES-256-GCM) for the caller and method of `context`. `key` is any text; an empty
// one is a key too.
std::string SealPageToken(absl::string_view key, absl::string_view context, absl::string_view token);

// INVALID_ARGUMENT (INVALID_PAGE_TOKEN) when it was not sealed with this key and context.
absl::StatusOr<std::string> OpenPageToken(absl::string_view key, absl::string_view context,
                                          absl::string_view sealed);

}  // namespace oversight::access
