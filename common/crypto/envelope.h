#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/key_ring.h"

namespace oversight::crypto {

// A text encrypted with a data key of its own, and that key encrypted with one of the key ring.
struct Envelope {
  // The key of the ring that wraps the data key.
  std::string key_id;
  std::string wrapped_key;
  std::string ciphertext;
};

// Encrypts a text for the place that `binding` names, with the active key.
Envelope Seal(const Keys& keys, absl::string_view text, absl::string_view binding);

// The text. Errors: FAILED_PRECONDITION (RECORD_KEY_MISSING, metadata `key_id`) when the ring lacks the key;
// DATA_LOSS (TEXT_UNREADABLE) when the envelope was altered or belongs to another place.
absl::StatusOr<std::string> Open(const Keys& keys, const Envelope& envelope, absl::string_view binding);

// The same envelope, its data key wrapped with the active key. Errors as of Open.
absl::StatusOr<Envelope> Rewrap(const Keys& keys, const Envelope& envelope, absl::string_view binding);

// Keyed hash of the text under the envelope's data key: the same however often the key was wrapped anew.
// Errors as of Open.
absl::StatusOr<std::string> Digest(const Keys& keys, const Envelope& envelope, absl::string_view text,
                                   absl::string_view binding);

}  // namespace oversight::crypto
