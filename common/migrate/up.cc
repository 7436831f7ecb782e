#include <map>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/migrate/migrate.h"
#include "common/migrate/record.h"
#include "common/migrate/sha256.h"
#include "common/mysql/errors.h"
#include "common/status/error.h"

namespace oversight::migrate {
namespace {

using mysql::Connection;
using mysql::Row;
using mysql::Value;

// MySQL allows 64 characters; locks belong to the server, so they bear the schema's name.
absl::StatusOr<std::string> LockName(Connection& connection) {
  std::string schema;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query("SELECT DATABASE()", {}, [&](const Row& row) {
    schema = row.Bytes(0);
    return absl::OkStatus();
  }));
  if (schema.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "MIGRATION_FAILED",
                 "the connection has no schema selected; set the schema to migrate");
  }
  const std::string name = absl::StrCat("migrate.", schema);
  return name.size() <= 64 ? name : absl::StrCat("migrate.", Sha256Hex(schema).substr(0, 56));
}

absl::Status TakeLock(Connection& connection, const std::string& name, const UpOptions& options) {
  const absl::Time deadline = absl::Now() + options.lock_wait;
  for (bool told = false;;) {
    int64_t taken = 0;
    const int64_t seconds = absl::Now() + absl::Seconds(1) <= deadline ? 1 : 0;
    OVERSIGHT_RETURN_IF_ERROR(
        connection.Query("SELECT GET_LOCK(?, ?)", {{Value(name), Value(seconds)}}, [&](const Row& row) {
          taken = row.IsNull(0) ? 0 : row.Int64(0);
          return absl::OkStatus();
        }));
    if (taken == 1) return absl::OkStatus();
    if (absl::Now() >= deadline || seconds == 0) {
      return Error(absl::StatusCode::kAborted, "MIGRATION_RUNNING",
                   "another process is migrating this schema; try again when it has ended");
    }
    if (!std::exchange(told, true)) options.on_progress("another process is migrating this schema, waiting");
  }
}

// Everything that stands against applying these migrations to this schema.
absl::Status CheckHistory(const std::vector<Migration>& migrations, const std::map<int, Record>& records) {
  std::vector<std::string> faults;
  const int newest = records.empty() ? 0 : records.rbegin()->first;
  for (const Migration& migration : migrations) {
    const auto record = records.find(migration.version);
    if (record == records.end()) {
      if (migration.version < newest) {
        faults.push_back(absl::StrFormat("%s was never applied, but %04d was", migration.file, newest));
      }
      continue;
    }
    if (record->second.applied_at.has_value() && record->second.checksum != migration.checksum) {
      faults.push_back(absl::StrCat(migration.file, " was applied with other content (checksum ",
                                    record->second.checksum.substr(0, 12), ", now ",
                                    migration.checksum.substr(0, 12),
                                    "); restore the file and put the change into a new migration"));
    }
  }
  if (faults.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "MIGRATION_CHANGED",
               absl::StrCat("these migrations are not the ones this schema was built with:\n  ",
                            absl::StrJoin(faults, "\n  ")));
}

absl::Status Failed(const Migration& migration, const absl::Status& cause) {
  return Error(cause.code(), "MIGRATION_FAILED", absl::StrCat(migration.file, ": ", cause.message()))
      .With("file", migration.file)
      .With("mysql_error", absl::StrCat(mysql::ErrorNumberOf(cause)));
}

// Rows and record in one transaction.
absl::Status ChangeRows(Connection& connection, const Migration& migration, absl::Time begin) {
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("START TRANSACTION"));
  absl::Status status = connection.ExecuteText(migration.sql);
  if (status.ok()) status = RecordApplied(connection, migration, absl::Now() - begin);
  if (status.ok()) return connection.ExecuteText("COMMIT");
  if (!connection.broken()) connection.ExecuteText("ROLLBACK").IgnoreError();
  return status;
}

absl::Status ChangeTables(Connection& connection, const Migration& migration, absl::Time begin) {
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText(migration.sql));
  return RecordApplied(connection, migration, absl::Now() - begin);
}

absl::Status Apply(Connection& connection, const Migration& migration, const std::string& schema_before) {
  OVERSIGHT_RETURN_IF_ERROR(RecordStarted(connection, migration, schema_before));
  const absl::Time begin = absl::Now();
  const absl::Status status = migration.changes_rows ? ChangeRows(connection, migration, begin)
                                                     : ChangeTables(connection, migration, begin);
  // A statement that the server refused has changed nothing. After a broken connection nobody knows yet.
  if (!status.ok() && !connection.broken()) RemoveRecord(connection, migration.version).IgnoreError();
  return status;
}

// Carries on with a migration whose run was cut off. True when it has turned out to be applied.
absl::StatusOr<bool> Recover(Connection& connection, const Migration& migration, const Record& record,
                             const std::string& schema_now) {
  if (migration.changes_rows || schema_now == record.schema_before) return false;
  if (record.checksum != migration.checksum) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "MIGRATION_CHANGED",
        "was cut off after it had changed the schema, and the file has changed since; restore the file");
  }
  OVERSIGHT_RETURN_IF_ERROR(RecordApplied(connection, migration, absl::ZeroDuration()));
  return true;
}

absl::Status ApplyOrRecover(Connection& connection, const Migration& migration, const Record* interrupted,
                            const UpOptions& options) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string schema_now, SchemaFingerprint(connection));
  if (interrupted != nullptr) {
    OVERSIGHT_ASSIGN_OR_RETURN(const bool was_applied,
                               Recover(connection, migration, *interrupted, schema_now));
    if (was_applied) {
      options.on_progress(
          absl::StrCat(migration.file, " had taken effect before its run was cut off; recorded"));
      return absl::OkStatus();
    }
    options.on_progress(absl::StrCat(migration.file, " was cut off before it took effect; running it again"));
  }
  const absl::Time begin = absl::Now();
  OVERSIGHT_RETURN_IF_ERROR(Apply(connection, migration, schema_now));
  options.on_progress(
      absl::StrCat(migration.file, " applied in ", absl::ToInt64Milliseconds(absl::Now() - begin), " ms"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> Up(Connection& connection, const std::vector<Migration>& migrations,
                       const UpOptions& options) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string lock, LockName(connection));
  OVERSIGHT_RETURN_IF_ERROR(TakeLock(connection, lock, options));
  const auto release = absl::MakeCleanup([&] {
    if (!connection.broken()) connection.Execute("DO RELEASE_LOCK(?)", {{Value(lock)}}).IgnoreError();
  });
  OVERSIGHT_RETURN_IF_ERROR(CreateRecordTable(connection));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto records, ReadRecords(connection));
  OVERSIGHT_RETURN_IF_ERROR(CheckHistory(migrations, records));
  int applied = 0;
  for (const Migration& migration : migrations) {
    const auto record = records.find(migration.version);
    const bool known = record != records.end();
    if (known && record->second.applied_at.has_value()) continue;
    const absl::Status status =
        ApplyOrRecover(connection, migration, known ? &record->second : nullptr, options);
    if (!status.ok()) return Failed(migration, status);
    ++applied;
  }
  return applied;
}

mysql::ConnectionOptions ForMigrating(mysql::ConnectionOptions options) {
  options.read_timeout = absl::Hours(24);
  return options;
}

}  // namespace oversight::migrate
