#include "common/resource/request_log.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "common/ledger/hash_chain.h"
#include "common/resource/table.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

using mysql::Value;

constexpr char kSelect[] =
    "SELECT request_hash, revision FROM ledger_request WHERE authority = ? AND actor = ? AND request_id = ?";
constexpr char kInsert[] =
    "INSERT INTO ledger_request (authority, actor, request_id, request_hash, revision, time) VALUES (?, ?, "
    "?, ?, ?, ?)";
constexpr char kPurge[] = "DELETE FROM ledger_request WHERE time < ? ORDER BY time LIMIT 1000";
constexpr absl::Duration kKept = absl::Hours(30 * 24);

}  // namespace

IdentifiedRequest Identify(const std::string& authority, const std::string& actor, absl::string_view method,
                           const std::string& request_id, const google::protobuf::Message& request) {
  IdentifiedRequest identified{.authority = authority, .actor = actor, .request_id = request_id};
  if (!request_id.empty())
    identified.hash = ledger::Sha256(absl::StrCat(method, "\n", SerialiseState(request)));
  return identified;
}

absl::StatusOr<std::optional<uint64_t>> FindRequest(mysql::Connection& connection,
                                                    const IdentifiedRequest& request) {
  std::optional<uint64_t> revision;
  if (request.request_id.empty()) return revision;
  bool same = true;
  const std::array<Value, 3> parameters = {request.authority, request.actor, request.request_id};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelect, parameters, [&](const mysql::Row& row) {
    same = row.Bytes(0) == request.hash;
    revision = row.Uint64(1);
    return absl::OkStatus();
  }));
  if (!same) {
    return Error(
        absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
        "this request_id was used for another request; give each request an id of its own, such as a UUID");
  }
  return revision;
}

absl::Status RecordRequest(mysql::Connection& connection, const IdentifiedRequest& request, uint64_t revision,
                           absl::Time now) {
  if (request.request_id.empty()) return absl::OkStatus();
  const std::array<Value, 6> parameters = {request.authority, request.actor, request.request_id,
                                           request.hash,      revision,      now};
  const absl::Status status = connection.Execute(kInsert, parameters).status();
  if (status.code() != absl::StatusCode::kAlreadyExists) return status;
  return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
               "the same request is being carried out already");
}

absl::StatusOr<int64_t> PurgeRequests(mysql::Connection& connection, absl::Time now) {
  const std::array<Value, 1> parameters = {now - kKept};
  return connection.Execute(kPurge, parameters);
}

}  // namespace oversight::resource
