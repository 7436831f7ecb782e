#include "services/supervision/records/record_keeper.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/aes_gcm.h"
#include "common/resource/consequences.h"
#include "common/resource/dated.h"
#include "common/resource/mutations.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"
#include "services/supervision/records/text_store.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/record_facts.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Message;

constexpr size_t kMostTextBytes = 500000;
constexpr size_t kMostNoteBytes = 20000;

absl::Status CheckText(const std::string& text, absl::string_view field, size_t most_bytes) {
  if (text.empty()) return InvalidFields({{std::string(field), "is required"}});
  if (text.size() > most_bytes) {
    return InvalidFields({{std::string(field), absl::StrCat("is ", text.size(), " bytes long; at most ",
                                                            most_bytes, " are accepted")}});
  }
  return absl::OkStatus();
}

// Stores a text in the transaction that changes its record.
class StoreText final : public resource::Consequences {
 public:
  absl::Status Lock(resource::UnitOfWork&) override { return absl::OkStatus(); }
  absl::Status Write(resource::UnitOfWork& work) override {
    return sealed_.has_value() ? InsertText(work.connection(), *sealed_) : absl::OkStatus();
  }
  // What the change that is being made wants stored; the last one counts, which saw the locked record.
  void Set(StoredText sealed) { sealed_ = std::move(sealed); }

 private:
  std::optional<StoredText> sealed_;
};

// A request with its text replaced by a keyed hash, so that what is kept of requests says nothing about it.
template <typename Request>
Request WithoutText(const Request& request, std::string* (Request::*field)(), const crypto::Keys& keys) {
  Request copy = request;
  std::string& text = *(copy.*field)();
  text = absl::BytesToHexString(crypto::Hmac(crypto::Hmac(keys.active(), "oversight.request.1"), text));
  return copy;
}

}  // namespace

RecordKeeper::RecordKeeper(KindsPtr kinds, SurroundingsPtr surroundings)
    : kinds_(std::move(kinds)), surroundings_(std::move(surroundings)) {}

absl::StatusOr<std::shared_ptr<const crypto::Keys>> RecordKeeper::Keys() const {
  if (surroundings_->keys != nullptr) return surroundings_->keys->Get();
  return Error(absl::StatusCode::kFailedPrecondition, "RECORD_KEYS_NOT_SET",
               "this service has no key file, so it keeps no texts of records; set record-key-file");
}

absl::Status RecordKeeper::Denied() {
  return Error(absl::StatusCode::kPermissionDenied, "RECORD_ACCESS_DENIED",
               "you may not do this with this record, or there is none; only its supervisor, its supervisee, "
               "those over "
               "them and those to whom it is disclosed have access");
}

absl::StatusOr<AccessGround> RecordKeeper::GroundIn(mysql::Connection& connection, const std::string& worker,
                                                    const Key& session_key) const {
  if (worker.empty()) return AccessGround::kNone;
  std::optional<v1::Session> session;
  OVERSIGHT_RETURN_IF_ERROR(environment()
                                .tables->Of(*kinds_->session)
                                .ReadByKeys(connection, std::span(&session_key, 1), resource::Lock::kNone,
                                            [&](const resource::StoredResource& stored) {
                                              if (!stored.deleted)
                                                session.emplace().ParseFromString(stored.bytes);
                                              return absl::OkStatus();
                                            }));
  if (!session.has_value()) return AccessGround::kNone;
  std::vector<Disclosure> disclosures;
  const std::array<mysql::Value, 2> values = {session_key.authority, worker};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(
      "SELECT state FROM disclosure WHERE authority = ? AND disclosed_to = ? AND deleted = 0", values,
      [&](const mysql::Row& row) {
        v1::Disclosure disclosure;
        disclosure.ParseFromString(row.Bytes(0));
        if (std::find(disclosure.sessions().begin(), disclosure.sessions().end(), session->name()) !=
            disclosure.sessions().end()) {
          disclosures.push_back({.disclosed_to = disclosure.disclosed_to(),
                                 .reason = static_cast<DisclosureReason>(disclosure.reason()),
                                 .agreed_by_both = disclosure.agreed_by_both(),
                                 .period = resource::PeriodOf(disclosure)});
        }
        return absl::OkStatus();
      }));
  const CivilDay today = CivilDay::Of(environment().clock->Now());
  const access::WorkforceView& workforce = *surroundings_->workforce;
  return GroundFor(
      worker,
      {workforce.StandsFor(session->supervisee()), workforce.StandsFor(session->supervisor()),
       workforce.StandsFor(session->led_by())},
      surroundings_->reader_levels,
      [&](const std::string& of) { return workforce.LineManagersOf(of, today); }, disclosures, today);
}

absl::StatusOr<RecordKeeper::Admitted> RecordKeeper::GroundOf(rpc::Call& call,
                                                              const std::string& name) const {
  const resource::Pattern& pattern = *kinds_->session_record->pattern;
  OVERSIGHT_ASSIGN_OR_RETURN(const Key record, resource::ParseName(*kinds_->session_record, name, "name"));
  const access::WorkforceView& workforce = *surroundings_->workforce;
  OVERSIGHT_RETURN_IF_ERROR(workforce.CheckCaughtUp());
  Admitted admitted = {.record = record,
                       .worker = workforce.WorkerOf(call.principal(), record.authority),
                       .ground = AccessGround::kNone};
  if (!workforce.Knows(admitted.worker)) admitted.worker.clear();
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment().pool->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(
      admitted.ground,
      GroundIn(*connection, admitted.worker, *kinds_->session->pattern->Match(pattern.FormatParent(record))));
  return admitted;
}

absl::StatusOr<RecordKeeper::Admitted> RecordKeeper::Admit(
    rpc::Call& call, const std::string& name, std::initializer_list<AccessGround> grounds) const {
  OVERSIGHT_ASSIGN_OR_RETURN(Admitted admitted, GroundOf(call, name));
  if (std::find(grounds.begin(), grounds.end(), admitted.ground) == grounds.end()) return Denied();
  return admitted;
}

absl::Status RecordKeeper::Change(rpc::Call& call, const Key& key, const std::string& etag,
                                  const std::string& request_id, const Message& request_without_text,
                                  std::function<absl::Status(v1::SessionRecord& record)> change,
                                  std::shared_ptr<resource::Consequences> consequences,
                                  v1::SessionRecord& response) {
  OVERSIGHT_RETURN_IF_ERROR(resource::CheckRequestId(request_id));
  resource::ChangeSet changes;
  changes.authority = key.authority;
  changes.request =
      resource::Identify(key.authority, call.actor(), call.method(), request_id, request_without_text);
  changes.mutations.push_back(resource::VerbMutation(*kinds_->session_record, key, etag,
                                                     [change = std::move(change)](Message& state) {
                                                       return change(static_cast<v1::SessionRecord&>(state));
                                                     }));
  changes.mutations.back().consequences = std::move(consequences);
  Message* const reply = &response;
  return standard_->writer().Apply(call, changes, std::span(&reply, 1));
}

absl::Status RecordKeeper::WriteDraft(rpc::Call& call, const v1::WriteSessionRecordDraftRequest& request,
                                      v1::SessionRecord& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Admitted admitted,
                             Admit(call, request.name(), {AccessGround::kSupervisor}));
  OVERSIGHT_RETURN_IF_ERROR(CheckText(request.text(), "text", kMostTextBytes));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto keys, Keys());
  const auto store = std::make_shared<StoreText>();
  const absl::Time now = environment().clock->Now();
  return Change(
      call, admitted.record, request.etag(), request.request_id(),
      WithoutText(request, &v1::WriteSessionRecordDraftRequest::mutable_text, *keys),
      [&, store](v1::SessionRecord& record) -> absl::Status {
        const std::optional<RecordState> next = Next(StateOf(record), RecordAction::kWrite);
        if (!next) {
          return IllegalTransition(
              StateOf(record),
              "what was sent changes only when the supervisee asks for it, and what was signed "
              "never; write another record of the session");
        }
        const TextKey key = {.record = admitted.record, .version = record.latest_version() + 1};
        OVERSIGHT_ASSIGN_OR_RETURN(StoredText sealed,
                                   SealText(*keys, key, request.text(), now, call.actor()));
        record.set_state(v1::SessionRecord::STATE_DRAFT);
        record.set_latest_version(key.version);
        record.set_text_digest(sealed.digest);
        store->Set(std::move(sealed));
        return absl::OkStatus();
      },
      store, response);
}

absl::Status RecordKeeper::Send(rpc::Call& call, const v1::SendSessionRecordRequest& request,
                                v1::SessionRecord& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Admitted admitted,
                             Admit(call, request.name(), {AccessGround::kSupervisor}));
  const CivilDay today = CivilDay::Of(environment().clock->Now());
  return Change(
      call, admitted.record, request.etag(), request.request_id(), request,
      [&](v1::SessionRecord& record) -> absl::Status {
        if (!Next(StateOf(record), RecordAction::kSend) || record.latest_version() == 0) {
          return IllegalTransition(StateOf(record), "only a draft with a text is sent; write one first");
        }
        record.set_state(v1::SessionRecord::STATE_SENT);
        SetDay(record, "sent_date", today);
        if (!record.has_first_sent_date()) SetDay(record, "first_sent_date", today);
        return absl::OkStatus();
      },
      nullptr, response);
}

absl::Status RecordKeeper::RequestAmendment(rpc::Call& call,
                                            const v1::RequestSessionRecordAmendmentRequest& request,
                                            v1::SessionRecord& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Admitted admitted,
                             Admit(call, request.name(), {AccessGround::kSupervisee}));
  OVERSIGHT_RETURN_IF_ERROR(CheckText(request.note(), "note", kMostNoteBytes));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto keys, Keys());
  const auto store = std::make_shared<StoreText>();
  const absl::Time now = environment().clock->Now();
  return Change(
      call, admitted.record, request.etag(), request.request_id(),
      WithoutText(request, &v1::RequestSessionRecordAmendmentRequest::mutable_note, *keys),
      [&, store](v1::SessionRecord& record) -> absl::Status {
        if (!Next(StateOf(record), RecordAction::kRequestAmendment)) {
          return IllegalTransition(StateOf(record),
                                   "an amendment can be asked for once the record has been sent");
        }
        const TextKey key = {
            .record = admitted.record, .version = record.latest_version(), .part = TextPart::kAmendmentNote};
        OVERSIGHT_ASSIGN_OR_RETURN(StoredText sealed,
                                   SealText(*keys, key, request.note(), now, call.actor()));
        store->Set(std::move(sealed));
        record.set_state(v1::SessionRecord::STATE_AMENDMENT_REQUESTED);
        record.set_amendment_requests(record.amendment_requests() + 1);
        if (!record.has_first_answered_date()) SetDay(record, "first_answered_date", CivilDay::Of(now));
        return absl::OkStatus();
      },
      store, response);
}

absl::Status RecordKeeper::Sign(rpc::Call& call, const v1::SignSessionRecordRequest& request,
                                v1::SessionRecord& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Admitted admitted,
                             Admit(call, request.name(), {AccessGround::kSupervisee}));
  const CivilDay today = CivilDay::Of(environment().clock->Now());
  return Change(
      call, admitted.record, request.etag(), request.request_id(), request,
      [&](v1::SessionRecord& record) -> absl::Status {
        if (!Next(StateOf(record), RecordAction::kSign)) {
          return IllegalTransition(StateOf(record), "a record is signed once it has been sent");
        }
        if (request.version() != record.latest_version()) {
          return Error(absl::StatusCode::kAborted, "VERSION_MISMATCH",
                       "another version is the newest; read it, and sign that one")
              .With("latest_version", absl::StrCat(record.latest_version()));
        }
        record.set_state(v1::SessionRecord::STATE_SIGNED);
        record.set_signed_version(record.latest_version());
        SetDay(record, "signed_date", today);
        if (!record.has_first_answered_date()) SetDay(record, "first_answered_date", today);
        return absl::OkStatus();
      },
      nullptr, response);
}

void RecordKeeper::Register(resource::StandardMethods& standard, rpc::Methods& methods) {
  standard_ = &standard;
  const auto add = [&]<typename Request, typename Response>(
                       const char* method,
                       absl::Status (RecordKeeper::*handler)(rpc::Call&, const Request&, Response&)) {
    methods.Unary<Request, Response>(
        kSupervisionService, method,
        [this, handler](rpc::Call& call, const Request& request, Response& response) {
          return (this->*handler)(call, request, response);
        });
  };
  add("WriteSessionRecordDraft", &RecordKeeper::WriteDraft);
  add("SendSessionRecord", &RecordKeeper::Send);
  add("RequestSessionRecordAmendment", &RecordKeeper::RequestAmendment);
  add("SignSessionRecord", &RecordKeeper::Sign);
  add("ReadSessionRecordText", &RecordKeeper::ReadText);
  add("ListSessionRecordVersions", &RecordKeeper::ListVersions);
  add("ListSessionRecordAccesses", &RecordKeeper::ListAccesses);
  methods.Stream(kSupervisionService, "RewrapSessionRecordKeys",
                 [this](rpc::Call& call, const Message& request, rpc::StreamWriter& writer) {
                   return Rewrap(call, static_cast<const v1::RewrapSessionRecordKeysRequest&>(request),
                                 writer);
                 });
}

}  // namespace oversight::supervision
