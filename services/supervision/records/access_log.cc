#include "services/supervision/records/access_log.h"

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace oversight::supervision {

using mysql::Value;

absl::Status RecordAccess(mysql::Connection& connection, const Access& access) {
  const std::array<Value, 8> values = {access.authority,
                                       access.record,
                                       access.version,
                                       access.time,
                                       access.actor,
                                       access.worker,
                                       static_cast<int>(access.ground),
                                       access.reason};
  // By itself, so that it is committed when the statement ends, whatever becomes of the call.
  return connection
      .Execute(
          "INSERT INTO record_access (authority, record, version, time, actor, worker, ground, reason) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          values)
      .status();
}

absl::Status ReadAccesses(mysql::Connection& connection, const std::string& authority,
                          const std::string& record, uint64_t before, int limit,
                          absl::FunctionRef<void(uint64_t number, const Access& access)> reader) {
  const bool of_one = !record.empty();
  const uint64_t end = before == 0 ? uint64_t{INT64_MAX} : before;
  const std::array<Value, 3> values = {of_one ? record : authority, end, limit};
  return connection.Query(
      absl::StrCat("SELECT number, authority, record, version, time, actor, worker, ground, reason "
                   "FROM record_access WHERE ",
                   of_one ? "record" : "authority", " = ? AND number < ? ORDER BY number DESC LIMIT ?"),
      values, [&](const mysql::Row& row) {
        reader(row.Uint64(0), {.authority = row.Bytes(1),
                               .record = row.Bytes(2),
                               .version = static_cast<int>(row.Int64(3)),
                               .time = row.Time(4),
                               .actor = row.Bytes(5),
                               .worker = row.Bytes(6),
                               .ground = static_cast<AccessGround>(row.Int64(7)),
                               .reason = row.Bytes(8)});
        return absl::OkStatus();
      });
}

}  // namespace oversight::supervision
