#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace oversight {

// The text with every byte that is no part of valid UTF-8 (overlong forms and surrogates included) replaced
// by U+FFFD. Protobuf strings and JSON carry nothing else.
std::string ValidUtf8(absl::string_view text);

// The longest beginning of at most `max_bytes` bytes that does not cut a character of valid UTF-8 in two.
absl::string_view CutUtf8(absl::string_view text, size_t max_bytes);

}  // namespace oversight
