#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/migrate/migrate.h"
#include "common/testing/status_matchers.h"

namespace oversight::migrate {
namespace {

using ::oversight::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

class LoadTest : public ::testing::Test {
 protected:
  LoadTest() : directory_(::testing::TempDir() + "/migrations-XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~LoadTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& file, const std::string& text) {
    std::ofstream(directory_ + "/" + file, std::ios::binary) << text;
  }

  std::string directory_;
};

TEST_F(LoadTest, ReadsInOrderWithChecksums) {
  Write("0002_rows.sql", "INSERT INTO t VALUES (1);\n");
  Write("0001_table.sql", "CREATE TABLE t (id INT);\n");
  Write(".hidden", "not ours");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const std::vector<Migration> migrations, LoadMigrations(directory_));
  ASSERT_THAT(migrations,
              ElementsAre(AllOf(Field(&Migration::version, 1), Field(&Migration::name, "table"),
                                Field(&Migration::file, "0001_table.sql"),
                                Field(&Migration::sql, "CREATE TABLE t (id INT)"),
                                Field(&Migration::changes_rows, false)),
                          AllOf(Field(&Migration::version, 2), Field(&Migration::changes_rows, true))));
  // sha256sum of "CREATE TABLE t (id INT);\n"
  EXPECT_EQ(migrations[0].checksum, "1f3fb0035a049af0ffa5671f5739ba073a99aaa6d8cc6a789599c9fd9292821d");
}

TEST_F(LoadTest, NamesAllFaultsAtOnce) {
  Write("0001_a.sql", "CREATE TABLE a (id INT); CREATE TABLE b (id INT)");
  Write("0002_b.sql", "");
  Write("0002_c.sql", "CREATE TABLE c (id INT)");
  Write("0005_d.sql", "CREATE TABLE d (id INT)");
  Write("6_e.sql", "CREATE TABLE e (id INT)");
  Write("0007-f.sql", "CREATE TABLE f (id INT)");
  Write("0000_zero.sql", "CREATE TABLE z (id INT)");
  Write("0008_Upper.sql", "CREATE TABLE z (id INT)");
  Write("notes.txt", "");
  const absl::Status status = LoadMigrations(directory_).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_MIGRATIONS"));
  const std::string message(status.message());
  EXPECT_THAT(message, AllOf(HasSubstr("0001_a.sql: holds more than one statement"),
                             HasSubstr("0002_b.sql: holds no statement"),
                             HasSubstr("0002_c.sql: has the same number as 0002_b.sql"),
                             HasSubstr("0005_d.sql: comes after a gap, 0003 is missing")));
  EXPECT_THAT(message,
              AllOf(HasSubstr("6_e.sql: must be named"), HasSubstr("0007-f.sql: must be named"),
                    HasSubstr("0000_zero.sql: must be named"), HasSubstr("0008_Upper.sql: must be named"),
                    HasSubstr("notes.txt: must be named")));
  EXPECT_THAT(message, Not(HasSubstr("0002_c.sql: holds")));
}

TEST_F(LoadTest, AMissingOrEmptyFolderIsAFault) {
  EXPECT_THAT(LoadMigrations(directory_), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_MIGRATIONS"));
  EXPECT_THAT(LoadMigrations(directory_ + "/none"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_MIGRATIONS"));
}

}  // namespace
}  // namespace oversight::migrate
