#include "common/crypto/envelope.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/crypto/aes_gcm.h"
#include "common/status/error.h"

namespace oversight::crypto {
namespace {

// What a ciphertext is used for is part of what it is bound to, so that none can stand in for the other.
std::string ForKey(absl::string_view key_id, absl::string_view binding) {
  return absl::StrCat("oversight.key.1\n", key_id, "\n", binding);
}
std::string ForText(absl::string_view binding) { return absl::StrCat("oversight.text.1\n", binding); }

absl::Status Unreadable() {
  return Error(absl::StatusCode::kDataLoss, "TEXT_UNREADABLE",
               "the stored text cannot be decrypted: it was altered, or is not the one that belongs here; "
               "restore it from a backup");
}

absl::StatusOr<std::string> DataKey(const Keys& keys, const Envelope& envelope, absl::string_view binding) {
  const std::string* key = keys.Find(envelope.key_id);
  if (key == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "RECORD_KEY_MISSING",
                 "the key with which this text is encrypted is not in the key file; put it back")
        .With("key_id", envelope.key_id);
  }
  std::optional<std::string> data_key = Decrypt(*key, envelope.wrapped_key, ForKey(envelope.key_id, binding));
  if (!data_key.has_value()) return Unreadable();
  return *std::move(data_key);
}

}  // namespace

Envelope Seal(const Keys& keys, absl::string_view text, absl::string_view binding) {
  const std::string data_key = RandomKey();
  return {.key_id = keys.active_id(),
          .wrapped_key = Encrypt(keys.active(), data_key, ForKey(keys.active_id(), binding)),
          .ciphertext = Encrypt(data_key, text, ForText(binding))};
}

absl::StatusOr<std::string> Open(const Keys& keys, const Envelope& envelope, absl::string_view binding) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string data_key, DataKey(keys, envelope, binding));
  std::optional<std::string> text = Decrypt(data_key, envelope.ciphertext, ForText(binding));
  if (!text.has_value()) return Unreadable();
  return *std::move(text);
}

absl::StatusOr<Envelope> Rewrap(const Keys& keys, const Envelope& envelope, absl::string_view binding) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string data_key, DataKey(keys, envelope, binding));
  return Envelope{.key_id = keys.active_id(),
                  .wrapped_key = Encrypt(keys.active(), data_key, ForKey(keys.active_id(), binding)),
                  .ciphertext = envelope.ciphertext};
}

absl::StatusOr<std::string> Digest(const Keys& keys, const Envelope& envelope, absl::string_view text,
                                   absl::string_view binding) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string data_key, DataKey(keys, envelope, binding));
  // Not the data key itself: a key is used for one thing.
  return Hmac(Hmac(data_key, "oversight.digest.1"), text);
}

}  // namespace oversight::crypto
