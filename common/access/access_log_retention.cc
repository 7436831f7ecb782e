#include "common/access/access_log_retention.h"

#include <array>
#include <string>
#include <vector>

#include "common/status/macros.h"

namespace oversight::access {
namespace {

using mysql::Value;

constexpr char kAuthorities[] = "SELECT DISTINCT authority FROM access_log";
// In the order of the primary key, so that it locks what it removes and nothing else.
constexpr char kRemove[] =
    "DELETE FROM access_log WHERE authority = ? AND time < ? ORDER BY authority, time, nonce LIMIT ?";

}  // namespace

absl::StatusOr<int64_t> RemoveAccessRecordsBefore(mysql::Connection& connection, absl::Time before, int batch,
                                                  const std::function<void(int64_t)>& removed_so_far) {
  std::vector<std::string> authorities;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kAuthorities, {}, [&](const mysql::Row& row) {
    authorities.push_back(row.Bytes(0));
    return absl::OkStatus();
  }));
  int64_t removed = 0;
  for (const std::string& authority : authorities) {
    for (int64_t last = batch; last == batch;) {
      const std::array<Value, 3> parameters = {authority, before, batch};
      OVERSIGHT_ASSIGN_OR_RETURN(last, connection.Execute(kRemove, parameters));
      removed += last;
      if (last > 0) removed_so_far(removed);
    }
  }
  return removed;
}

}  // namespace oversight::access
