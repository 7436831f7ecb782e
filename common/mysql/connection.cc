#include "common/mysql/connection.h"

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/mysql/errors.h"
#include "common/mysql/statement_cache.h"
#include "common/mysql/text_format.h"
#include "common/status/error.h"

namespace oversight::mysql {
namespace {

constexpr size_t kStatementsPerConnection = 256;
// A statement that the server would have to prepare anew (1243, 1615).
constexpr int kUnknownStatement = 1243;
constexpr int kStatementNeedsReprepare = 1615;

sql::Driver& Driver() {
  static sql::Driver& driver = *get_driver_instance();
  return driver;
}

// The client library keeps state for each thread that uses it.
void PrepareThisThread() {
  struct Registration {
    Registration() { Driver().threadInit(); }
    ~Registration() { Driver().threadEnd(); }
  };
  thread_local Registration registration;
}

// A value that the asked type cannot hold: a mistake in the code or a table, never silently converted.
struct ColumnFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void Fault(int column, absl::string_view what) {
  throw ColumnFault(absl::StrCat("column ", column, " ", what));
}

class ResultRow final : public Row {
 public:
  explicit ResultRow(sql::ResultSet& result) : result_(result), metadata_(*result.getMetaData()) {}

  bool IsNull(int column) const override { return result_.isNull(Position(column)); }

  int64_t Int64(int column) const override {
    const uint32_t position = Position(column);
    CheckNumeric(column);
    const int64_t value = result_.getInt64(position);
    if (value < 0 && !metadata_.isSigned(position)) Fault(column, "is too large for Int64");
    return value;
  }

  uint64_t Uint64(int column) const override {
    const uint32_t position = Position(column);
    CheckNumeric(column);
    const uint64_t value = result_.getUInt64(position);
    if (static_cast<int64_t>(value) < 0 && metadata_.isSigned(position) && result_.getInt64(position) < 0) {
      Fault(column, "is negative");
    }
    return value;
  }

  std::string Bytes(int column) const override {
    sql::SQLString text = result_.getString(Position(column));
    return std::move(*text.operator->());
  }

  CivilDay Day(int column) const override {
    const std::optional<CivilDay> day = ParseDate(Text(column).asStdString());
    if (!day.has_value()) Fault(column, "is not a day");
    return *day;
  }

  absl::Time Time(int column) const override {
    const std::optional<absl::Time> time = ParseDateTime(Text(column).asStdString());
    if (!time.has_value()) Fault(column, "is not an instant");
    return *time;
  }

 private:
  uint32_t Position(int column) const { return static_cast<uint32_t>(column) + 1; }

  sql::SQLString Text(int column) const { return result_.getString(Position(column)); }

  void CheckNumeric(int column) const {
    switch (metadata_.getColumnType(Position(column))) {
      case sql::DataType::BIT:
      case sql::DataType::TINYINT:
      case sql::DataType::SMALLINT:
      case sql::DataType::MEDIUMINT:
      case sql::DataType::INTEGER:
      case sql::DataType::BIGINT:
      case sql::DataType::DECIMAL:
      case sql::DataType::NUMERIC:
      case sql::DataType::SQLNULL:
      case sql::DataType::YEAR:
        return;
      default:
        Fault(column, "is not a whole number");
    }
  }

  sql::ResultSet& result_;
  sql::ResultSetMetaData& metadata_;
};

void Bind(sql::PreparedStatement& statement, std::span<const Value> parameters) {
  uint32_t position = 0;
  for (const Value& parameter : parameters) {
    ++position;
    std::visit(
        [&](const auto& value) {
          using T = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<T, Null>) {
            statement.setNull(position, 0);
          } else if constexpr (std::is_same_v<T, int64_t>) {
            statement.setInt64(position, value);
          } else if constexpr (std::is_same_v<T, uint64_t>) {
            // setUInt64 marks the parameter as unsigned for ever, and a later negative value would be
            // misread.
            if (value <= uint64_t{INT64_MAX}) {
              statement.setInt64(position, static_cast<int64_t>(value));
            } else {
              statement.setString(position, std::to_string(value));
            }
          } else if constexpr (std::is_same_v<T, std::string>) {
            statement.setString(position, value);
          } else if constexpr (std::is_same_v<T, CivilDay>) {
            statement.setString(position, value.ToString());
          } else {
            statement.setString(position, FormatDateTime(value));
          }
        },
        parameter.variant());
  }
}

class BusyMark {
 public:
  explicit BusyMark(bool& flag) : flag_(flag) { flag_ = true; }
  ~BusyMark() { flag_ = false; }

 private:
  bool& flag_;
};

class ConnectorConnection final : public Connection {
 public:
  explicit ConnectorConnection(std::unique_ptr<sql::Connection> connection)
      : connection_(std::move(connection)),
        text_statement_(connection_->createStatement()),
        statements_(*connection_, kStatementsPerConnection) {}

  absl::Status Query(absl::string_view sql, std::span<const Value> parameters, RowReader reader) override {
    return WithStatement(sql, parameters, [&](PreparedStatement& statement) -> absl::Status {
      const std::unique_ptr<sql::ResultSet> result(statement.handle->executeQuery());
      const BusyMark busy(statement.busy);
      const ResultRow row(*result);
      while (result->next()) OVERSIGHT_RETURN_IF_ERROR(reader(row));
      return absl::OkStatus();
    });
  }

  absl::StatusOr<int64_t> Execute(absl::string_view sql, std::span<const Value> parameters) override {
    int64_t rows = 0;
    OVERSIGHT_RETURN_IF_ERROR(
        WithStatement(sql, parameters, [&](PreparedStatement& statement) -> absl::Status {
          rows = statement.handle->executeUpdate();
          return absl::OkStatus();
        }));
    return rows;
  }

  absl::Status ExecuteText(absl::string_view sql) override {
    return Guarded([&]() -> absl::Status {
      if (text_statement_->execute(std::string(sql))) {
        // A result left unread would put the conversation out of step.
        const std::unique_ptr<sql::ResultSet> unread(text_statement_->getResultSet());
      }
      return absl::OkStatus();
    });
  }

  bool broken() const override { return broken_; }

 private:
  template <typename Body>
  absl::Status WithStatement(absl::string_view sql, std::span<const Value> parameters, Body body) {
    for (bool again = false;; again = true) {
      const absl::Status status = Guarded([&]() -> absl::Status {
        PreparedStatement& statement = statements_.Get(sql);
        if (statement.busy) return Misuse("a statement was run again while its own result was being read");
        Bind(*statement.handle, parameters);
        return body(statement);
      });
      if (status.ok() || again) return status;
      const int number = ErrorNumberOf(status);
      if (number != kUnknownStatement && number != kStatementNeedsReprepare) return status;
      statements_.Forget(sql);
    }
  }

  // Runs the body; the connector's exceptions end here.
  template <typename Body>
  absl::Status Guarded(Body body) {
    PrepareThisThread();
    try {
      return body();
    } catch (const sql::SQLException& e) {
      return Failed(e);
    } catch (const std::exception& e) {
      return Misuse(e.what());
    }
  }

  absl::Status Failed(const sql::SQLException& e) {
    if (e.getErrorCode() == 0) {
      // The connector's own complaint: a wrong parameter count, or a connection it has given up.
      if (!IsAlive()) return StatusOfError(2006, "HY000", "");
      return Misuse(e.what());
    }
    if (BreaksSession(e.getErrorCode())) broken_ = true;
    return StatusOfError(e.getErrorCode(), e.getSQLStateCStr(), e.what());
  }

  bool IsAlive() {
    try {
      if (connection_->isValid()) return true;
    } catch (const std::exception&) {
    }
    broken_ = true;
    return false;
  }

  static absl::Status Misuse(absl::string_view what) {
    return Error(absl::StatusCode::kInternal, "DATABASE_ERROR", absl::StrCat("database call failed: ", what));
  }

  std::unique_ptr<sql::Connection> connection_;
  std::unique_ptr<sql::Statement> text_statement_;
  StatementCache statements_;
  bool broken_ = false;
};

int WholeSeconds(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))), 1,
                                              int64_t{24} * 3600));
}

sql::ConnectOptionsMap ConnectOptions(const ConnectionOptions& options) {
  sql::ConnectOptionsMap map;
  map["hostName"] =
      sql::SQLString(options.socket.empty() ? absl::StrCat("tcp://", options.host, ":", options.port)
                                            : absl::StrCat("unix://", options.socket));
  map["userName"] = sql::SQLString(options.user);
  map["password"] = sql::SQLString(options.password);
  if (!options.schema.empty()) map["schema"] = sql::SQLString(options.schema);
  map["OPT_CONNECT_TIMEOUT"] = WholeSeconds(options.connect_timeout);
  map["OPT_READ_TIMEOUT"] = WholeSeconds(options.read_timeout);
  map["OPT_WRITE_TIMEOUT"] = WholeSeconds(options.read_timeout);
  map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  if (!options.ca_file.empty()) {
    map["sslCA"] = sql::SQLString(options.ca_file);
    map["sslVerify"] = true;
  }
  return map;
}

// Everything in this project relies on these; the connector sets its own isolation and collation at every
// connect, so they come after it. Waits for locks end well before the client stops listening.
void SetUpSession(sql::Connection& connection, const ConnectionOptions& options) {
  const std::unique_ptr<sql::Statement> statement(connection.createStatement());
  const std::unique_ptr<sql::ResultSet> version(statement->executeQuery("SELECT VERSION()"));
  version->next();
  const bool mariadb = version->getString(1).asStdString().find("MariaDB") != std::string::npos;

  const absl::Duration limit = 0.9 * absl::Seconds(WholeSeconds(options.read_timeout));
  const int lock_wait = WholeSeconds(std::min(absl::Seconds(10), limit / 3));
  statement->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  statement->execute("SET NAMES utf8mb4 COLLATE utf8mb4_bin");
  statement->execute(absl::StrCat(
      "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', innodb_lock_wait_timeout = ",
      lock_wait, ", lock_wait_timeout = ", lock_wait, ", ",
      mariadb ? absl::StrCat("max_statement_time = ", absl::ToDoubleSeconds(limit))
              : absl::StrCat("max_execution_time = ", absl::ToInt64Milliseconds(limit))));
}

// With a certificate authority given, an unencrypted session must not slip through unnoticed.
bool IsEncrypted(sql::Connection& connection) {
  const std::unique_ptr<sql::Statement> statement(connection.createStatement());
  const std::unique_ptr<sql::ResultSet> result(
      statement->executeQuery("SHOW SESSION STATUS LIKE 'Ssl_cipher'"));
  return result->next() && result->getString(2).length() > 0;
}

absl::Status CannotConnect(int number, absl::string_view why) {
  return Error(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
               absl::StrCat("cannot connect to the database: ", why))
      .With("mysql_error", absl::StrCat(number));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  PrepareThisThread();
  try {
    sql::ConnectOptionsMap map = ConnectOptions(options);
    std::unique_ptr<sql::Connection> connection(Driver().connect(map));
    if (!options.ca_file.empty() && !IsEncrypted(*connection)) {
      return CannotConnect(2026, "a CA file is set, but the session is not encrypted");
    }
    SetUpSession(*connection, options);
    return std::make_unique<ConnectorConnection>(std::move(connection));
  } catch (const sql::SQLException& e) {
    return CannotConnect(e.getErrorCode(), absl::StrCat("error ", e.getErrorCode(), ", ", e.what()));
  } catch (const std::exception& e) {
    return CannotConnect(0, e.what());
  }
}

absl::Status CheckDurabilitySettings(Connection& connection) {
  std::vector<std::string> faults;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(
      "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit, @@GLOBAL.log_bin, @@GLOBAL.sync_binlog, "
      "@@SESSION.sql_mode",
      {}, [&](const Row& row) {
        if (row.Int64(0) != 1) {
          faults.push_back(absl::StrCat("innodb_flush_log_at_trx_commit is ", row.Int64(0), ", must be 1"));
        }
        if (row.Int64(1) != 0 && row.Int64(2) != 1) {
          faults.push_back(absl::StrCat("sync_binlog is ", row.Int64(2), " with a binary log on, must be 1"));
        }
        const std::string mode = row.Bytes(3);
        if (mode.find("STRICT_ALL_TABLES") == std::string::npos &&
            mode.find("STRICT_TRANS_TABLES") == std::string::npos) {
          faults.push_back("sql_mode is not strict, must contain STRICT_ALL_TABLES or STRICT_TRANS_TABLES");
        }
        return absl::OkStatus();
      }));
  if (faults.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "UNSAFE_DATABASE_SETTING",
               absl::StrCat("the database could lose or change data that was acknowledged: ",
                            absl::StrJoin(faults, "; ")));
}

}  // namespace oversight::mysql
