#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace oversight::crypto {

inline constexpr size_t kKeyBytes = 32;

// Encrypts with AES-256-GCM (NIST SP 800-38D): a random nonce of 12 bytes, the ciphertext, and a tag of 16
// that also covers `associated`. `key` must have 32 bytes.
std::string Encrypt(absl::string_view key, absl::string_view plaintext, absl::string_view associated);

// Nothing when the bytes were not made by Encrypt with this key and these associated data, or were altered.
std::optional<std::string> Decrypt(absl::string_view key, absl::string_view encrypted,
                                   absl::string_view associated);

// HMAC-SHA-256: 32 bytes.
std::string Hmac(absl::string_view key, absl::string_view text);

// Bytes fit for keys. Ends the process when the system has none to give.
std::string RandomKey();

}  // namespace oversight::crypto
