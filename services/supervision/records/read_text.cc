// Reading texts, and who has read them.
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"
#include "services/supervision/records/access_log.h"
#include "services/supervision/records/record_keeper.h"
#include "services/supervision/records/text_store.h"

namespace oversight::supervision {
namespace {

using resource::Key;

constexpr size_t kMostReasonBytes = 500;

v1::AccessGround ToProto(AccessGround ground) { return static_cast<v1::AccessGround>(ground); }
static_assert(static_cast<int>(AccessGround::kSupervisee) == v1::ACCESS_GROUND_SUPERVISEE);
static_assert(static_cast<int>(AccessGround::kSupervisor) == v1::ACCESS_GROUND_SUPERVISOR);
static_assert(static_cast<int>(AccessGround::kManager) == v1::ACCESS_GROUND_MANAGER);
static_assert(static_cast<int>(AccessGround::kDisclosure) == v1::ACCESS_GROUND_DISCLOSURE);

}  // namespace

absl::StatusOr<v1::SessionRecord> RecordKeeper::Load(mysql::Connection& connection, const Key& key) const {
  std::optional<v1::SessionRecord> record;
  OVERSIGHT_RETURN_IF_ERROR(environment()
                                .tables->Of(*kinds_->session_record)
                                .ReadByKeys(connection, std::span(&key, 1), resource::Lock::kNone,
                                            [&](const resource::StoredResource& stored) {
                                              if (!stored.deleted)
                                                record.emplace().ParseFromString(stored.bytes);
                                              return absl::OkStatus();
                                            }));
  if (record.has_value()) return *std::move(record);
  return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
               "there is no such SessionRecord; check the name, or create it")
      .With("resource_type", kinds_->session_record->type_name);
}

absl::Status RecordKeeper::ReadText(rpc::Call& call, const v1::ReadSessionRecordTextRequest& request,
                                    v1::ReadSessionRecordTextResponse& response) {
  if (request.reason().size() > kMostReasonBytes) {
    return InvalidFields({{"reason", "is too long; at most 500 bytes are accepted"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const Admitted admitted, GroundOf(call, request.name()));
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease lease, environment().pool->Acquire(call.deadline()));
  std::optional<mysql::Pool::Lease> connection(std::move(lease));
  Access access = {.authority = admitted.record.authority,
                   .record = request.name(),
                   .version = 0,
                   .time = environment().clock->Now(),
                   .actor = call.actor(),
                   .worker = admitted.worker,
                   .ground = admitted.ground,
                   .reason = request.reason()};
  if (admitted.ground == AccessGround::kNone) {
    OVERSIGHT_RETURN_IF_ERROR(RecordAccess(**connection, access));
    return Denied();
  }
  const bool their_own =
      admitted.ground == AccessGround::kSupervisee || admitted.ground == AccessGround::kSupervisor;
  if (!their_own && request.reason().empty()) {
    return InvalidFields({{"reason", "is required: say why you read a record of others"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const auto keys, Keys());
  OVERSIGHT_ASSIGN_OR_RETURN(const v1::SessionRecord record, Load(**connection, admitted.record));
  const int version = request.version() == 0 ? record.latest_version() : request.version();
  const TextKey text_key = {.record = admitted.record, .version = version};
  const TextKey note_key = {.record = admitted.record, .version = version, .part = TextPart::kAmendmentNote};
  OVERSIGHT_ASSIGN_OR_RETURN(const auto text, supervision::ReadText(**connection, text_key));
  if (!text.has_value()) {
    return Error(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND", "the record has no such version")
        .With("latest_version", absl::StrCat(record.latest_version()));
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const auto note, supervision::ReadText(**connection, note_key));
  OVERSIGHT_ASSIGN_OR_RETURN(std::string opened, crypto::Open(*keys, text->envelope, BindingOf(text_key)));
  std::string opened_note;
  if (note.has_value()) {
    OVERSIGHT_ASSIGN_OR_RETURN(opened_note, crypto::Open(*keys, note->envelope, BindingOf(note_key)));
  }
  access.version = version;
  OVERSIGHT_RETURN_IF_ERROR(RecordAccess(**connection, access));
  // The log takes a connection of its own: a call must not hold one while it waits for another.
  connection.reset();
  if (surroundings_->access_log != nullptr) {
    OVERSIGHT_RETURN_IF_ERROR(
        surroundings_->access_log->Write({.authority = admitted.record.authority,
                                          .actor = call.actor(),
                                          .roles = {},
                                          .method = std::string(call.method()),
                                          .resource = request.name(),
                                          .request_id = call.request_id(),
                                          .outcome = access::v1::AccessRecord::OUTCOME_READ},
                                         call.deadline()));
  }
  response.set_name(request.name());
  response.set_version(version);
  response.set_text(std::move(opened));
  response.set_amendment_note(std::move(opened_note));
  response.set_ground(ToProto(admitted.ground));
  return absl::OkStatus();
}

absl::Status RecordKeeper::ListVersions(rpc::Call& call, const v1::ListSessionRecordVersionsRequest& request,
                                        v1::ListSessionRecordVersionsResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Admitted admitted,
                             Admit(call, request.name(),
                                   {AccessGround::kSupervisee, AccessGround::kSupervisor,
                                    AccessGround::kManager, AccessGround::kDisclosure}));
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment().pool->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const v1::SessionRecord record, Load(*connection, admitted.record));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<StoredText> texts, ReadVersions(*connection, admitted.record));
  for (const StoredText& text : texts) {
    if (text.key.part == TextPart::kAmendmentNote) {
      response.mutable_versions(response.versions_size() - 1)->set_amendment_requested(true);
      continue;
    }
    auto& version = *response.add_versions();
    version.set_version(text.key.version);
    *version.mutable_write_time() = ToTimestamp(text.write_time);
    version.set_actor(text.actor);
    version.set_text_digest(text.digest);
    version.set_signed_(text.key.version == record.signed_version());
  }
  return absl::OkStatus();
}

absl::Status RecordKeeper::ListAccesses(rpc::Call& call, const v1::ListSessionRecordAccessesRequest& request,
                                        v1::ListSessionRecordAccessesResponse& response) {
  const absl::string_view authority = resource::AuthorityOf(request.parent());
  const bool of_one = kinds_->session_record->pattern->Match(request.parent()).has_value();
  if (!of_one && (authority.empty() || request.parent() != absl::StrCat("authorities/", authority))) {
    return InvalidFields(
        {{"parent", "must be a name like authorities/{authority}, or that of a SessionRecord"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  const std::string query = absl::StrCat(call.method(), "\n", request.parent());
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  uint64_t before = 0;
  if (!last.empty() && !absl::SimpleAtoi(last, &before)) before = 0;
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment().pool->Acquire(call.deadline()));
  int read = 0;
  uint64_t end = 0;
  OVERSIGHT_RETURN_IF_ERROR(ReadAccesses(*connection, std::string(authority), of_one ? request.parent() : "",
                                         before, page_size + 1, [&](uint64_t number, const Access& access) {
                                           if (++read > page_size) return;
                                           end = number;
                                           auto& out = *response.add_accesses();
                                           out.set_record(access.record);
                                           out.set_version(access.version);
                                           *out.mutable_time() = ToTimestamp(access.time);
                                           out.set_actor(access.actor);
                                           out.set_worker(access.worker);
                                           out.set_granted(access.ground != AccessGround::kNone);
                                           out.set_ground(ToProto(access.ground));
                                           out.set_reason(access.reason);
                                         }));
  if (read > page_size) response.set_next_page_token(resource::EncodePageToken(query, absl::StrCat(end)));
  return absl::OkStatus();
}

}  // namespace oversight::supervision
