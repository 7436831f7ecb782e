#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/migrate/migrate.h"
#include "common/mysql/connection.h"

namespace oversight::migrate {

// A row of `schema_migration`.
struct Record {
  int version = 0;
  std::string name;
  std::string checksum;
  // Fingerprint of the schema before a change of tables began.
  std::string schema_before;
  // Absent while the migration runs, or when its run was cut off.
  std::optional<absl::Time> applied_at;
  absl::Duration duration = absl::ZeroDuration();
};

absl::Status CreateRecordTable(mysql::Connection& connection);
// By version; empty when the table does not exist.
absl::StatusOr<std::map<int, Record>> ReadRecords(mysql::Connection& connection);
absl::Status RecordStarted(mysql::Connection& connection, const Migration& migration,
                           const std::string& schema_before);
absl::Status RecordApplied(mysql::Connection& connection, const Migration& migration,
                           absl::Duration duration);
absl::Status RemoveRecord(mysql::Connection& connection, int version);

// SHA-256 over the definitions of all tables and views of the connection's schema but `schema_migration`.
// Does not depend on rows.
absl::StatusOr<std::string> SchemaFingerprint(mysql::Connection& connection);

}  // namespace oversight::migrate
