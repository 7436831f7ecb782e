#include "common/access/mysql_access_log.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/ledger/hash_chain.h"
#include "common/log/log.h"
#include "common/resource/name.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"

namespace oversight::access {
namespace {

using mysql::Value;
using v1::AccessRecord;

constexpr char kService[] = "oversight.access.v1.AccessService";
constexpr char kInsert[] =
    "INSERT INTO access_log (authority, time, nonce, actor, roles, method, resource_hash, outcome, "
    "request_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
// With the actor and the hash empty, everybody's and everything's.
constexpr char kSelect[] =
    "SELECT time, nonce, actor, roles, method, resource_hash, outcome, request_id FROM access_log "
    "WHERE authority = ? AND (time < ? OR (time = ? AND nonce < ?)) ";
constexpr char kOfActor[] = "AND actor = ? ";
constexpr char kOfResource[] = "AND resource_hash = ? ";
constexpr char kOrder[] = "ORDER BY time DESC, nonce DESC LIMIT ?";
constexpr size_t kNonceBytes = 8;
// What the columns hold.
constexpr size_t kLongestRoles = 1000;

std::string HashOf(absl::string_view name) {
  return name.empty() ? std::string() : log::Process().name_hash().Of(name);
}

void Fill(const mysql::Row& row, AccessRecord& record) {
  const absl::Time time = row.Time(0);
  record.mutable_time()->set_seconds(absl::ToUnixSeconds(time));
  record.mutable_time()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time)))));
  record.set_actor(row.Bytes(2));
  for (const absl::string_view role : absl::StrSplit(row.Bytes(3), ' ', absl::SkipEmpty())) {
    record.add_roles(std::string(role));
  }
  record.set_method(row.Bytes(4));
  record.set_resource_hash(row.Bytes(5));
  record.set_outcome(static_cast<AccessRecord::Outcome>(row.Int64(6)));
  record.set_request_id(row.Bytes(7));
}

}  // namespace

MysqlAccessLog::MysqlAccessLog(mysql::Pool* pool, metrics::Registry* metrics, const Clock* clock)
    : pool_(pool),
      clock_(clock),
      denied_(metrics->Counter("oversight_access_records_total", "What was written to the access log.")
                  .Add({{"outcome", "denied"}})),
      read_(metrics->Counter("oversight_access_records_total", "What was written to the access log.")
                .Add({{"outcome", "read"}})),
      failures_(metrics->Counter("oversight_access_log_failures_total", "What could not be written to it.")
                    .Add({})) {}

absl::Status MysqlAccessLog::Write(const AccessEvent& event, absl::Time deadline) {
  const std::vector<Value> parameters = {event.authority,
                                         clock_->Now(),
                                         ledger::RandomBytes(kNonceBytes),
                                         event.actor,
                                         absl::StrJoin(event.roles, " ").substr(0, kLongestRoles),
                                         event.method,
                                         HashOf(event.resource),
                                         static_cast<int64_t>(event.outcome),
                                         event.request_id};
  absl::StatusOr<mysql::Pool::Lease> connection = pool_->Acquire(deadline);
  const absl::Status status =
      connection.ok() ? (*connection)->Execute(kInsert, parameters).status() : connection.status();
  if (status.ok()) {
    (event.outcome == AccessRecord::OUTCOME_READ ? read_ : denied_).Increment();
    return status;
  }
  failures_.Increment();
  return Error(absl::StatusCode::kUnavailable, "ACCESS_LOG_UNAVAILABLE",
               "the access log cannot be written, and nothing is shown without it: try again")
      .RetryAfter(absl::Seconds(1));
}

void MysqlAccessLog::Register(rpc::Methods& methods) {
  methods.Unary<v1::ListAccessRecordsRequest, v1::ListAccessRecordsResponse>(
      kService, "ListAccessRecords",
      [this](auto& call, const auto& request, auto& response) { return List(call, request, response); });
}

absl::Status MysqlAccessLog::List(rpc::Call& call, const v1::ListAccessRecordsRequest& request,
                                  v1::ListAccessRecordsResponse& response) {
  const std::string authority(resource::AuthorityOf(request.parent()));
  if (authority.empty() || request.parent() != absl::StrCat("authorities/", authority)) {
    return InvalidFields({{"parent", "must be a name like authorities/example"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  const std::string query =
      absl::StrCat(call.method(), "\n", request.parent(), "\n", request.resource(), "\n", request.actor());
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  absl::Time before = absl::FromUnixSeconds(253402300799);  // the last second that a DATETIME holds
  std::string nonce;
  if (!last.empty()) {
    const std::pair<std::string, std::string> place = absl::StrSplit(last, absl::MaxSplits('\n', 1));
    int64_t micros = 0;
    if (!absl::SimpleAtoi(place.first, &micros))
      return InvalidFields({{"page_token", "is none of this method"}});
    before = absl::FromUnixMicros(micros);
    nonce = place.second;
  }
  std::string sql = kSelect;
  std::vector<Value> parameters = {authority, before, before, nonce};
  if (!request.actor().empty()) {
    sql += kOfActor;
    parameters.emplace_back(request.actor());
  }
  if (!request.resource().empty()) {
    sql += kOfResource;
    parameters.emplace_back(HashOf(request.resource()));
  }
  sql += kOrder;
  parameters.emplace_back(page_size + 1);

  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(call.deadline()));
  int read = 0;
  std::string end;
  OVERSIGHT_RETURN_IF_ERROR(connection->Query(sql, parameters, [&](const mysql::Row& row) {
    if (++read > page_size) return absl::OkStatus();
    Fill(row, *response.add_access_records());
    end = absl::StrCat(absl::ToUnixMicros(row.Time(0)), "\n", row.Bytes(1));
    return absl::OkStatus();
  }));
  if (read > page_size) response.set_next_page_token(resource::EncodePageToken(query, end));
  return absl::OkStatus();
}

}  // namespace oversight::access
