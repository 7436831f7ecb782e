#include "common/ledger/ledger_service.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ledger/token.h"
#include "common/ledger/verify.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"

namespace oversight::ledger {
namespace {

constexpr char kService[] = "oversight.ledger.v1.LedgerService";
constexpr size_t kMessageBytes = 1 << 20;
constexpr int kMostLookUps = 5000;
constexpr size_t kMostReasonBytes = 500;
constexpr size_t kMostAuthorityBytes = 63;

absl::StatusOr<std::string> AuthorityId(absl::string_view name, absl::string_view field) {
  const absl::string_view id = absl::StripPrefix(name, "authorities/");
  if (id.size() == name.size() || id.empty() || id.find('/') != absl::string_view::npos) {
    return InvalidFields({{std::string(field), "must be a name like authorities/example"}});
  }
  return std::string(id);
}

absl::Status CallerGone() {
  return Error(absl::StatusCode::kCancelled, "CALLER_GONE", "the caller ended the stream");
}

// Blanks every payload about `name` and what lies beneath it; returns the revisions.
absl::StatusOr<std::vector<uint64_t>> EraseEntries(mysql::Connection& connection,
                                                   const std::string& authority, const std::string& name) {
  std::vector<uint64_t> revisions;
  uint64_t from = 0;
  for (bool more = true; more;) {
    int read = 0;
    OVERSIGHT_RETURN_IF_ERROR(
        ReadEntries(connection, authority, from, kEntriesPerRead, [&](StoredEntry entry) {
          ++read;
          from = entry.revision + 1;
          if (entry.payload.has_value() && entry.change != pb::CHANGE_ERASED &&
              IsOrLiesBeneath(entry.payload->resource_name, name)) {
            revisions.push_back(entry.revision);
          }
          return absl::OkStatus();
        }));
    more = read == kEntriesPerRead;
  }
  OVERSIGHT_RETURN_IF_ERROR(ErasePayloads(connection, authority, revisions));
  return revisions;
}

}  // namespace

LedgerService::LedgerService(std::string ledger, mysql::Pool* pool, Tailer* tailer, StateSource* state,
                             const Clock* clock)
    : ledger_(std::move(ledger)), pool_(pool), tailer_(tailer), state_(state), clock_(clock) {}

void LedgerService::Register(rpc::Methods& methods) {
  methods.AddService(kService);
  methods.Unary<pb::GetHeadRequest, pb::Head>(
      kService, "GetHead",
      [this](auto& call, const auto& request, auto& out) { return GetHead(call, request, out); });
  methods.Unary<pb::LookUpRequest, pb::LookUpResponse>(
      kService, "LookUp",
      [this](auto& call, const auto& request, auto& out) { return LookUp(call, request, out); });
  methods.Unary<pb::EraseResourceRequest, pb::EraseResourceResponse>(
      kService, "EraseResource",
      [this](auto& call, const auto& request, auto& out) { return EraseResource(call, request, out); });
  methods.Feed(kService, "Watch",
               [this](rpc::Call&, const rpc::Message& request, std::shared_ptr<rpc::Feed> feed) {
                 return tailer_->Watch(static_cast<const pb::WatchRequest&>(request), std::move(feed));
               });
  methods.Stream(kService, "Snapshot",
                 [this](rpc::Call& call, const rpc::Message& request, rpc::StreamWriter& writer) {
                   return Snapshot(call, static_cast<const pb::SnapshotRequest&>(request), writer);
                 });
  methods.Stream(kService, "VerifyLedger",
                 [this](rpc::Call& call, const rpc::Message& request, rpc::StreamWriter& writer) {
                   return VerifyLedger(call, static_cast<const pb::VerifyLedgerRequest&>(request), writer);
                 });
}

absl::Status LedgerService::GetHead(rpc::Call& call, const pb::GetHeadRequest& request, pb::Head& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityId(request.name(), "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const HeadRow head, ReadHead(*connection, authority));
  if (head.revision == 0) {
    return Error(absl::StatusCode::kNotFound, "LEDGER_EMPTY",
                 "nothing has been written for this authority here");
  }
  response.set_authority(request.name());
  response.set_revision(static_cast<int64_t>(head.revision));
  *response.mutable_time() = ToTimestamp(head.time);
  response.set_token(EncodeToken(TokenOf(ledger_, head)));
  return absl::OkStatus();
}

absl::Status LedgerService::Snapshot(rpc::Call& call, const pb::SnapshotRequest& request,
                                     rpc::StreamWriter& writer) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityId(request.name(), "name"));
  // One attempt: what was sent cannot be taken back.
  const mysql::TransactionOptions options{
      .deadline = call.deadline(), .isolation = mysql::Isolation::kSnapshot, .max_attempts = 1};
  return mysql::RunTransaction(*pool_, options, [&](mysql::Connection& connection) -> absl::Status {
    OVERSIGHT_ASSIGN_OR_RETURN(const HeadRow head, ReadHead(connection, authority));
    pb::SnapshotResponse message;
    size_t bytes = 0;
    OVERSIGHT_RETURN_IF_ERROR(state_->ForEachRecord(
        connection, authority, /*check_columns=*/false, [&](const StateSource::Record& record) {
          auto& out = *message.add_records();
          out.set_resource_name(record.name);
          out.set_resource_version(static_cast<int64_t>(record.version));
          out.set_deleted(record.deleted);
          out.mutable_resource()->set_type_url(absl::StrCat("type.googleapis.com/", record.type));
          out.mutable_resource()->set_value(record.bytes);
          bytes += out.ByteSizeLong();
          if (bytes < kMessageBytes) return absl::OkStatus();
          bytes = 0;
          const bool taken = writer.Write(message);
          message.Clear();
          return taken ? absl::OkStatus() : CallerGone();
        }));
    if (head.revision > 0) message.set_token(EncodeToken(TokenOf(ledger_, head)));
    message.set_complete(true);
    return writer.Write(message) ? absl::OkStatus() : CallerGone();
  });
}

absl::Status LedgerService::VerifyLedger(rpc::Call& call, const pb::VerifyLedgerRequest& request,
                                         rpc::StreamWriter& writer) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityId(request.name(), "name"));
  std::vector<pb::Token> known;
  for (const std::string& text : request.known_tokens()) {
    OVERSIGHT_ASSIGN_OR_RETURN(pb::Token token, DecodeToken(text));
    if (token.ledger() != ledger_ || token.authority() != request.name()) {
      return InvalidFields({{"known_tokens", "each must be of this service and authority"}});
    }
    known.push_back(std::move(token));
  }
  const mysql::TransactionOptions options{
      .deadline = call.deadline(), .isolation = mysql::Isolation::kSnapshot, .max_attempts = 1};
  return mysql::RunTransaction(*pool_, options, [&](mysql::Connection& connection) -> absl::Status {
    OVERSIGHT_ASSIGN_OR_RETURN(
        const pb::VerifyLedgerResponse report,
        Verify(connection, ledger_, authority, known, *state_, [&](const pb::VerifyLedgerResponse& progress) {
          return writer.Write(progress) ? absl::OkStatus() : CallerGone();
        }));
    return writer.Write(report) ? absl::OkStatus() : CallerGone();
  });
}

absl::Status LedgerService::EraseResource(rpc::Call& call, const pb::EraseResourceRequest& request,
                                          pb::EraseResourceResponse& response) {
  std::vector<FieldViolation> violations;
  if (request.reason().empty() || request.reason().size() > kMostReasonBytes) {
    violations.push_back({"reason", "give the legal ground, in at most 500 bytes and without personal data"});
  }
  const absl::string_view rest = absl::StripPrefix(request.name(), "authorities/");
  const size_t slash = rest.find('/');
  if (rest.size() == request.name().size() || slash == absl::string_view::npos || slash == 0 ||
      slash > kMostAuthorityBytes) {
    violations.push_back(
        {"name", "must name a resource of an authority, like authorities/example/workers/w1"});
  }
  if (!violations.empty()) return InvalidFields(violations);
  const std::string authority(rest.substr(0, slash));

  HeadRow head;
  size_t erased = 0;
  OVERSIGHT_RETURN_IF_ERROR(mysql::RunTransaction(
      *pool_, {.deadline = call.deadline()}, [&](mysql::Connection& connection) -> absl::Status {
        // The head first: nobody may write about the resource meanwhile.
        OVERSIGHT_RETURN_IF_ERROR(LockHead(connection, authority).status());
        OVERSIGHT_ASSIGN_OR_RETURN(const int64_t rows, state_->RemoveRows(connection, request.name()));
        OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<uint64_t> revisions,
                                   EraseEntries(connection, authority, request.name()));
        if (rows == 0 && revisions.empty()) {
          return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
                       "there is nothing about this resource here");
        }
        erased = revisions.size();
        const NewEntry tombstone{.change = pb::CHANGE_ERASED,
                                 .resource_name = request.name(),
                                 .resource_type = request.GetTypeName(),
                                 .payload = request.SerializeAsString(),
                                 .erased_revisions = revisions};
        OVERSIGHT_ASSIGN_OR_RETURN(head, Append(connection, authority, call.actor(), call.method(),
                                                clock_->Now(), std::span(&tombstone, 1)));
        return absl::OkStatus();
      }));
  tailer_->Nudge();
  response.set_erased_entries(static_cast<int64_t>(erased));
  response.set_token(EncodeToken(TokenOf(ledger_, head)));
  return absl::OkStatus();
}

absl::Status LedgerService::LookUp(rpc::Call& call, const pb::LookUpRequest& request,
                                   pb::LookUpResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityId(request.parent(), "parent"));
  if (request.names_size() > kMostLookUps) {
    return InvalidFields({{"names", absl::StrCat("at most ", kMostLookUps, " at a time")}});
  }
  for (const std::string& name : request.names()) {
    if (!IsOrLiesBeneath(name, request.parent())) {
      return InvalidFields({{"names", "each must lie in the authority that `parent` names"}});
    }
  }
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(call.deadline()));
  // The point is read first, so that everything up to it is certainly in what is read afterwards.
  OVERSIGHT_ASSIGN_OR_RETURN(const HeadRow head, ReadHead(*connection, authority));
  OVERSIGHT_ASSIGN_OR_RETURN(
      const std::vector<StateSource::MissingName> missing,
      state_->Missing(*connection, std::vector<std::string>(request.names().begin(), request.names().end())));
  for (const StateSource::MissingName& name : missing) {
    response.add_missing(name.name);
    if (name.merged_into.empty()) continue;
    auto& merged = *response.add_merged();
    merged.set_name(name.name);
    merged.set_into(name.merged_into);
  }
  if (head.revision > 0) response.set_token(EncodeToken(TokenOf(ledger_, head)));
  return absl::OkStatus();
}

}  // namespace oversight::ledger
