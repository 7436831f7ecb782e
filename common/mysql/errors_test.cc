#include "common/mysql/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "common/testing/status_matchers.h"

namespace oversight::mysql {
namespace {

using ::oversight::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StatusOfError, MapsByNumber) {
  const struct {
    int number;
    absl::StatusCode code;
    const char* reason;
    bool breaks;
  } cases[] = {
      {1020, absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", false},
      {1205, absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", false},
      {1213, absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", false},
      {1040, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {1053, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {1290, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {1836, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {1927, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {2002, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {2003, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {2006, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {2013, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {2014, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {2030, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {4031, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {1062, absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY", false},
      {1451, absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", false},
      {1452, absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", false},
      {3819, absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", false},
      {4025, absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", false},
      {1969, absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT", false},
      {3024, absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT", false},
      {1366, absl::StatusCode::kInternal, "DATABASE_ERROR", false},
  };
  for (const auto& c : cases) {
    const absl::Status status = StatusOfError(c.number, "HY000", "server text");
    EXPECT_THAT(status, StatusIs(c.code, c.reason)) << c.number;
    EXPECT_EQ(ErrorNumberOf(status), c.number);
    EXPECT_EQ(BreaksSession(c.number), c.breaks) << c.number;
  }
}

TEST(StatusOfError, NamesTheConstraintAsBothServersWriteIt) {
  const struct {
    int number;
    const char* message;
    const char* constraint;
  } cases[] = {
      {1062, "Duplicate entry 'a' for key 'worker_external_id'", "worker_external_id"},
      {1062, "Duplicate entry 'a' for key 'worker.worker_external_id'", "worker_external_id"},
      {1062, "Duplicate entry 'it's 'quoted' for key 'x'' for key 'worker.PRIMARY'", "PRIMARY"},
      {1062, "no quotes at all", ""},
      {3819, "Check constraint 'session_minutes' is violated.", "session_minutes"},
      {4025, "CONSTRAINT `session_minutes` failed for `supervision`.`session`", "session_minutes"},
      {1452,
       "Cannot add or update a child row: a foreign key constraint fails (`s`.`post`, CONSTRAINT "
       "`post_worker` "
       "FOREIGN KEY (`w`) REFERENCES `worker` (`id`))",
       "post_worker"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(MetadataOf(StatusOfError(c.number, "23000", c.message), "constraint"), c.constraint)
        << c.message;
  }
}

TEST(StatusOfError, NeverRepeatsValues) {
  for (int number : {1062, 1366, 1292, 1213, 2013, 1969, 1105}) {
    const absl::Status status = StatusOfError(number, "HY000", "Incorrect value 'Zoe Smith' for key 'k'");
    EXPECT_THAT(status.ToString(), Not(HasSubstr("Zoe"))) << number;
  }
}

}  // namespace
}  // namespace oversight::mysql
