#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/migrate/migrate.h"
#include "common/migrate/sha256.h"
#include "common/migrate/statement_text.h"
#include "common/status/error.h"

namespace oversight::migrate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 100;

// `0007_allocation_index.sql` -> 7, "allocation_index"; false when the file is not named so.
bool ReadFileName(absl::string_view file, Migration& migration) {
  constexpr absl::string_view kSuffix = ".sql";
  if (!absl::EndsWith(file, kSuffix) || file.size() < 4 + 1 + 1 + kSuffix.size() || file[4] != '_')
    return false;
  const absl::string_view number = file.substr(0, 4);
  const absl::string_view name = file.substr(5, file.size() - 5 - kSuffix.size());
  if (name.size() > kLongestName || !std::all_of(number.begin(), number.end(), absl::ascii_isdigit))
    return false;
  for (char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_') return false;
  }
  if (!absl::SimpleAtoi(number, &migration.version) || migration.version < 1) return false;
  migration.name = std::string(name);
  migration.file = std::string(file);
  return true;
}

void ReadMigration(const fs::path& path, std::vector<Migration>& migrations,
                   std::vector<std::string>& faults) {
  const std::string file = path.filename().string();
  Migration migration;
  if (!ReadFileName(file, migration)) {
    faults.push_back(
        absl::StrCat(file,
                     ": must be named NNNN_name.sql with a number from 0001 on and a name of a-z, "
                     "0-9 and _"));
    return;
  }
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream.is_open() || stream.bad()) {
    faults.push_back(absl::StrCat(file, ": cannot be read"));
  }
  StatementText statement = ReadStatement(text);
  for (const std::string& fault : statement.faults) faults.push_back(absl::StrCat(file, ": ", fault));
  migration.sql = std::move(statement.sql);
  migration.changes_rows = statement.changes_rows;
  migration.checksum = Sha256Hex(text);
  migrations.push_back(std::move(migration));
}

void CheckNumbers(const std::vector<Migration>& migrations, std::vector<std::string>& faults) {
  int expected = 1;
  for (size_t i = 0; i < migrations.size(); ++i) {
    const Migration& migration = migrations[i];
    if (i > 0 && migration.version == migrations[i - 1].version) {
      faults.push_back(absl::StrCat(migration.file, ": has the same number as ", migrations[i - 1].file));
      continue;
    }
    if (migration.version != expected) {
      faults.push_back(absl::StrFormat("%s: comes after a gap, %04d is missing", migration.file, expected));
    }
    expected = migration.version + 1;
  }
}

}  // namespace

absl::StatusOr<std::vector<Migration>> LoadMigrations(const std::string& directory) {
  std::vector<Migration> migrations;
  std::vector<std::string> faults;
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!absl::StartsWith(it->path().filename().string(), ".")) paths.push_back(it->path());
  }
  if (error) {
    faults.push_back(absl::StrCat("cannot read the folder ", directory, ": ", error.message()));
  } else if (paths.empty()) {
    faults.push_back(absl::StrCat("the folder ", directory, " holds no migrations"));
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) ReadMigration(path, migrations, faults);
  std::stable_sort(migrations.begin(), migrations.end(),
                   [](const Migration& a, const Migration& b) { return a.version < b.version; });
  CheckNumbers(migrations, faults);
  if (faults.empty()) return migrations;
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_MIGRATIONS",
               absl::StrCat("the migrations cannot be used:\n  ", absl::StrJoin(faults, "\n  ")));
}

}  // namespace oversight::migrate
