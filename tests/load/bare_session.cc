#include "tests/load/bare_session.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <array>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/macros.h"

namespace oversight::load {
namespace {

using workforce::v1::Absence;
using workforce::v1::Worker;

constexpr char kReadWorker[] =
    "SELECT version, deleted, create_time, update_time, state FROM worker "
    "WHERE authority = ? AND parent = ? AND id = ?";
constexpr char kReadAuthority[] =
    "SELECT authority, parent, id, version, deleted, create_time, update_time, state FROM authority "
    "WHERE authority = ? AND parent = ? AND id IN (?)";
constexpr char kLockWorker[] =
    "SELECT authority, parent, id, version, deleted, create_time, update_time, state FROM worker "
    "WHERE authority = ? AND parent = ? AND id IN (?) ORDER BY id FOR UPDATE";
constexpr char kLockAbsence[] =
    "SELECT authority, parent, id, version, deleted, create_time, update_time, state, first_date, last_date "
    "FROM absence WHERE authority = ? AND parent = ? AND id IN (?) ORDER BY id FOR UPDATE";
constexpr char kReplaceWorker[] =
    "INSERT INTO worker (authority, parent, id, version, deleted, create_time, update_time, state) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE version = VALUES(version), "
    "deleted = VALUES(deleted), update_time = VALUES(update_time), state = VALUES(state)";
constexpr char kInsertAbsence[] =
    "INSERT INTO absence (authority, parent, id, version, deleted, create_time, update_time, state, "
    "first_date, last_date) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kLockHead[] =
    "SELECT authority, incarnation, revision, hash, time FROM ledger_head WHERE authority = ? FOR UPDATE";
constexpr char kInsertEntry[] =
    "INSERT INTO ledger_entry (authority, revision, incarnation, time, actor, method, change_kind, "
    "resource_version, resource_name, resource_type, payload, salt, commitment, depends_on, "
    "erased_revisions, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kUpdateHead[] = "UPDATE ledger_head SET revision = ?, hash = ?, time = ? WHERE authority = ?";

std::string SqlTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E6S", time, absl::UTCTimeZone());
}

std::string FormatDate(const google::type::Date& date) {
  return absl::StrCat(date.year(), "-", date.month(), "-", date.day());
}

void SetTime(const std::string& text, google::protobuf::Timestamp& out) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, absl::UTCTimeZone(), &time, &error)) return;
  const int64_t micros = absl::ToUnixMicros(time);
  out.set_seconds(micros / 1000000);
  out.set_nanos(static_cast<int32_t>(micros % 1000000) * 1000);
}

// `authorities/{authority}/workers/{worker}` taken apart.
struct WorkerKey {
  std::string authority;
  std::string id;
};
WorkerKey KeyOf(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  return parts.size() == 4 ? WorkerKey{parts[1], parts[3]} : WorkerKey{};
}

class ConnectorSession final : public BareSession {
 public:
  explicit ConnectorSession(std::unique_ptr<sql::Connection> connection)
      : connection_(std::move(connection)), text_(connection_->createStatement()) {
    text_->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    text_->execute("SET NAMES utf8mb4 COLLATE utf8mb4_bin");
    text_->execute("SET SESSION time_zone = '+00:00', max_statement_time = 27");
  }

  absl::Status ReadWorker(const std::string& name, Worker& reply) override {
    return Guarded([&] {
      const WorkerKey key = KeyOf(name);
      sql::PreparedStatement& select = Prepared(read_worker_, kReadWorker);
      SetKey(select, key.authority, "", key.id);
      const std::unique_ptr<sql::ResultSet> row(select.executeQuery());
      if (!row->next()) return absl::NotFoundError("no such worker");
      reply.ParseFromString(row->getString(5).asStdString());
      Render(row->getUInt64(1), row->getString(3).asStdString(), row->getString(4).asStdString(), reply);
      return absl::OkStatus();
    });
  }

  absl::Status UpdateWorker(const Worker& change, Worker& reply) override {
    return InTransaction([&] {
      const WorkerKey key = KeyOf(change.name());
      OVERSIGHT_RETURN_IF_ERROR(
          RequireRow(Prepared(read_authority_, kReadAuthority), key.authority, "", key.authority));
      std::string create_time;
      uint64_t version = 0;
      {
        sql::PreparedStatement& select = Prepared(lock_worker_, kLockWorker);
        SetKey(select, key.authority, "", key.id);
        const std::unique_ptr<sql::ResultSet> row(select.executeQuery());
        if (!row->next()) return absl::NotFoundError("no such worker");
        version = row->getUInt64(4) + 1;
        create_time = row->getString(6).asStdString();
        reply.ParseFromString(row->getString(8).asStdString());
      }
      *reply.mutable_employment_start_date() = change.employment_start_date();
      const std::string now = SqlTime(absl::Now());
      const std::string state = reply.SerializeAsString();
      sql::PreparedStatement& replace = Prepared(replace_worker_, kReplaceWorker);
      SetRow(replace, key.authority, "", key.id, version, create_time, now, state);
      replace.executeUpdate();
      OVERSIGHT_RETURN_IF_ERROR(Append(key.authority, "/oversight.workforce.v1.WorkforceService/UpdateWorker",
                                       2, version, reply.name(), "oversight.workforce.v1.Worker", state,
                                       now));
      Render(version, create_time, now, reply);
      return absl::OkStatus();
    });
  }

  absl::Status CreateAbsence(const std::string& parent, const std::string& id, const Absence& absence,
                             Absence& reply) override {
    return InTransaction([&] {
      const WorkerKey key = KeyOf(parent);
      const std::string path = absl::StrCat("workers/", key.id);
      OVERSIGHT_RETURN_IF_ERROR(RequireRow(Prepared(lock_worker_, kLockWorker), key.authority, "", key.id));
      if (RequireRow(Prepared(lock_absence_, kLockAbsence), key.authority, path, id).ok()) {
        return absl::AlreadyExistsError("the absence exists");
      }
      reply = absence;
      reply.set_name(absl::StrCat(parent, "/absences/", id));
      const std::string now = SqlTime(absl::Now());
      const std::string state = reply.SerializeAsString();
      sql::PreparedStatement& insert = Prepared(insert_absence_, kInsertAbsence);
      SetRow(insert, key.authority, path, id, 1, now, now, state);
      insert.setString(9, FormatDate(reply.first_date()));
      insert.setString(10, FormatDate(reply.last_date()));
      insert.executeUpdate();
      OVERSIGHT_RETURN_IF_ERROR(Append(key.authority,
                                       "/oversight.workforce.v1.WorkforceService/CreateAbsence", 1, 1,
                                       reply.name(), "oversight.workforce.v1.Absence", state, now));
      Render(1, now, now, reply);
      return absl::OkStatus();
    });
  }

 private:
  using Statement = std::unique_ptr<sql::PreparedStatement>;

  sql::PreparedStatement& Prepared(Statement& statement, const char* sql) {
    if (statement == nullptr) statement.reset(connection_->prepareStatement(sql));
    return *statement;
  }

  static void SetKey(sql::PreparedStatement& statement, const std::string& authority,
                     const std::string& parent, const std::string& id) {
    statement.setString(1, authority);
    statement.setString(2, parent);
    statement.setString(3, id);
  }

  static void SetRow(sql::PreparedStatement& statement, const std::string& authority,
                     const std::string& parent, const std::string& id, uint64_t version,
                     const std::string& create_time, const std::string& update_time,
                     const std::string& state) {
    SetKey(statement, authority, parent, id);
    statement.setInt64(4, static_cast<int64_t>(version));
    statement.setInt64(5, 0);
    statement.setString(6, create_time);
    statement.setString(7, update_time);
    statement.setString(8, state);
  }

  template <typename Resource>
  static void Render(uint64_t version, const std::string& create_time, const std::string& update_time,
                     Resource& reply) {
    SetTime(create_time, *reply.mutable_create_time());
    SetTime(update_time, *reply.mutable_update_time());
    reply.set_etag(absl::StrCat("v", version));
  }

  static absl::Status RequireRow(sql::PreparedStatement& select, const std::string& authority,
                                 const std::string& parent, const std::string& id) {
    SetKey(select, authority, parent, id);
    const std::unique_ptr<sql::ResultSet> row(select.executeQuery());
    return row->next() ? absl::OkStatus() : absl::NotFoundError("no such row");
  }

  absl::Status Append(const std::string& authority, const char* method, int change, uint64_t version,
                      const std::string& name, const char* type, const std::string& payload,
                      const std::string& now) {
    std::string incarnation;
    uint64_t revision = 0;
    {
      sql::PreparedStatement& lock = Prepared(lock_head_, kLockHead);
      lock.setString(1, authority);
      const std::unique_ptr<sql::ResultSet> head(lock.executeQuery());
      if (!head->next()) return absl::NotFoundError("the ledger has no head");
      incarnation = head->getString(2).asStdString();
      revision = head->getUInt64(3) + 1;
    }
    static const std::string hash(32, 'h');
    sql::PreparedStatement& insert = Prepared(insert_entry_, kInsertEntry);
    insert.setString(1, authority);
    insert.setInt64(2, static_cast<int64_t>(revision));
    insert.setString(3, incarnation);
    insert.setString(4, now);
    insert.setString(5, "demo:load");
    insert.setString(6, method);
    insert.setInt64(7, change);
    insert.setInt64(8, static_cast<int64_t>(version));
    insert.setString(9, name);
    insert.setString(10, type);
    insert.setString(11, payload);
    insert.setString(12, "0123456789abcdef");
    insert.setString(13, hash);
    insert.setString(14, "");
    insert.setString(15, "");
    insert.setString(16, hash);
    insert.executeUpdate();
    sql::PreparedStatement& update = Prepared(update_head_, kUpdateHead);
    update.setInt64(1, static_cast<int64_t>(revision));
    update.setString(2, hash);
    update.setString(3, now);
    update.setString(4, authority);
    update.executeUpdate();
    return absl::OkStatus();
  }

  template <typename Body>
  absl::Status InTransaction(Body body) {
    return Guarded([&] {
      text_->execute("START TRANSACTION");
      const absl::Status status = body();
      text_->execute(status.ok() ? "COMMIT" : "ROLLBACK");
      return status;
    });
  }

  template <typename Body>
  static absl::Status Guarded(Body body) {
    try {
      return body();
    } catch (const sql::SQLException& e) {
      return absl::InternalError(absl::StrCat("database error ", e.getErrorCode(), ": ", e.what()));
    }
  }

  const std::unique_ptr<sql::Connection> connection_;
  const std::unique_ptr<sql::Statement> text_;
  Statement read_worker_, read_authority_, lock_worker_, lock_absence_, replace_worker_, insert_absence_,
      lock_head_, insert_entry_, update_head_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BareSession>> BareSession::Open(const mysql::ConnectionOptions& options) {
  try {
    sql::ConnectOptionsMap map;
    map["hostName"] = sql::SQLString(absl::StrCat("tcp://", options.host, ":", options.port));
    map["userName"] = sql::SQLString(options.user);
    map["password"] = sql::SQLString(options.password);
    map["schema"] = sql::SQLString(options.schema);
    map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    std::unique_ptr<sql::Connection> connection(get_driver_instance()->connect(map));
    return std::make_unique<ConnectorSession>(std::move(connection));
  } catch (const sql::SQLException& e) {
    return absl::UnavailableError(absl::StrCat("cannot connect: ", e.what()));
  }
}

}  // namespace oversight::load
