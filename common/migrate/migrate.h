#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"

namespace oversight::migrate {

// One numbered change of a schema, read from `NNNN_name.sql`.
struct Migration {
  int version = 0;
  std::string name;
  // File name without folder.
  std::string file;
  // One statement; see statement_text.h.
  std::string sql;
  // True for INSERT, UPDATE, DELETE, REPLACE.
  bool changes_rows = false;
  // SHA-256 of the file's bytes, 64 hex digits.
  std::string checksum;
};

// Reads all migrations of a folder, in order of their version. Versions begin at 1 and have no gaps. Hidden
// files are passed over; anything else that is no migration is a fault.
// Errors: INVALID_ARGUMENT INVALID_MIGRATIONS, naming all faults of all files at once.
absl::StatusOr<std::vector<Migration>> LoadMigrations(const std::string& directory);

struct UpOptions {
  // How long to wait while another process migrates the same schema.
  absl::Duration lock_wait = absl::Seconds(60);
  // Told of each step in one line of text.
  std::function<void(absl::string_view)> on_progress = [](absl::string_view) {};
};

// Applies all pending migrations in order and returns how many. Stops at the first failure. The connection
// must be the migrating user's (not the server's) with a read timeout longer than the longest statement
// takes; see ForMigrating.
//
// Each migration is recorded in `schema_migration` as started before it runs and as applied afterwards, so
// that a run that was cut off is carried on by the next one without anybody's help:
//   - a change of rows is committed together with its record, so a started one has not happened: it runs
//   again;
//   - a change of tables takes effect as a whole or not at all, and the record holds a fingerprint of the
//   schema
//     from before: if the schema is still the same, it runs again, else it did happen and is recorded.
//
// A schema that is ahead of these migrations is left as it is (an older release run during a roll-back).
//
// Errors: FAILED_PRECONDITION MIGRATION_CHANGED (an applied file differs from what was applied, or a
// migration below an applied one is missing; all faults at once), ABORTED MIGRATION_RUNNING (the lock stayed
// taken), and MIGRATION_FAILED with the code of the cause and metadata `file`.
absl::StatusOr<int> Up(mysql::Connection& connection, const std::vector<Migration>& migrations,
                       const UpOptions& options = {});

// The same database for migrating: statements may take up to a day.
mysql::ConnectionOptions ForMigrating(mysql::ConnectionOptions options);

enum class State {
  kPending,
  kApplied,
  // A run was cut off; the next Up carries on.
  kInterrupted,
  // Applied, but the file has changed since.
  kChanged,
  // Applied by a newer release, unknown to this one.
  kUnknown,
};
absl::string_view StateName(State state);

struct MigrationStatus {
  int version = 0;
  std::string name;
  State state = State::kPending;
  std::optional<absl::Time> applied_at;
  absl::Duration duration = absl::ZeroDuration();
};

// Where the schema stands, in order of version. Changes nothing.
absl::StatusOr<std::vector<MigrationStatus>> Status(mysql::Connection& connection,
                                                    const std::vector<Migration>& migrations);

// For servers, which accept the schema version they were built for and the next. Needs SELECT on
// `schema_migration` only. A version counts from the moment it has been applied.
// Errors: FAILED_PRECONDITION SCHEMA_VERSION, metadata `have`, `want_minimum`, `want_maximum`.
absl::Status CheckSchemaVersion(mysql::Connection& connection, int minimum, int maximum);

}  // namespace oversight::migrate
