#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"

namespace oversight::access {

// Removes the records of the access log from before an instant, of every authority. Each statement takes at
// most `batch` rows and is committed by itself: it holds few locks, a replica follows easily, and a run that
// was cut off has lost nothing and is carried on by the next. `removed_so_far` is called after each. Returns
// how many were removed. Needs the rights SELECT and DELETE on the table `access_log`, and no others.
absl::StatusOr<int64_t> RemoveAccessRecordsBefore(
    mysql::Connection& connection, absl::Time before, int batch,
    const std::function<void(int64_t)>& removed_so_far = [](int64_t) {});

}  // namespace oversight::access
