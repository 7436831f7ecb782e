#include "common/migrate/statement_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oversight::migrate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ReadStatement, AcceptsOneStatement) {
  const struct {
    const char* text;
    const char* sql;
    bool changes_rows;
  } cases[] = {
      {"CREATE TABLE t (id INT)", "CREATE TABLE t (id INT)", false},
      {"create unique index i on t (a);\n", "create unique index i on t (a)", false},
      {"CREATE OR REPLACE VIEW v AS SELECT 1;", "CREATE OR REPLACE VIEW v AS SELECT 1", false},
      {"ALTER TABLE t ADD COLUMN a INT, ADD COLUMN b INT;",
       "ALTER TABLE t ADD COLUMN a INT, ADD COLUMN b INT", false},
      {"DROP TABLE t; -- gone; for good\n/* ; */ # ;", "DROP TABLE t", false},
      {"INSERT INTO t VALUES ('a;b', \"c;\\\";\", 'it''s; ok');",
       "INSERT INTO t VALUES ('a;b', \"c;\\\";\", 'it''s; ok')", true},
      {"UPDATE `odd;name` SET a = 5--1;", "UPDATE `odd;name` SET a = 5--1", true},
      {"-- why\nDELETE FROM t", "-- why\nDELETE FROM t", true},
      {"REPLACE INTO t VALUES (1)", "REPLACE INTO t VALUES (1)", true},
  };
  for (const auto& c : cases) {
    const StatementText read = ReadStatement(c.text);
    EXPECT_THAT(read.faults, IsEmpty()) << c.text;
    EXPECT_EQ(read.sql, c.sql);
    EXPECT_EQ(read.changes_rows, c.changes_rows) << c.text;
  }
}

TEST(ReadStatement, RefusesEverythingElse) {
  const struct {
    const char* text;
    const char* fault;
  } cases[] = {
      {"", "holds no statement"},
      {" -- only a comment\n;", "holds no statement"},
      {"CREATE TABLE t (id INT); DROP TABLE t", "more than one statement"},
      {"UPDATE t SET a = 'x'; ; x", "more than one statement"},
      {"CREATE TABLE t (a VARCHAR(9) DEFAULT 'x)", "quoted text is not closed"},
      {"CREATE TABLE t (a INT) /* never ends", "comment is not closed"},
      {"/*!50100 CREATE TABLE t (a INT) */", "executable comments"},
      {"CREATE TABLE t (a INT) /*M!100100 x */", "executable comments"},
      {"DROP TABLE a, b", "several things"},
      {"SET GLOBAL read_only = 0", "begins with SET"},
      {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET a = 1", "begins with CREATE"},
      {"CREATE TEMPORARY TABLE t (a INT)", "begins with CREATE"},
      {"GRANT ALL ON *.* TO root", "begins with GRANT"},
      {"CREATE", "begins with CREATE"},
  };
  for (const auto& c : cases)
    EXPECT_THAT(ReadStatement(c.text).faults, Contains(HasSubstr(c.fault))) << c.text;
}

}  // namespace
}  // namespace oversight::migrate
