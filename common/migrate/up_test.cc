#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/migrate/migrate.h"
#include "common/migrate/record.h"
#include "common/migrate/sha256.h"
#include "common/migrate/statement_text.h"
#include "common/status/error.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::migrate {
namespace {

using mysql::Connection;
using mysql::Row;
using ::oversight::testing::IsOk;
using ::oversight::testing::IsOkAndHolds;
using ::oversight::testing::SharedMariaDb;
using ::oversight::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Ne;
using ::testing::Not;

Migration Make(int version, absl::string_view name, absl::string_view sql) {
  const StatementText text = ReadStatement(sql);
  EXPECT_THAT(text.faults, IsEmpty()) << sql;
  return {.version = version,
          .name = std::string(name),
          .file = absl::StrFormat("%04d_%s.sql", version, name),
          .sql = text.sql,
          .changes_rows = text.changes_rows,
          .checksum = Sha256Hex(sql)};
}

std::vector<Migration> Three() {
  return {Make(1, "team", "CREATE TABLE team (id INT PRIMARY KEY) ENGINE=InnoDB"),
          Make(2, "first_team", "INSERT INTO team VALUES (1)"),
          Make(3, "team_area", "ALTER TABLE team ADD COLUMN area VARCHAR(50)")};
}

class UpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    owner_ = testing::NewSchema();
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(connection_, Connection::Open(ForMigrating(owner_)));
  }

  int64_t Number(absl::string_view sql) {
    int64_t number = -1;
    EXPECT_THAT(connection_->Query(sql, {},
                                   [&](const Row& row) {
                                     number = row.Int64(0);
                                     return absl::OkStatus();
                                   }),
                IsOk());
    return number;
  }

  std::vector<std::string> States(const std::vector<Migration>& migrations) {
    std::vector<std::string> states;
    const auto statuses = Status(*connection_, migrations);
    EXPECT_THAT(statuses, IsOk());
    for (const MigrationStatus& status : *statuses) {
      states.push_back(absl::StrCat(status.version, " ", status.name, " ", StateName(status.state)));
    }
    return states;
  }

  // As if the run had ended between the record "started" and the statement, or between statement and
  // "applied".
  void CutOff(const Migration& migration, bool after_statement) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const std::string before, SchemaFingerprint(*connection_));
    OVERSIGHT_ASSERT_OK(RecordStarted(*connection_, migration, before));
    if (!after_statement) return;
    OVERSIGHT_ASSERT_OK(connection_->ExecuteText(migration.sql));
  }

  mysql::ConnectionOptions owner_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(UpTest, AppliesOnceInOrder) {
  EXPECT_THAT(States(Three()), ElementsAre("1 team pending", "2 first_team pending", "3 team_area pending"));
  std::vector<std::string> progress;
  UpOptions options;
  options.on_progress = [&](absl::string_view line) { progress.push_back(std::string(line)); };
  EXPECT_THAT(Up(*connection_, Three(), options), IsOkAndHolds(3));
  EXPECT_THAT(progress,
              ElementsAre(HasSubstr("0001_team.sql applied"), HasSubstr("0002_first_team.sql applied"),
                          HasSubstr("0003_team_area.sql applied")));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM team WHERE area IS NULL"), 1);
  EXPECT_THAT(Up(*connection_, Three()), IsOkAndHolds(0));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM team"), 1);
  EXPECT_THAT(States(Three()), ElementsAre("1 team applied", "2 first_team applied", "3 team_area applied"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto statuses, Status(*connection_, Three()));
  EXPECT_GE(statuses[0].duration, absl::ZeroDuration());
  EXPECT_LT(absl::AbsDuration(absl::Now() - *statuses[0].applied_at), absl::Minutes(10));
}

TEST_F(UpTest, StopsAtTheFirstFailureAndGoesOnOnceMended) {
  std::vector<Migration> migrations = Three();
  const Migration good = migrations[2];
  migrations[2] = Make(3, "team_area", "ALTER TABLE no_such_table ADD COLUMN area VARCHAR(50)");
  const absl::Status failed = Up(*connection_, migrations).status();
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kInternal, "MIGRATION_FAILED"));
  EXPECT_EQ(MetadataOf(failed, "file"), "0003_team_area.sql");
  EXPECT_THAT(std::string(failed.message()),
              AllOf(HasSubstr("0003_team_area.sql"), HasSubstr("no_such_table")));
  EXPECT_THAT(States(migrations),
              ElementsAre("1 team applied", "2 first_team applied", "3 team_area pending"));
  migrations[2] = good;
  EXPECT_THAT(Up(*connection_, migrations), IsOkAndHolds(1));
}

TEST_F(UpTest, AFailedChangeOfRowsLeavesNothing) {
  std::vector<Migration> migrations = Three();
  migrations[1] = Make(2, "first_team", "INSERT INTO team VALUES (5), (6), (5)");
  EXPECT_THAT(Up(*connection_, migrations), StatusIs(absl::StatusCode::kAlreadyExists, "MIGRATION_FAILED"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM team"), 0);
  EXPECT_THAT(Up(*connection_, Three()), IsOkAndHolds(2));
}

TEST_F(UpTest, RefusesAChangedHistoryWithAllFaults) {
  ASSERT_THAT(Up(*connection_, Three()), IsOk());
  std::vector<Migration> changed = Three();
  changed[0].checksum = Sha256Hex("other");
  changed[2].checksum = Sha256Hex("other");
  const absl::Status status = Up(*connection_, changed).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_CHANGED"));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("0001_team.sql"), HasSubstr("0003_team_area.sql"),
                    Not(HasSubstr("0002_first_team.sql"))));
  EXPECT_THAT(States(changed), ElementsAre("1 team changed", "2 first_team applied", "3 team_area changed"));
}

TEST_F(UpTest, RefusesAMigrationSlippedInBelowAnAppliedOne) {
  ASSERT_THAT(Up(*connection_, Three()), IsOk());
  OVERSIGHT_ASSERT_OK(connection_->ExecuteText("DELETE FROM schema_migration WHERE version = 2"));
  const absl::Status status = Up(*connection_, Three()).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_CHANGED"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("0002_first_team.sql was never applied, but 0003 was"));
}

TEST_F(UpTest, AnOlderReleaseLeavesANewerSchemaAlone) {
  ASSERT_THAT(Up(*connection_, Three()), IsOk());
  std::vector<Migration> older = Three();
  older.pop_back();
  EXPECT_THAT(Up(*connection_, older), IsOkAndHolds(0));
  EXPECT_THAT(States(older), ElementsAre("1 team applied", "2 first_team applied", "3 team_area unknown"));
}

TEST_F(UpTest, CarriesOnAfterARunThatWasCutOff) {
  const std::vector<Migration> migrations = Three();
  for (size_t i = 0; i < migrations.size(); ++i) {
    // A change of rows and its record are one transaction, so the first case is the only one there.
    const bool happened = !migrations[i].changes_rows;
    if (i == 0) {
      OVERSIGHT_ASSERT_OK(CreateRecordTable(*connection_));
      CutOff(migrations[i], false);
      EXPECT_THAT(States(migrations)[i], HasSubstr("interrupted"));
      EXPECT_THAT(Up(*connection_, {migrations[0]}), IsOkAndHolds(1));
      continue;
    }
    CutOff(migrations[i], happened);
    EXPECT_THAT(States(migrations)[i], HasSubstr("interrupted"));
    std::vector<std::string> progress;
    UpOptions options;
    options.on_progress = [&](absl::string_view line) { progress.push_back(std::string(line)); };
    EXPECT_THAT(Up(*connection_, {migrations.begin(), migrations.begin() + i + 1}, options), IsOkAndHolds(1));
    EXPECT_THAT(progress[0], HasSubstr(happened ? "had taken effect before" : "running it again"));
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM team WHERE area IS NULL"), 1);
  EXPECT_THAT(States(migrations),
              ElementsAre("1 team applied", "2 first_team applied", "3 team_area applied"));
}

TEST_F(UpTest, AFileChangedAfterItsCutOffRunTookEffectIsRefused) {
  std::vector<Migration> migrations = Three();
  ASSERT_THAT(Up(*connection_, {migrations[0], migrations[1]}), IsOk());
  CutOff(migrations[2], true);
  migrations[2].checksum = Sha256Hex("other");
  EXPECT_THAT(Up(*connection_, migrations),
              StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_FAILED"));
  EXPECT_THAT(Up(*connection_, Three()), IsOkAndHolds(1));
}

TEST_F(UpTest, TheFingerprintSeesTablesButNotRows) {
  ASSERT_THAT(connection_->ExecuteText("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)"), IsOk());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const std::string before, SchemaFingerprint(*connection_));
  ASSERT_THAT(connection_->ExecuteText("INSERT INTO t VALUES (), (), ()"), IsOk());
  EXPECT_THAT(SchemaFingerprint(*connection_), IsOkAndHolds(before));
  ASSERT_THAT(connection_->ExecuteText("CREATE INDEX twice ON t (id)"), IsOk());
  EXPECT_THAT(SchemaFingerprint(*connection_), IsOkAndHolds(Ne(before)));
}

TEST_F(UpTest, ASecondProcessWaitsAndFindsTheWorkDone) {
  absl::StatusOr<int> applied[4] = {0, 0, 0, 0};
  std::vector<std::thread> jobs;
  for (absl::StatusOr<int>& result : applied) {
    jobs.emplace_back([&] {
      auto connection = Connection::Open(ForMigrating(owner_));
      ASSERT_THAT(connection, IsOk());
      result = Up(**connection, Three());
    });
  }
  for (std::thread& job : jobs) job.join();
  int total = 0;
  for (const absl::StatusOr<int>& result : applied) {
    ASSERT_THAT(result, IsOk());
    total += *result;
  }
  EXPECT_EQ(total, 3);
}

TEST_F(UpTest, TheLockThatStaysTakenIsReported) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto other, Connection::Open(owner_));
  OVERSIGHT_ASSERT_OK(other->ExecuteText(absl::StrCat("DO GET_LOCK(CONCAT('migrate.', DATABASE()), 0)")));
  UpOptions options;
  options.lock_wait = absl::ZeroDuration();
  EXPECT_THAT(Up(*connection_, Three(), options), StatusIs(absl::StatusCode::kAborted, "MIGRATION_RUNNING"));
  other.reset();
  EXPECT_THAT(Up(*connection_, Three()), IsOkAndHolds(3));
}

TEST_F(UpTest, ServersAcceptTheirRangeOnly) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto row_user, SharedMariaDb().CreateRowUser(owner_));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto server, Connection::Open(row_user));
  const absl::Status none = CheckSchemaVersion(*server, 1, 2);
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  EXPECT_EQ(MetadataOf(none, "have"), "0");
  ASSERT_THAT(Up(*connection_, {Three()[0], Three()[1]}), IsOk());
  CutOff(Three()[2], true);
  const struct {
    int minimum, maximum;
    bool accepted;
  } cases[] = {{1, 2, true}, {2, 3, true}, {2, 2, true}, {3, 4, false}, {1, 1, false}};
  for (const auto& c : cases) {
    const absl::Status status = CheckSchemaVersion(*server, c.minimum, c.maximum);
    if (c.accepted) {
      EXPECT_THAT(status, IsOk()) << c.minimum << ".." << c.maximum;
    } else {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
      EXPECT_EQ(MetadataOf(status, "have"), "2");
      EXPECT_EQ(MetadataOf(status, "want_minimum"), absl::StrCat(c.minimum));
      EXPECT_EQ(MetadataOf(status, "want_maximum"), absl::StrCat(c.maximum));
    }
  }
}

TEST_F(UpTest, TheServersUserCannotMigrate) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto row_user, SharedMariaDb().CreateRowUser(owner_));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto server, Connection::Open(row_user));
  EXPECT_THAT(Up(*server, Three()), Not(IsOk()));
}

}  // namespace
}  // namespace oversight::migrate
