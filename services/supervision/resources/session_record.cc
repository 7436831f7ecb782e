#include "common/resource/columns.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/supervision/resources/kinds.h"
#include "services/supervision/resources/record_facts.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

void NormaliseSessionRecord(Message& message) {
  auto& record = static_cast<v1::SessionRecord&>(message);
  if (record.state() == v1::SessionRecord::STATE_UNSPECIFIED)
    record.set_state(v1::SessionRecord::STATE_DRAFT);
}

void ValidateSessionRecord(const Message& message, std::vector<FieldViolation>& violations) {
  const auto& record = static_cast<const v1::SessionRecord&>(message);
  if (record.signed_version() > record.latest_version()) {
    violations.push_back({"signed_version", "must not be later than latest_version"});
  }
  const auto first_sent = resource::DayOf(record, "first_sent_date");
  const auto sent = resource::DayOf(record, "sent_date");
  if (first_sent && sent && *sent < *first_sent) {
    violations.push_back({"sent_date", "must not be before first_sent_date"});
  }
}

// Whether the two differ in any of these fields.
bool Differ(const v1::SessionRecord& before, const v1::SessionRecord& after,
            std::initializer_list<const char*> fields) {
  google::protobuf::util::MessageDifferencer differencer;
  std::vector<const google::protobuf::FieldDescriptor*> compared;
  for (const char* field : fields)
    compared.push_back(v1::SessionRecord::descriptor()->FindFieldByName(field));
  return !differencer.CompareWithFields(before, after, compared, compared);
}

// The text's versions are this service's own: neither an update nor an import tells of them. What happened to
// the record an import may tell, because history is fact, and otherwise only the verbs.
absl::Status Decide(WriteContext& context, const v1::SessionRecord* before, const v1::SessionRecord& after) {
  if (context.by_verb()) return absl::OkStatus();
  const v1::SessionRecord& known = before == nullptr ? v1::SessionRecord::default_instance() : *before;
  if (Differ(known, after, {"latest_version", "text_digest"})) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "RECORD_TEXT_KEPT_HERE",
        "latest_version and text_digest follow from WriteSessionRecordDraft; leave them as they are");
  }
  if (context.importing()) return absl::OkStatus();
  const RecordState from = before == nullptr ? RecordState::kNone : StateOf(*before);
  const RecordAction action = before == nullptr ? RecordAction::kStart : RecordAction::kAnnotate;
  const bool moved = Differ(known, after,
                            {"signed_version", "first_sent_date", "sent_date", "first_answered_date",
                             "signed_date", "amendment_requests"});
  if (Next(from, action) == StateOf(after) && !moved) return absl::OkStatus();
  return IllegalTransition(
      from,
      "only WriteSessionRecordDraft, SendSessionRecord, RequestSessionRecordAmendment and "
      "SignSessionRecord change the state of a record");
}

}  // namespace

RecordState StateOf(const v1::SessionRecord& record) {
  switch (record.state()) {
    case v1::SessionRecord::STATE_DRAFT:
      return RecordState::kDraft;
    case v1::SessionRecord::STATE_SENT:
      return RecordState::kSent;
    case v1::SessionRecord::STATE_AMENDMENT_REQUESTED:
      return RecordState::kAmendmentRequested;
    case v1::SessionRecord::STATE_SIGNED:
      return RecordState::kSigned;
    default:
      return RecordState::kNone;
  }
}

absl::Status IllegalTransition(RecordState state, absl::string_view advice) {
  return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION", advice)
      .With("state", NameOf(state));
}

resource::Kind SessionRecordKind() {
  Kind kind;
  kind.prototype = &v1::SessionRecord::default_instance();
  kind.table = "session_record";
  kind.side_tables = {"record_text"};
  kind.index_columns = {resource::EnumColumn("state", "record_state")};
  kind.normalise = NormaliseSessionRecord;
  kind.validate = ValidateSessionRecord;
  kind.decide = [](WriteContext& context, const Key&, const Message* before, const Message& after) {
    return Decide(context, static_cast<const v1::SessionRecord*>(before),
                  static_cast<const v1::SessionRecord&>(after));
  };
  return kind;
}

}  // namespace oversight::supervision
