#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace oversight::mysql {

// Numbers the database answers with and this code acts on.
inline constexpr int kErrorNoSuchTable = 1146;

// The error that a MySQL or MariaDB error number stands for, as listed at Connection. `server_message` is
// read for names of constraints, tables and columns only; values in it never reach the result.
absl::Status StatusOfError(int number, absl::string_view sql_state, absl::string_view server_message);

// True when the session cannot be used after this error: the connection is gone or out of step, or the server
// is no longer the primary.
bool BreaksSession(int number);

// True when the server refused to write because it is read-only (1290, 1836): nothing was committed.
bool IsReadOnlyError(int number);

// `mysql_error` of the status, or 0.
int ErrorNumberOf(const absl::Status& status);

// True for ABORTED with reason TRANSACTION_CONFLICT.
bool IsConflict(const absl::Status& status);

}  // namespace oversight::mysql
