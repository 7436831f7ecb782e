#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/value.h"

namespace oversight::mysql {

struct ConnectionOptions {
  std::string host = "127.0.0.1";
  int port = 3306;
  // Unix socket; when set, host and port are not used.
  std::string socket;
  std::string user;
  std::string password;
  std::string schema;
  // PEM file of the certificate authority; when set, the connection must be encrypted and chain and host
  // verify.
  std::string ca_file;
  absl::Duration connect_timeout = absl::Seconds(5);
  // How long one statement may take. The server ends it a little earlier (STATEMENT_TIMEOUT), and a wait for
  // a lock after a third of it, 10 s at most (TRANSACTION_CONFLICT).
  absl::Duration read_timeout = absl::Seconds(30);
};

// The present row of a result; valid only inside the callback it is given to. Columns count from 0. NULL
// reads as 0 and as empty bytes. Reading a column as what it cannot be (text as a number, a number out of
// range, NULL as a day or an instant) ends the Query with INTERNAL DATABASE_ERROR.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int64(int column) const = 0;
  virtual uint64_t Uint64(int column) const = 0;
  // Text or bytes, NUL included.
  virtual std::string Bytes(int column) const = 0;
  virtual CivilDay Day(int column) const = 0;
  // A `DATETIME(6)` read as UTC.
  virtual absl::Time Time(int column) const = 0;
};

// Reads one row; a status other than OK stops the reading and is returned by Query.
using RowReader = absl::FunctionRef<absl::Status(const Row&)>;

// One session with the database; belongs to one thread at a time. After connecting it is in READ COMMITTED,
// strict mode, UTC, utf8mb4 with a binary collation, autocommit. Statements are prepared once and kept.
//
// Errors of all calls, mapped by MySQL's number, never by text (reason in the ErrorInfo, number in metadata
// `mysql_error`):
//   ABORTED      TRANSACTION_CONFLICT   1020 1205 1213: rerun the whole transaction
//   UNAVAILABLE  DATABASE_UNAVAILABLE   2002 2003 2006 2013 2030 4031 1290 1836 1040 1053: the session is
//   broken ALREADY_EXISTS DUPLICATE_KEY        1062, metadata `constraint` = name of the unique key
//   FAILED_PRECONDITION CONSTRAINT_VIOLATED  3819 4025 1451 1452
//   DEADLINE_EXCEEDED STATEMENT_TIMEOUT 1969 3024
//   INTERNAL     DATABASE_ERROR         the rest; the message bears no data
class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  virtual ~Connection() = default;

  // Runs a SELECT and reads every row. `sql` must be one statement with `?` for each parameter; it is the key
  // of the statement cache, so build it from constants.
  virtual absl::Status Query(absl::string_view sql, std::span<const Value> parameters, RowReader reader) = 0;
  // Runs any other statement; returns the number of rows it affected (matched rows, also when unchanged, do
  // NOT count twice: MySQL's default "changed rows").
  virtual absl::StatusOr<int64_t> Execute(absl::string_view sql, std::span<const Value> parameters) = 0;
  // Runs one statement as text, unprepared: for DDL, SET, START TRANSACTION, COMMIT, ROLLBACK.
  virtual absl::Status ExecuteText(absl::string_view sql) = 0;
  // True when a call failed in a way that the session cannot be used again.
  virtual bool broken() const = 0;
};

// Refuses (FAILED_PRECONDITION, UNSAFE_DATABASE_SETTING, all faults in one message) a server that could lose
// an acknowledged commit or store a mangled value: innodb_flush_log_at_trx_commit must be 1, sync_binlog 1
// where a binary log is on, sql_mode strict.
absl::Status CheckDurabilitySettings(Connection& connection);

}  // namespace oversight::mysql
