#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace oversight::supervision {

enum class RecordState { kNone, kDraft, kSent, kAmendmentRequested, kSigned };

enum class RecordAction {
  kStart,
  // WriteSessionRecordDraft.
  kWrite,
  // SendSessionRecord.
  kSend,
  // RequestSessionRecordAmendment.
  kRequestAmendment,
  // SignSessionRecord.
  kSign,
  // Notes where it was filed and whether it may be shared; the text stays as it is.
  kAnnotate,
};

// The state of a session's record after an action; nothing when the action is illegal in that state. What was
// sent is not rewritten behind the supervisee's back, and what was signed never changes.
std::optional<RecordState> Next(RecordState state, RecordAction action);

// `DRAFT` and so on, as in the API; `NONE` for a record that does not exist.
absl::string_view NameOf(RecordState state);

}  // namespace oversight::supervision
