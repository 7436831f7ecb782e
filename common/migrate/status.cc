#include <map>

#include "absl/strings/str_cat.h"
#include "common/migrate/migrate.h"
#include "common/migrate/record.h"
#include "common/status/error.h"

namespace oversight::migrate {

absl::string_view StateName(State state) {
  switch (state) {
    case State::kPending:
      return "pending";
    case State::kApplied:
      return "applied";
    case State::kInterrupted:
      return "interrupted";
    case State::kChanged:
      return "changed";
    case State::kUnknown:
      return "unknown";
  }
  return "";
}

absl::StatusOr<std::vector<MigrationStatus>> Status(mysql::Connection& connection,
                                                    const std::vector<Migration>& migrations) {
  OVERSIGHT_ASSIGN_OR_RETURN(auto records, ReadRecords(connection));
  std::map<int, MigrationStatus> by_version;
  for (const Migration& migration : migrations) {
    by_version[migration.version] = {.version = migration.version, .name = migration.name};
  }
  for (const auto& [version, record] : records) {
    const bool known = by_version.contains(version);
    MigrationStatus& status = by_version[version];
    status.version = version;
    status.name = record.name;
    status.applied_at = record.applied_at;
    status.duration = record.duration;
    status.state = !record.applied_at.has_value() ? State::kInterrupted
                   : known                        ? State::kApplied
                                                  : State::kUnknown;
  }
  for (const Migration& migration : migrations) {
    MigrationStatus& status = by_version[migration.version];
    if (status.state == State::kApplied && records[migration.version].checksum != migration.checksum) {
      status.state = State::kChanged;
    }
  }
  std::vector<MigrationStatus> result;
  for (auto& [version, status] : by_version) result.push_back(std::move(status));
  return result;
}

absl::Status CheckSchemaVersion(mysql::Connection& connection, int minimum, int maximum) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto records, ReadRecords(connection));
  int have = 0;
  for (const auto& [version, record] : records) {
    if (record.applied_at.has_value()) have = version;
  }
  if (have >= minimum && have <= maximum) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
               absl::StrCat("the database schema has version ", have, ", this release needs ", minimum,
                            " to ", maximum,
                            have < minimum ? "; run `migrate up` of this release first"
                                           : "; run a release that knows this version"))
      .With("have", absl::StrCat(have))
      .With("want_minimum", absl::StrCat(minimum))
      .With("want_maximum", absl::StrCat(maximum));
}

}  // namespace oversight::migrate
