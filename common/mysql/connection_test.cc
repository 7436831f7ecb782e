#include "common/mysql/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/mysql/errors.h"
#include "common/status/error.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::mysql {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::IsOkAndHolds;
using ::oversight::testing::NewSchema;
using ::oversight::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { schema_ = new ConnectionOptions(NewSchema()); }
  static void TearDownTestSuite() { delete schema_; }

  void SetUp() override {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(connection_, Connection::Open(*schema_));
    OVERSIGHT_ASSERT_OK(connection_->ExecuteText("DROP TABLE IF EXISTS t"));
    OVERSIGHT_ASSERT_OK(connection_->ExecuteText(
        "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, signed_value BIGINT, unsigned_value BIGINT "
        "UNSIGNED, "
        "text_value VARCHAR(200), blob_value LONGBLOB, day DATE, instant DATETIME(6), "
        "UNIQUE KEY one_text (text_value), CONSTRAINT small_id CHECK (id < 1000))"));
  }

  absl::StatusOr<std::string> One(absl::string_view sql, std::vector<Value> parameters = {}) {
    std::string value;
    OVERSIGHT_RETURN_IF_ERROR(connection_->Query(sql, parameters, [&](const Row& row) {
      value = row.IsNull(0) ? "NULL" : row.Bytes(0);
      return absl::OkStatus();
    }));
    return value;
  }

  static ConnectionOptions* schema_;
  std::unique_ptr<Connection> connection_;
};

ConnectionOptions* ConnectionTest::schema_ = nullptr;

TEST_F(ConnectionTest, SessionIsSetUp) {
  EXPECT_THAT(One("SELECT @@SESSION.tx_isolation"), IsOkAndHolds("READ-COMMITTED"));
  EXPECT_THAT(One("SELECT @@SESSION.time_zone"), IsOkAndHolds("+00:00"));
  EXPECT_THAT(One("SELECT @@SESSION.sql_mode"), IsOkAndHolds(HasSubstr("STRICT_ALL_TABLES")));
  EXPECT_THAT(One("SELECT @@character_set_client"), IsOkAndHolds("utf8mb4"));
  EXPECT_THAT(One("SELECT @@collation_connection"), IsOkAndHolds("utf8mb4_bin"));
  EXPECT_THAT(One("SELECT @@autocommit"), IsOkAndHolds("1"));
  EXPECT_THAT(One("SELECT @@SESSION.innodb_lock_wait_timeout"), IsOkAndHolds("9"));
  EXPECT_THAT(One("SELECT @@SESSION.max_statement_time"), IsOkAndHolds("27.000000"));
}

TEST_F(ConnectionTest, WholeNumbersSurviveAtTheirLimits) {
  // One statement for all: the connector keeps what an earlier parameter was.
  const struct {
    int64_t signed_value;
    uint64_t unsigned_value;
  } cases[] = {{INT64_MIN, 0}, {INT64_MAX, UINT64_MAX}, {-1, uint64_t{1} << 63}, {0, INT64_MAX}, {-2, 1}};
  int64_t id = 0;
  for (const auto& c : cases) {
    ++id;
    ASSERT_THAT(connection_->Execute("INSERT INTO t (id, signed_value, unsigned_value) VALUES (?, ?, ?)",
                                     {{Value(id), Value(c.signed_value), Value(c.unsigned_value)}}),
                IsOkAndHolds(1));
    OVERSIGHT_ASSERT_OK(connection_->Query("SELECT signed_value, unsigned_value FROM t WHERE id = ?",
                                           {{Value(id)}}, [&](const Row& row) {
                                             EXPECT_EQ(row.Int64(0), c.signed_value);
                                             EXPECT_EQ(row.Uint64(1), c.unsigned_value);
                                             return absl::OkStatus();
                                           }));
  }
  // The same parameter place, once unsigned and then negative.
  const char* echo = "SELECT CAST(? AS CHAR)";
  EXPECT_THAT(One(echo, {Value(UINT64_MAX)}), IsOkAndHolds("18446744073709551615"));
  EXPECT_THAT(One(echo, {Value(int64_t{-1})}), IsOkAndHolds("-1"));
  EXPECT_THAT(One(echo, {Value(Null{})}), IsOkAndHolds("NULL"));
  EXPECT_THAT(One(echo, {Value(int64_t{7})}), IsOkAndHolds("7"));
}

TEST_F(ConnectionTest, ReadingAsTheWrongTypeIsAnErrorNotAWrongNumber) {
  auto read = [&](absl::string_view sql, auto reader) {
    return connection_->Query(sql, {}, [&](const Row& row) {
      reader(row);
      return absl::OkStatus();
    });
  };
  const auto internal = StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR");
  EXPECT_THAT(read("SELECT 'abc'", [](const Row& row) { row.Int64(0); }), internal);
  EXPECT_THAT(read("SELECT 18446744073709551615", [](const Row& row) { row.Int64(0); }), internal);
  EXPECT_THAT(read("SELECT -1", [](const Row& row) { row.Uint64(0); }), internal);
  EXPECT_THAT(read("SELECT 'abc'", [](const Row& row) { row.Day(0); }), internal);
  EXPECT_THAT(read("SELECT CAST(NULL AS DATETIME(6))", [](const Row& row) { row.Time(0); }), internal);
  EXPECT_THAT(read("SELECT 1", [](const Row& row) { row.Bytes(1); }), internal);
  EXPECT_THAT(
      read("SELECT 1, SUM(2), COUNT(*), TRUE",
           [](const Row& row) { EXPECT_EQ(row.Int64(0) + row.Int64(1) + row.Int64(2) + row.Int64(3), 5); }),
      IsOk());
  EXPECT_FALSE(connection_->broken());
}

TEST_F(ConnectionTest, TextAndBytesArriveUnchanged) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  const std::string texts[] = {"",
                               std::string("nul\0inside\0", 11),
                               "Zoë 👩‍👧 \xF0\x9F\x91\xB6",
                               "back\\slash 'quote' \"double\" `tick` ? ; -- x",
                               std::string(200, 'x'),
                               "Zoe ",
                               "zoe",
                               "Zoe"};
  int64_t id = 0;
  for (const std::string& text : texts) {
    ++id;
    const std::string blob = text + every_byte;
    ASSERT_THAT(connection_->Execute("INSERT INTO t (id, text_value, blob_value) VALUES (?, ?, ?)",
                                     {{Value(id), Value(text), Value(blob)}}),
                text == "Zoe" ? ::testing::Matcher<absl::StatusOr<int64_t>>(
                                    StatusIs(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"))
                              : ::testing::Matcher<absl::StatusOr<int64_t>>(IsOkAndHolds(1)))
        << "padding collations merge 'Zoe ' and 'Zoe'; keys that must not are VARBINARY";
    if (text == "Zoe") continue;
    OVERSIGHT_ASSERT_OK(connection_->Query("SELECT text_value, blob_value FROM t WHERE id = ?", {{Value(id)}},
                                           [&](const Row& row) {
                                             EXPECT_EQ(row.Bytes(0), text);
                                             EXPECT_EQ(row.Bytes(1), blob);
                                             return absl::OkStatus();
                                           }));
  }
}

TEST_F(ConnectionTest, LargeBlobsAlternateWithSmallOnes) {
  std::mt19937_64 random(4);
  const char* insert = "REPLACE INTO t (id, blob_value) VALUES (?, ?)";
  const char* select = "SELECT blob_value FROM t WHERE id = ?";
  for (size_t size : {size_t{4} << 20, size_t{3}, (size_t{256} << 10) - 1, size_t{256} << 10,
                      (size_t{256} << 10) + 1, size_t{0}, size_t{8} << 20, size_t{100}}) {
    std::string blob(size, '\0');
    for (char& c : blob) c = static_cast<char>(random());
    OVERSIGHT_ASSERT_OK(connection_->Execute(insert, {{Value(1), Value(blob)}}));
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const std::string read, One(select, {Value(1)}));
    EXPECT_TRUE(read == blob) << size;
    OVERSIGHT_ASSERT_OK(connection_->Execute(insert, {{Value(1), Value(Null{})}}));
    EXPECT_THAT(One(select, {Value(1)}), IsOkAndHolds("NULL"));
  }
}

TEST_F(ConnectionTest, DaysAndInstantsKeepTheirMicroseconds) {
  const absl::Time instants[] = {
      absl::FromCivil(absl::CivilSecond(2120, 2, 29, 23, 59, 59), absl::UTCTimeZone()) +
          absl::Microseconds(999999),
      absl::FromCivil(absl::CivilSecond(1950, 1, 1, 0, 0, 0), absl::UTCTimeZone()) + absl::Microseconds(1),
      absl::UnixEpoch(), absl::FromCivil(absl::CivilSecond(2026, 3, 29, 1, 30, 0), absl::UTCTimeZone()),
      absl::FromCivil(absl::CivilSecond(2026, 10, 25, 1, 30, 0), absl::UTCTimeZone()) +
          absl::Microseconds(100000)};
  const CivilDay day(2120, 2, 29);
  for (const absl::Time instant : instants) {
    OVERSIGHT_ASSERT_OK(connection_->Execute("REPLACE INTO t (id, day, instant) VALUES (1, ?, ?)",
                                             {{Value(day), Value(instant)}}));
    int rows = 0;
    OVERSIGHT_ASSERT_OK(connection_->Query("SELECT day, instant FROM t WHERE day = ? AND instant = ?",
                                           {{Value(day), Value(instant)}}, [&](const Row& row) {
                                             ++rows;
                                             EXPECT_EQ(row.Day(0), day);
                                             EXPECT_EQ(row.Time(1), instant);
                                             return absl::OkStatus();
                                           }));
    EXPECT_EQ(rows, 1);
  }
}

TEST_F(ConnectionTest, ErrorsNameTheConstraint) {
  OVERSIGHT_ASSERT_OK(connection_->Execute("INSERT INTO t (id, text_value) VALUES (1, 'Ann')", {}));
  const absl::Status duplicate =
      connection_->Execute("INSERT INTO t (id, text_value) VALUES (2, ?)", {{Value("Ann")}}).status();
  EXPECT_THAT(duplicate, StatusIs(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
  EXPECT_EQ(MetadataOf(duplicate, "constraint"), "one_text");
  EXPECT_THAT(duplicate.message(), Not(HasSubstr("Ann")));

  const absl::Status primary = connection_->Execute("INSERT INTO t (id) VALUES (1)", {}).status();
  EXPECT_EQ(MetadataOf(primary, "constraint"), "PRIMARY");

  const absl::Status check = connection_->Execute("INSERT INTO t (id) VALUES (1000)", {}).status();
  EXPECT_THAT(check, StatusIs(absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED"));
  EXPECT_EQ(MetadataOf(check, "constraint"), "small_id");
  EXPECT_FALSE(connection_->broken());
}

TEST_F(ConnectionTest, AffectedRowsAreThoseChanged) {
  EXPECT_THAT(connection_->Execute("INSERT INTO t (id, signed_value) VALUES (1, 5), (2, 5)", {}),
              IsOkAndHolds(2));
  const char* update = "UPDATE t SET signed_value = ? WHERE id <= ?";
  EXPECT_THAT(connection_->Execute(update, {{Value(5), Value(2)}}), IsOkAndHolds(0));
  EXPECT_THAT(connection_->Execute(update, {{Value(6), Value(1)}}), IsOkAndHolds(1));
  EXPECT_THAT(connection_->Execute(update, {{Value(6), Value(0)}}), IsOkAndHolds(0));
}

TEST_F(ConnectionTest, StrictModeRefusesWhatDoesNotFit) {
  EXPECT_THAT(
      connection_->Execute("INSERT INTO t (id, text_value) VALUES (1, ?)", {{Value(std::string(201, 'x'))}}),
      StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_THAT(connection_->Execute("INSERT INTO t (id, text_value) VALUES (1, ?)", {{Value("\xFF\xFE")}}),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_THAT(One("SELECT COUNT(*) FROM t"), IsOkAndHolds("0"));
}

TEST_F(ConnectionTest, WrongNumberOfParametersIsAnError) {
  for (const std::vector<Value>& parameters : {std::vector<Value>{}, std::vector<Value>{1, 2}}) {
    EXPECT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (?)", parameters),
                StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  }
  EXPECT_FALSE(connection_->broken());
}

TEST_F(ConnectionTest, ReaderMayStopAndMayQueryOtherStatements) {
  OVERSIGHT_ASSERT_OK(connection_->Execute("INSERT INTO t (id) VALUES (1), (2), (3)", {}));
  std::vector<int64_t> seen;
  const absl::Status stopped =
      connection_->Query("SELECT id FROM t ORDER BY id", {}, [&](const Row& row) -> absl::Status {
        seen.push_back(row.Int64(0));
        EXPECT_THAT(One("SELECT id + 10 FROM t WHERE id = ?", {Value(row.Int64(0))}),
                    IsOkAndHolds(absl::StrCat(row.Int64(0) + 10)));
        return seen.size() == 2 ? absl::CancelledError("enough") : absl::OkStatus();
      });
  EXPECT_THAT(stopped, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(seen, ElementsAre(1, 2));
  EXPECT_THAT(One("SELECT COUNT(*) FROM t"), IsOkAndHolds("3"));
}

TEST_F(ConnectionTest, TheSameStatementInsideItsOwnResultIsRefused) {
  OVERSIGHT_ASSERT_OK(connection_->Execute("INSERT INTO t (id) VALUES (1), (2)", {}));
  const char* sql = "SELECT id FROM t";
  absl::Status inner;
  OVERSIGHT_ASSERT_OK(connection_->Query(sql, {}, [&](const Row&) {
    inner = connection_->Query(sql, {}, [](const Row&) { return absl::OkStatus(); });
    return absl::OkStatus();
  }));
  EXPECT_THAT(inner, StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
}

TEST_F(ConnectionTest, StatementsArePreparedOnceAndBounded) {
  auto prepared = [&] {
    std::string count;
    connection_
        ->Query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'", {},
                [&](const Row& row) {
                  count = row.Bytes(1);
                  return absl::OkStatus();
                })
        .IgnoreError();
    return atoi(count.c_str());
  };
  const int before = prepared();
  for (int i = 0; i < 50; ++i) OVERSIGHT_ASSERT_OK(One("SELECT ?", {Value(i)}));
  EXPECT_EQ(prepared(), before + 1);
  for (int i = 0; i < 300; ++i) {
    EXPECT_THAT(One(absl::StrCat("SELECT ", i)), IsOkAndHolds(absl::StrCat(i)));
  }
  EXPECT_THAT(One("SELECT ?", {Value(1)}), IsOkAndHolds("1"));
  // The counting statement itself went as well.
  EXPECT_THAT(prepared(), AllOf(::testing::Ge(before + 302), ::testing::Le(before + 304)));
  EXPECT_THAT(connection_->ExecuteText("SELECT 1"), IsOk());
  EXPECT_THAT(One("SELECT 2"), IsOkAndHolds("2"));
}

TEST_F(ConnectionTest, StatementsOutliveAChangeOfTheTable) {
  OVERSIGHT_ASSERT_OK(connection_->Execute("INSERT INTO t (id) VALUES (?)", {{Value(1)}}));
  EXPECT_THAT(One("SELECT id FROM t"), IsOkAndHolds("1"));
  OVERSIGHT_ASSERT_OK(connection_->ExecuteText("ALTER TABLE t ADD COLUMN later INT NOT NULL DEFAULT 5"));
  OVERSIGHT_ASSERT_OK(connection_->Execute("INSERT INTO t (id) VALUES (?)", {{Value(2)}}));
  EXPECT_THAT(One("SELECT id FROM t ORDER BY id DESC LIMIT 1"), IsOkAndHolds("2"));
  EXPECT_THAT(One("SELECT SUM(later) FROM t"), IsOkAndHolds("10"));
}

TEST_F(ConnectionTest, AKilledSessionIsBroken) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const std::string id, One("SELECT CONNECTION_ID()"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto root, Connection::Open(testing::SharedMariaDb().RootOptions()));
  OVERSIGHT_ASSERT_OK(root->ExecuteText("KILL CONNECTION " + id));
  EXPECT_THAT(connection_->ExecuteText("DO 0"),
              StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_TRUE(connection_->broken());
}

TEST_F(ConnectionTest, AStatementThatTakesTooLongEnds) {
  ConnectionOptions impatient = *schema_;
  impatient.read_timeout = absl::Seconds(1);
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(impatient));
  EXPECT_THAT(connection->ExecuteText("SET STATEMENT max_statement_time = 0.01 FOR SELECT SLEEP(5)"),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT"));
  EXPECT_FALSE(connection->broken());
}

TEST(OpenTest, TellsWhyItCannotConnect) {
  ConnectionOptions wrong_password = NewSchema();
  wrong_password.password = "no";
  const absl::Status refused = Connection::Open(wrong_password).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_EQ(ErrorNumberOf(refused), 1045);

  ConnectionOptions nobody_there = wrong_password;
  nobody_there.port = 1;
  EXPECT_THAT(Connection::Open(nobody_there),
              StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

TEST(DurabilityTest, SafeSettingsPass) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(NewSchema()));
  EXPECT_THAT(CheckDurabilitySettings(*connection), IsOk());
}

TEST(DurabilityTest, EveryUnsafeSettingIsNamedAtOnce) {
  testing::PrivateMariaDb unsafe(
      {.arguments = {"--innodb-flush-log-at-trx-commit=2", "--log-bin=binlog", "--sync-binlog=0"}});
  OVERSIGHT_ASSERT_OK(unsafe.Start());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(unsafe.RootOptions()));
  OVERSIGHT_ASSERT_OK(connection->ExecuteText("SET SESSION sql_mode = ''"));
  const absl::Status status = CheckDurabilitySettings(*connection);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "UNSAFE_DATABASE_SETTING"));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("innodb_flush_log_at_trx_commit is 2"), HasSubstr("sync_binlog is 0"),
                    HasSubstr("sql_mode is not strict")));
}

}  // namespace
}  // namespace oversight::mysql
