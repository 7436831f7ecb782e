#include "services/supervision/planning/session_reader.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::supervision {

absl::StatusOr<std::vector<StoredSession>> ReadSessionsOf(mysql::Connection& connection,
                                                          const std::string& authority,
                                                          const std::string& worker, SessionRole role,
                                                          CivilDay start, CivilDay end, int limit) {
  std::vector<StoredSession> sessions;
  const std::array<mysql::Value, 5> values = {authority, worker, start, end, limit};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT authority, parent, id, version, deleted, create_time, update_time, state "
                   "FROM supervision_session WHERE authority = ? AND ",
                   role == SessionRole::kSupervisee ? "supervisee" : "supervisor",
                   " = ? AND session_date >= ? AND session_date < ? ORDER BY session_date, id LIMIT ?"),
      values, [&](const mysql::Row& row) -> absl::Status {
        StoredSession& read = sessions.emplace_back();
        read.stored = {.key = {row.Bytes(0), row.Bytes(1), row.Bytes(2)},
                       .version = row.Uint64(3),
                       .deleted = row.Int64(4) != 0,
                       .create_time = row.Time(5),
                       .update_time = row.Time(6),
                       .bytes = row.Bytes(7)};
        if (read.session.ParseFromString(read.stored.bytes)) return absl::OkStatus();
        return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                     "a stored Session cannot be read; verify the ledger");
      }));
  return sessions;
}

}  // namespace oversight::supervision
