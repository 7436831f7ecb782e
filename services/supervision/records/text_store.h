#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/envelope.h"
#include "common/mysql/connection.h"
#include "common/resource/name.h"

namespace oversight::supervision {

// The encrypted texts of session records: the statements on the table record_text.

enum class TextPart { kText = 1, kAmendmentNote = 2 };

// Which text: of which record, in which version.
struct TextKey {
  resource::Key record;
  int version = 0;
  TextPart part = TextPart::kText;
};

// What an envelope is bound to: authority, session, record, version and part.
std::string BindingOf(const TextKey& key);

struct StoredText {
  TextKey key;
  absl::Time write_time;
  // The verified caller who wrote it.
  std::string actor;
  // Hexadecimal.
  std::string digest;
  crypto::Envelope envelope;
};

// Encrypts a text for its place.
absl::StatusOr<StoredText> SealText(const crypto::Keys& keys, const TextKey& key, absl::string_view text,
                                    absl::Time now, const std::string& actor);

// Stores a text; never replaces one: ABORTED (TRANSACTION_CONFLICT) when it is there.
absl::Status InsertText(mysql::Connection& connection, const StoredText& text);

absl::StatusOr<std::optional<StoredText>> ReadText(mysql::Connection& connection, const TextKey& key);

// All texts of a record in the order of their versions, without their content.
absl::StatusOr<std::vector<StoredText>> ReadVersions(mysql::Connection& connection,
                                                     const resource::Key& record);

// At most `limit` texts whose keys are wrapped with this key, without their content, of one authority, or of
// all when it is empty, in the order of their keys after `after` (an empty one: from the beginning).
absl::StatusOr<std::vector<StoredText>> ReadWrappedWith(mysql::Connection& connection,
                                                        const std::string& key_id,
                                                        const std::string& authority, const TextKey& after,
                                                        size_t limit);
// How many there are, by key.
absl::Status CountByKey(mysql::Connection& connection, const std::string& authority,
                        absl::FunctionRef<void(const std::string& key_id, int64_t count)> reader);
// Puts the rewrapped key in the place of the one wrapped with `old_key_id`; of two who do it at once one
// wins.
absl::Status ReplaceKey(mysql::Connection& connection, const StoredText& text, const std::string& old_key_id);

}  // namespace oversight::supervision
