#include "common/migrate/record.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/migrate/sha256.h"
#include "common/mysql/errors.h"
#include "common/status/error.h"

namespace oversight::migrate {
namespace {

using mysql::Connection;
using mysql::Row;
using mysql::Value;

constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    "version INT NOT NULL, "
    "name VARCHAR(100) NOT NULL, "
    "checksum CHAR(64) NOT NULL, "
    "schema_before CHAR(64) NOT NULL, "
    "started_at DATETIME(6) NOT NULL, "
    "applied_at DATETIME(6) NULL, "
    "duration_ms BIGINT NULL, "
    "PRIMARY KEY (version)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

constexpr char kReadRecords[] =
    "SELECT version, name, checksum, schema_before, applied_at, duration_ms FROM schema_migration";

constexpr char kStart[] =
    "REPLACE INTO schema_migration (version, name, checksum, schema_before, started_at) "
    "VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))";

constexpr char kApply[] =
    "UPDATE schema_migration SET applied_at = UTC_TIMESTAMP(6), duration_ms = ? WHERE version = ?";

constexpr char kRemove[] = "DELETE FROM schema_migration WHERE version = ? AND applied_at IS NULL";

constexpr char kTables[] =
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name <> 'schema_migration' ORDER BY CAST(table_name AS "
    "BINARY)";

// Removes ` AUTO_INCREMENT=123`, which grows with the rows.
std::string WithoutCounter(std::string definition) {
  constexpr absl::string_view kCounter = " AUTO_INCREMENT=";
  const size_t begin = definition.find(kCounter.data());
  if (begin == std::string::npos) return definition;
  size_t end = begin + kCounter.size();
  while (end < definition.size() && absl::ascii_isdigit(definition[end])) ++end;
  return definition.erase(begin, end - begin);
}

}  // namespace

absl::Status CreateRecordTable(Connection& connection) { return connection.ExecuteText(kCreateTable); }

absl::StatusOr<std::map<int, Record>> ReadRecords(Connection& connection) {
  std::map<int, Record> records;
  const absl::Status status = connection.Query(kReadRecords, {}, [&](const Row& row) {
    Record record;
    record.version = static_cast<int>(row.Int64(0));
    record.name = row.Bytes(1);
    record.checksum = row.Bytes(2);
    record.schema_before = row.Bytes(3);
    if (!row.IsNull(4)) record.applied_at = row.Time(4);
    record.duration = absl::Milliseconds(row.Int64(5));
    records.emplace(record.version, std::move(record));
    return absl::OkStatus();
  });
  if (mysql::ErrorNumberOf(status) == mysql::kErrorNoSuchTable) return std::map<int, Record>{};
  OVERSIGHT_RETURN_IF_ERROR(status);
  return records;
}

absl::Status RecordStarted(Connection& connection, const Migration& migration,
                           const std::string& schema_before) {
  return connection
      .Execute(kStart, {{Value(migration.version), Value(migration.name), Value(migration.checksum),
                         Value(schema_before)}})
      .status();
}

absl::Status RecordApplied(Connection& connection, const Migration& migration, absl::Duration duration) {
  return connection.Execute(kApply, {{Value(absl::ToInt64Milliseconds(duration)), Value(migration.version)}})
      .status();
}

absl::Status RemoveRecord(Connection& connection, int version) {
  return connection.Execute(kRemove, {{Value(version)}}).status();
}

absl::StatusOr<std::string> SchemaFingerprint(Connection& connection) {
  std::vector<std::string> tables;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kTables, {}, [&](const Row& row) {
    tables.push_back(row.Bytes(0));
    return absl::OkStatus();
  }));
  std::string all;
  for (const std::string& table : tables) {
    const std::string show =
        absl::StrCat("SHOW CREATE TABLE `", absl::StrReplaceAll(table, {{"`", "``"}}), "`");
    OVERSIGHT_RETURN_IF_ERROR(connection.Query(show, {}, [&](const Row& row) {
      absl::StrAppend(&all, WithoutCounter(row.Bytes(1)), "\n");
      return absl::OkStatus();
    }));
  }
  return Sha256Hex(all);
}

}  // namespace oversight::migrate
