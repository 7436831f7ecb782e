// How long the access log is kept, and who may shorten it.
#include "common/access/access_log_retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/access/mysql_access_log.h"
#include "common/metrics/metrics.h"
#include "common/mysql/pool.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::access {
namespace {

using oversight::testing::IsOkAndHolds;
using oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone());

class AccessLogRetentionTest : public ::testing::Test {
 protected:
  AccessLogRetentionTest() : database_(testing::NewSchema()) {
    OVERSIGHT_EXPECT_OK(testing::MigrateSchema("workforce", database_));
    connection_ = *mysql::Connection::Open(database_);
  }

  // Writes the record of a denied call of `actor` as the service does, at that time.
  void Denied(const std::string& authority, const std::string& actor, absl::Time at) {
    metrics::Registry metrics;
    mysql::Pool pool(database_, 1, &metrics);
    const oversight::testing::FakeClock clock(at);
    MysqlAccessLog log(&pool, &metrics, &clock);
    OVERSIGHT_EXPECT_OK(log.Write(
        {.authority = authority, .actor = actor, .method = "/m", .outcome = v1::AccessRecord::OUTCOME_DENIED},
        absl::InfiniteFuture()));
  }

  std::vector<std::string> Kept() {
    std::vector<std::string> actors;
    OVERSIGHT_EXPECT_OK(connection_->Query("SELECT authority, actor FROM access_log ORDER BY authority, time",
                                           {}, [&](const mysql::Row& row) {
                                             actors.push_back(absl::StrCat(row.Bytes(0), " ", row.Bytes(1)));
                                             return absl::OkStatus();
                                           }));
    return actors;
  }

  const mysql::ConnectionOptions database_;
  std::unique_ptr<mysql::Connection> connection_;
};

TEST_F(AccessLogRetentionTest, WhatIsOlderGoesInEveryAuthorityAndTheRestStays) {
  const absl::Time before = kNow - absl::Hours(24 * 365);
  Denied("kent", "user:old", before - absl::Microseconds(1));
  Denied("kent", "user:just-young-enough", before);
  Denied("devon", "user:ancient", absl::FromCivil(absl::CivilDay(1999, 1, 1), absl::UTCTimeZone()));
  Denied("devon", "user:today", kNow);
  Denied("-", "user:of-all", before - absl::Hours(1));
  EXPECT_THAT(RemoveAccessRecordsBefore(*connection_, before, 1000), IsOkAndHolds(3));
  EXPECT_THAT(Kept(), ElementsAre("devon user:today", "kent user:just-young-enough"));
  EXPECT_THAT(RemoveAccessRecordsBefore(*connection_, before, 1000), IsOkAndHolds(0));
}

TEST_F(AccessLogRetentionTest, ItGoesInBatchesEachOfWhichCounts) {
  for (int i = 0; i < 25; ++i) Denied("kent", "user:old", kNow - absl::Hours(i));
  std::vector<int64_t> seen;
  std::vector<size_t> left;
  EXPECT_THAT(RemoveAccessRecordsBefore(*connection_, kNow + absl::Hours(1), 10,
                                        [&](int64_t removed) {
                                          seen.push_back(removed);
                                          left.push_back(Kept().size());
                                        }),
              IsOkAndHolds(25));
  EXPECT_THAT(seen, ElementsAre(10, 20, 25));
  EXPECT_THAT(left, ElementsAre(15, 5, 0)) << "each is committed by itself, the oldest first";
}

TEST_F(AccessLogRetentionTest, AnExactNumberOfBatchesEnds) {
  for (int i = 0; i < 20; ++i) Denied("kent", "user:old", kNow - absl::Hours(i));
  EXPECT_THAT(RemoveAccessRecordsBefore(*connection_, kNow + absl::Hours(1), 10), IsOkAndHolds(20));
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(AccessLogRetentionTest, WhoMayOnlyReadRemovesNothing) {
  Denied("kent", "user:old", kNow);
  mysql::ConnectionOptions reader = database_;
  reader.user = absl::StrCat(database_.schema, "_r");
  const auto root = *mysql::Connection::Open(testing::SharedMariaDb().RootOptions());
  OVERSIGHT_ASSERT_OK(root->ExecuteText(
      absl::StrCat("CREATE USER '", reader.user, "'@'%' IDENTIFIED BY '", reader.password, "'")));
  OVERSIGHT_ASSERT_OK(root->ExecuteText(
      absl::StrCat("GRANT SELECT ON ", database_.schema, ".access_log TO '", reader.user, "'@'%'")));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto connection, mysql::Connection::Open(reader));
  EXPECT_THAT(RemoveAccessRecordsBefore(*connection, kNow + absl::Hours(1), 10).status(),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_THAT(Kept(), SizeIs(1));
}

}  // namespace
}  // namespace oversight::access
